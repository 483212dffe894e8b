// Certificates: what the exact method writes is accepted, and what it proves is what brute force
// finds; a certificate with a defect in it is refused. Each of 1,000 has one defect, of a kind that
// makes its claim wrong or its argument incomplete, whatever it is planted into.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { plaText, random, randomFunction } from "../bench/generators.ts";
import { checkCertificate, Cover, minimize, minimizePla, RistrettoError } from "../mod.ts";

interface Proven {
  readonly cover: Cover;
  readonly certificate: string;
}

function prove(cover: Cover): Proven {
  const { certificate, stats } = minimize(cover, { method: "exact", certificate: true });
  assert(stats.optimal);
  assert(certificate !== undefined);
  return { cover, certificate };
}

function fromSeed(seed: number): Cover {
  const inputs = 4 + seed % 4;
  const outputs = 1 + seed % 3;
  return Cover.fromPla(plaText(randomFunction({ inputs, outputs, dontCares: 0.2, seed })));
}

// As many as it takes for three trees: they are rare in functions as small as these.
const proofs = Array.from({ length: 180 }, (_, seed) => prove(fromSeed(seed)));

test("certificates of the exact method are accepted, of every kind", () => {
  const kinds = new Set<string>();
  for (const { cover, certificate } of proofs) {
    const report = checkCertificate(cover, certificate);
    assert(report.minimum);
    assertEquals(report.cubes, report.lowerBound);
    assertEquals(report.cubes, minimize(cover, { method: "exact" }).stats.cubes);
    kinds.add(report.kind);
  }
  assertEquals([...kinds].sort(), ["independent", "tree", "weights"]);
});

test("a certificate is only given when it is asked for, and where the minimum is proven", () => {
  const cover = fromSeed(7);
  assertEquals(minimize(cover, { method: "exact" }).certificate, undefined);
  assertEquals(minimize(cover, { certificate: true }).certificate, undefined);
  const stopped = minimize(cover, { method: "exact", certificate: true, budget: 1 });
  assertEquals([stopped.stats.complete, stopped.certificate], [false, undefined]);
});

test("texts have certificates as well", () => {
  const text = ".i 3\n.o 1\n11- 1\n1-1 1\n011 1\n.e\n";
  const { certificate = "" } = minimizePla(text, { method: "exact", certificate: true });
  assertEquals(checkCertificate(Cover.fromPla(text), certificate).lowerBound, 3);
});

test("functions given by ON and OFF, by DC and OFF, and by OFF alone have certificates", () => {
  for (const type of ["fr", "dr", "r", "fdr"]) {
    const text = `.i 3\n.o 2\n.type ${type}\n000 01\n011 10\n101 -0\n110 0-\n111 11\n.e\n`;
    const { cover, certificate } = prove(Cover.fromPla(text));
    assert(checkCertificate(cover, certificate).minimum);
  }
});

test("constants have certificates", () => {
  for (const cover of [Cover.builder(2, 1).build(), Cover.fromRows(["-- 1"])]) {
    const proven = prove(cover);
    assert(checkCertificate(cover, proven.certificate).minimum);
  }
});

/** A defect: lines in, lines out; undefined where it does not fit. `pick`: a number below. */
type Defect = (lines: string[], pick: (below: number) => number) => string[] | undefined;

function some(lines: string[], pattern: RegExp, pick: (below: number) => number): number {
  const at = [...lines.keys()].filter((line) => pattern.test(lines[line]!));
  return at.length === 0 ? -1 : at[pick(at.length)]!;
}

/** Changes a number on some line that fits. */
function renumber(pattern: RegExp, word: number, by: (value: number) => number): Defect {
  return (lines, pick) => {
    const at = some(lines, pattern, pick);
    if (at < 0) return undefined;
    const words = lines[at]!.split(" ");
    words[word] = String(by(Number(words[word])));
    return lines.with(at, words.join(" "));
  };
}

/** A line of a section whose count is on the line that fits, by its index. */
function member(lines: string[], header: RegExp, pick: (below: number) => number): number[] {
  const at = some(lines, header, pick);
  if (at < 0) return [-1, -1];
  const words = lines[at]!.split(" ");
  const count = Number(words[words[0] === "dual" ? 3 : words[0] === "tree" ? 2 : 1]);
  return count === 0 ? [-1, -1] : [at, at + 1 + pick(count)];
}

const DEFECTS: Readonly<Record<string, Defect>> = {
  "another version": renumber(/^certificate/, 1, (value) => value + 1),
  "one input more": renumber(/^inputs/, 1, (value) => value + 1),
  "one output more": renumber(/^outputs/, 1, (value) => value + 1),
  "a cube of the cover is missing": (lines, pick) => {
    const [header, cube] = member(lines, /^cover/, pick);
    const count = Number(lines[header!]!.slice(6));
    return lines.with(header!, `cover ${count - 1}`).toSpliced(cube!, 1);
  },
  "a cube of the cover has no literal": (lines, pick) => {
    const [, cube] = member(lines, /^cover/, pick);
    const [inputs = "", outputs] = lines[cube!]!.split(" ");
    return /^-+$/.test(inputs)
      ? undefined
      : lines.with(cube!, `${"-".repeat(inputs.length)} ${outputs}`);
  },
  "an off cube is everything": (lines, pick) => {
    const [, cube] = member(lines, /^off/, pick);
    if (cube! < 0) return undefined;
    return lines.with(cube!, lines[cube!]!.replace(/[01](?=.* )/g, "-").replace(/0/g, "1"));
  },
  "a part claims more": renumber(/^(dual|tree)/, 1, (value) => value + 1),
  "a part is claimed twice": (lines, pick) => {
    const at = some(lines, /^dual/, pick);
    if (at < 0) return undefined;
    const end = at + 1 + Number(lines[at]!.split(" ")[3]);
    return lines.toSpliced(end, 0, ...lines.slice(at, end));
  },
  "a point of weight 1 is missing": (lines, pick) => {
    const [header, point] = member(lines, /^dual \d+ 1 /, pick);
    if (header! < 0) return undefined;
    const [word, need, unit, count] = lines[header!]!.split(" ");
    return lines.with(header!, `${word} ${need} ${unit} ${Number(count) - 1}`).toSpliced(point!, 1);
  },
  "a point stands twice": (lines, pick) => {
    const [header, point] = member(lines, /^dual \d+ 1 /, pick);
    if (header! < 0) return undefined;
    const [word, need, unit, count] = lines[header!]!.split(" ");
    return lines.with(header!, `${word} ${need} ${unit} ${Number(count) + 1}`)
      .toSpliced(point!, 0, lines[point!]!);
  },
  "a point is OFF": (lines, pick) => {
    const [, point] = member(lines, /^(dual|tree) \d+ [1-9]/, pick);
    const [, cube] = member(lines, /^off/, pick);
    if (point! < 0 || cube! < 0) return undefined;
    const [inputs = "", outputs = ""] = lines[cube!]!.split(" ");
    const [, , ...rest] = lines[point!]!.split(" ");
    const off = [inputs.replaceAll("-", "0"), outputs.indexOf("1"), ...rest];
    return lines.with(point!, off.join(" "));
  },
  "a weight above the unit": (lines, pick) => {
    const [header, point] = member(lines, /^dual/, pick);
    if (header! < 0) return undefined;
    const unit = Number(lines[header!]!.split(" ")[2]);
    return lines.with(point!, lines[point!]!.replace(/\d+$/, String(unit + 1)));
  },
  "an output that does not exist": (lines, pick) => {
    const [, point] = member(lines, /^dual/, pick);
    return point! < 0 ? undefined : lines.with(point!, lines[point!]!.replace(/ \d+ /, " 99 "));
  },
  "a point is a cube": (lines, pick) => {
    const [, point] = member(lines, /^(dual|tree)/, pick);
    return point! < 0 ? undefined : lines.with(point!, lines[point!]!.replace(/^./, "-"));
  },
  "a column lacks a point": (lines, pick) => {
    const at = some(lines, /^c \d+ \d+/, pick);
    return at < 0 ? undefined : lines.with(at, lines[at]!.replace(/ \d+$/, ""));
  },
  "a column is missing": (lines, pick) => {
    const at = some(lines, /^c /, pick);
    const header = lines.findLastIndex((line, index) => index < at && line.startsWith("tree"));
    if (at < 0) return undefined;
    const words = lines[header]!.split(" ");
    words[3] = String(Number(words[3]) - 1);
    return lines.with(header, words.join(" ")).toSpliced(at, 1);
  },
  "prices that are nothing": (lines, pick) => {
    const at = some(lines, /^bound \d/, pick);
    return at < 0 ? undefined : lines.with(at, "bound");
  },
  "a price far too high": (lines, pick) => {
    const at = some(lines, /^bound \d/, pick);
    return at < 0 ? undefined : lines.with(at, lines[at]!.replace(/\d+$/, "2000000000"));
  },
  "a step is missing": (lines, pick) => {
    // A bound may show what it must without a column that is forced.
    const bounds = lines.some((line) => line.startsWith("bound"));
    const step = bounds ? /^(branch|refuse|bound|done|empty|split|part)/ : /^(forced|done)/;
    const at = some(lines, step, pick);
    return at < 0 ? undefined : lines.toSpliced(at, 1);
  },
  "a step that is none": (lines, pick) => {
    const at = some(lines, /^(branch|bound|done|empty)/, pick);
    return at < 0 ? undefined : lines.with(at, "believe 1");
  },
  "an end too early": (lines, pick) => {
    const at = some(lines, /^(branch|refuse)/, pick);
    return at < 0 ? undefined : lines.toSpliced(at, 0, "done");
  },
  "cut off": (lines, pick) => lines.slice(0, 1 + pick(lines.length - 2)),
  "more after its end": (lines) => [...lines, "end"],
  "a number with a sign": renumber(/^(dual|tree|cover|off)/, 1, (value) => -value - 1),
};

test("1,000 certificates with a defect are refused", () => {
  const { below } = random(1);
  const tried = new Map<string, number>();
  const names = Object.keys(DEFECTS);
  const trees = proofs.filter(({ certificate }) => certificate.includes("\nbranch "));
  for (let count = 0; count < 1000;) {
    const name = names[below(names.length)]!;
    const from = below(2) === 0 ? trees : proofs;
    const { cover, certificate } = from[below(from.length)]!;
    const defect = DEFECTS[name]!(certificate.split("\n"), below)?.join("\n");
    if (defect === undefined || defect === certificate) continue;
    assertThrows(() => checkCertificate(cover, defect), RistrettoError, "certificate", name);
    tried.set(name, (tried.get(name) ?? 0) + 1);
    count++;
  }
  for (const name of names) assert((tried.get(name) ?? 0) >= 10, `${name}: ${tried.get(name)}`);
});

test("a certificate is about its function only", () => {
  const [first, second] = [proofs[4]!, proofs[8]!];
  assertThrows(() => checkCertificate(first.cover, second.certificate), RistrettoError);
  const more = Cover.fromRows(["11 1", "00 1"]);
  const { certificate } = prove(Cover.fromRows(["11 1"]));
  assertThrows(() => checkCertificate(more, certificate), RistrettoError, "leaves out");
});
