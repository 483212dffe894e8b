// Hand-written SVG: the few shapes that the pictures are made of, in colours that follow the
// reader's choice of light or dark. A picture is one file that needs nothing else.

/** A series: whose figures they are; the style sheet has a colour for each. */
export type Series = "fast" | "default" | "high" | "espresso" | "strong" | "other" | "extra";

const style = `
  svg { --back: #ffffff; --text: #1c2128; --quiet: #57606a; --grid: #d8dee4; --fast: #0969da;
    --default: #1a7f37; --high: #8250df; --espresso: #cf222e; --strong: #bc6a00; --other: #6e7781;
    --extra: #0f7f8c; }
  @media (prefers-color-scheme: dark) { svg { --back: #0d1117; --text: #e6edf3; --quiet: #9aa4ae;
    --grid: #30363d; --fast: #58a6ff; --default: #3fb950; --high: #bc8cff; --espresso: #ff7b72;
    --strong: #e3a03b; --other: #8b949e; --extra: #3dc1cf; } }
  .back { fill: var(--back); } text { fill: var(--text); font: 12px system-ui, sans-serif; }
  .title { font-size: 16px; font-weight: 600; } .group { font-weight: 600; }
  .quiet { fill: var(--quiet); font-size: 11px; }
  .grid { stroke: var(--grid); stroke-width: 1; } .mark { stroke: var(--quiet); stroke-width: 1; }
  .end { text-anchor: end; } .middle { text-anchor: middle; }
  .line { fill: none; stroke-width: 2; } .wide { stroke-width: 6; stroke-linecap: round; }
  .faint { opacity: 0.4; } .dashed { stroke-dasharray: 5 4; }
`;
const names: readonly Series[] = [
  "fast",
  "default",
  "high",
  "espresso",
  "strong",
  "other",
  "extra",
];
const colours = names.map((name) =>
  `  .${name} { --own: var(--${name}); } circle.${name}, rect.${name} { fill: var(--own); } ` +
  `circle.hollow.${name} { fill: var(--back); stroke: var(--own); stroke-width: 2; } ` +
  `.line.${name} { stroke: var(--own); } .area.${name} { fill: var(--own); fill-opacity: 0.35; ` +
  `stroke: var(--own); stroke-width: 1.5; }\n`
).join("");

/** The style sheet of all pictures, for a page that holds several: {@link inline}. */
export const pictureStyle: string = `${style}${colours}`;

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

/** A picture without its style sheet, for a page that has it once. */
export function inline(picture: string): string {
  return picture.replace(/<style>[^]*?<\/style>\n?/, "");
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
export function dot(
  x: number,
  y: number,
  series: Series,
  words: string,
  radius = 4,
  kind = "",
): string {
  return `<circle class="${`${kind} ${series}`.trim()}" cx="${at(x)}" cy="${
    at(y)
  }" r="${radius}">` +
    `<title>${escape(words)}</title></circle>`;
}

/** Points of a series in a row. */
export function path(points: readonly (readonly [number, number])[], series: Series): string {
  const d = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${at(x)} ${at(y)}`).join("");
  return `<path class="line ${series}" d="${d}"/>`;
}

/** A bar. */
export function bar(
  { x, y, width, height, words, kind }: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly words: string;
    /** Its series, and other classes. */
    readonly kind: string;
  },
): string {
  return `<rect class="${kind}" x="${at(x)}" y="${at(y)}" width="${at(Math.max(1, width))}" ` +
    `height="${at(height)}" rx="2"><title>${escape(words)}</title></rect>`;
}

/** A filled outline of a series. */
export function area(
  points: readonly (readonly [number, number])[],
  series: Series,
  words: string,
): string {
  const d = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${at(x)} ${at(y)}`).join("");
  return `<path class="area ${series}" d="${d}Z"><title>${escape(words)}</title></path>`;
}

/** An entry of a legend: a series, its name, and `hollow` for a ring in place of a dot. */
export type LegendEntry = readonly [series: Series, name: string, kind?: string];

/** The names of the series, side by side, and in further lines where they do not fit. */
export function legend(
  x: number,
  y: number,
  entries: readonly LegendEntry[],
  right = Infinity,
): string[] {
  let [left, base] = [x, y];
  return entries.flatMap(([series, name, kind = ""]) => {
    const width = 34 + name.length * 6.6;
    if (left > x && left + width > right) [left, base] = [x, base + 18];
    const shapes = [
      dot(left + 5, base - 4, series, name, kind === "hollow" ? 4 : 5, kind),
      text(left + 15, base, name),
    ];
    left += width;
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

/** A scale in equal steps from 0, which are whole numbers of a unit where they are above it. */
export function linearScale(most: number, from: number, to: number, unit = 1): Scale {
  const raw = most / unit / 6;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = unit * power * ([1, 2, 5, 10].find((each) => each * power >= raw) ?? 10);
  const end = Math.ceil(most / step) * step;
  return {
    place: (value) => from + value / end * (to - from),
    ticks: Array.from({ length: Math.round(end / step) + 1 }, (_, i) => i * step),
  };
}
