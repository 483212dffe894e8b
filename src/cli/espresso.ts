// The vocabulary of Berkeley's espresso: what its users type, what of it is offered here, and what
// is known but not offered yet (which is another complaint than a word that nobody knows).

import type { Effort, PlaType } from "../options.ts";

/** What a run does with its files. */
export type Command = "minimize" | "echo" | "primes" | "essential" | "tautology" | "verify";

/** `-D` words that are offered. */
export const commands: Readonly<Record<string, Command>> = {
  espresso: "minimize",
  exact: "minimize",
  echo: "echo",
  so: "minimize",
  single_output: "minimize",
  so_both: "minimize",
  primes: "primes",
  essen: "essential",
  taut: "tautology",
  verify: "verify",
};

/** `-D` words of espresso that are not offered yet. */
export const laterCommands: readonly string[] = (
  "many qm signature simplify opo opoall pair pairall check stats " +
  "PLAverify equiv map mapdc fsm contain d1merge d1merge_in disjoint dsharp sharp intersect " +
  "union xor minterms separate expand gasp irred make_sparse reduce super_gasp " +
  "lexsort test"
).split(" ");

/** Types of PLA text: f the ON set, d the don't-cares, r the OFF set. */
export const plaTypes: Readonly<Record<string, PlaType>> = {
  f: "f",
  r: "r",
  d: "d",
  fd: "fd",
  fr: "fr",
  dr: "dr",
  fdr: "fdr",
};

/** `-o` words of espresso that are not offered yet. */
export const laterOutputs: readonly string[] = (
  "fc rc dc fdc frc drc fdrc cons scons pleasure eqn eqntott kiss"
).split(" ");

/** `-e` words that are offered, and the effort they mean; eat and eatdots ask for what we do. */
export const efforts: Readonly<Record<string, Effort | undefined>> = {
  fast: "fast",
  strong: "high",
  eat: undefined,
  eatdots: undefined,
};

/** `-e` words of espresso that are not offered yet. */
export const laterEfforts: readonly string[] = "kiss ness nirr nunwrap onset pos random".split(" ");

/** Spellings that espresso still takes from its older releases. */
export const oldSpellings: Readonly<Record<string, string>> = { "-do": "-D", "-out": "-o" };
