// Times, sizes and counts as people type and read them: `1.5s`, `64M`, `2e6`; `12,345`, `3.2 ms`.

const durations: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

const sizes: Readonly<Record<string, number>> = Object.fromEntries([
  ["b", 1],
  ...["k", "m", "g"].flatMap((letter, i): [string, number][] => [
    [letter, 1024 ** (i + 1)],
    [`${letter}ib`, 1024 ** (i + 1)],
    [`${letter}b`, 1000 ** (i + 1)],
  ]),
]);

function parse(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:_\d+)*(?:\.\d+)?(?:e\d+)?) *([a-z]*)$/i.exec(text);
  if (match === null) return undefined;
  const [, number = "", unit = ""] = match;
  const factor = unit === "" ? 1 : units[unit.toLowerCase()];
  if (factor === undefined) return undefined;
  const value = Number(number.replaceAll("_", "")) * factor;
  return Number.isFinite(value) ? value : undefined;
}

/** Milliseconds: a bare number counts them, or `us`, `ms`, `s`, `m`, `h` follows. */
export function parseDuration(text: string): number | undefined {
  return parse(text, durations);
}

/** Bytes: a bare number counts them; `K`, `KiB` are 1024, `KB` is 1000, and so on with M and G. */
export function parseSize(text: string): number | undefined {
  const value = parse(text, sizes);
  return value === undefined ? undefined : wholeNumber(Math.floor(value));
}

/** A whole number; `1_000_000` and `1e6` are allowed. */
export function parseCount(text: string): number | undefined {
  const value = parse(text, {});
  return value === undefined ? undefined : wholeNumber(value);
}

function wholeNumber(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

/** `1,234,567`: the same everywhere, whatever the locale. */
export function formatCount(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A time at three digits or so: `0.043 ms`, `12.3 ms`, `4.56 s`, `3 min 20 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return `${ms.toFixed(3)} ms`;
  if (ms < 1000) return `${ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.floor(seconds - minutes * 60)} s`;
}

/** A number of bytes: `812 B`, `34.5 KiB`, `1.2 MiB`. */
export function formatSize(bytes: number): string {
  let [value, unit] = [bytes, "B"];
  for (const next of ["KiB", "MiB", "GiB"]) {
    if (value < 1024) break;
    [value, unit] = [value / 1024, next];
  }
  return `${unit === "B" ? value : value.toFixed(1)} ${unit}`;
}
