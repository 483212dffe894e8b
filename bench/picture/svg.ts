// Hand-written SVG: the few shapes that the pictures are made of, in colours that follow the
// reader's choice of light or dark. A picture is one file that needs nothing else.

/** A series: whose figures they are; the style sheet has a colour for each. */
export type Series = "fast" | "default" | "high" | "espresso" | "strong" | "other";

const style = `
  svg { --back: #ffffff; --text: #1c2128; --quiet: #57606a; --grid: #d8dee4; --fast: #0969da;
    --default: #1a7f37; --high: #8250df; --espresso: #cf222e; --strong: #bc6a00; --other: #6e7781; }
  @media (prefers-color-scheme: dark) { svg { --back: #0d1117; --text: #e6edf3; --quiet: #9aa4ae;
    --grid: #30363d; --fast: #58a6ff; --default: #3fb950; --high: #bc8cff; --espresso: #ff7b72;
    --strong: #e3a03b; --other: #8b949e; } }
  .back { fill: var(--back); } text { fill: var(--text); font: 12px system-ui, sans-serif; }
  .title { font-size: 16px; font-weight: 600; } .quiet { fill: var(--quiet); font-size: 11px; }
  .grid { stroke: var(--grid); stroke-width: 1; } .mark { stroke: var(--quiet); stroke-width: 1; }
  .end { text-anchor: end; } .middle { text-anchor: middle; }
  .line { fill: none; stroke-width: 2; }
`;
const names: readonly Series[] = ["fast", "default", "high", "espresso", "strong", "other"];
const colours = names.map((name) =>
  `  .${name} { --own: var(--${name}); } circle.${name} { fill: var(--own); } ` +
  `.line.${name} { stroke: var(--own); }\n`
).join("");

/** The file of a picture. */
export function svg(
  { width, height, title, description }: {
    readonly width: number;
    readonly height: number;
    readonly title: string;
    readonly description: string;
  },
  shapes: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
    `height="${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<desc>${escape(description)}</desc>`,
    `<style>${style}${colours}</style>`,
    `<rect class="back" width="${width}" height="${height}"/>`,
    text(16, 26, title, "title"),
    text(16, 44, description, "quiet"),
    ...shapes,
    "</svg>",
    "",
  ].join("\n");
}

function escape(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Words; `kind` are classes of the style sheet. */
export function text(x: number, y: number, words: string, kind = ""): string {
  return `<text class="${kind}" x="${at(x)}" y="${at(y)}">${escape(words)}</text>`;
}

/** A straight line: `grid`, or `mark` for one that matters. */
export function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return `<line class="${kind}" x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}"/>`;
}

/** A point of a series; what it stands for shows under the pointer. */
export function dot(x: number, y: number, series: Series, words: string, radius = 4): string {
  return `<circle class="${series}" cx="${at(x)}" cy="${at(y)}" r="${radius}">` +
    `<title>${escape(words)}</title></circle>`;
}

/** Points of a series in a row. */
export function path(points: readonly (readonly [number, number])[], series: Series): string {
  const d = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${at(x)} ${at(y)}`).join("");
  return `<path class="line ${series}" d="${d}"/>`;
}

/** The names of the series, side by side. */
export function legend(
  x: number,
  y: number,
  entries: readonly (readonly [Series, string])[],
): string[] {
  let left = x;
  return entries.flatMap(([series, name]) => {
    const shapes = [dot(left + 5, y - 4, series, name, 5), text(left + 15, y, name)];
    left += 34 + name.length * 6.6;
    return shapes;
  });
}

/** A scale: where a value is, and the values that the grid shows. */
export interface Scale {
  place(value: number): number;
  readonly ticks: readonly number[];
}

/** A logarithmic scale over whole decades, at least one. */
export function logScale(values: readonly number[], from: number, to: number): Scale {
  const known = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...known)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...known)) - 1e-9));
  return {
    place: (value) => from + (Math.log10(value) - low) / (high - low) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
  };
}

/** A scale in equal steps from 0. */
export function linearScale(most: number, from: number, to: number): Scale {
  const raw = most / 6;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= raw) ?? 10);
  const end = Math.ceil(most / step) * step;
  return {
    place: (value) => from + value / end * (to - from),
    ticks: Array.from({ length: Math.round(end / step) + 1 }, (_, i) => i * step),
  };
}
