/**
 * Ristretto: two-level logic minimisation. Functions come in as covers, lists of product terms with
 * don't-cares, and go out as smaller covers of the same functions.
 *
 * @example Minimise a function
 * ```ts
 * import { Cover, minimize } from "@ristretto/espresso";
 *
 * const cover = Cover.fromFunction((a, b, c) => (a && b) || (a && !b && c) || (!a && b && c));
 * const { cover: smaller, stats } = minimize(cover);
 * console.log(smaller.toSumOfProducts()); // the three pairs of a, b and c
 * console.log(`${stats.before.cubes} cubes became ${stats.cubes}`); // 4 cubes became 3
 * ```
 *
 * The core is native code. `minimize` runs it on the calling thread; {@link createEngine} runs it
 * where you say, with the same operations.
 *
 * @module
 */

export { minimize, minimizePla, minimizeTables } from "./src/minimize.ts";
export { MinimizedTables } from "./src/operations/tables.ts";
export {
  complement,
  equivalent,
  essentialPrimes,
  explain,
  isTautology,
  minimumCovers,
  primes,
} from "./src/questions.ts";
export type { MinimumCovers } from "./src/operations/minima.ts";
export { bestOf } from "./src/best_of.ts";
export { createEngine } from "./src/engine/create.ts";
export { Cover } from "./src/cover/cover.ts";
export { checkCertificate } from "./src/certificate/check.ts";
export { CoverBuilder } from "./src/cover/builder.ts";
export { RistrettoError } from "./src/errors.ts";

export type {
  ClassOptions,
  CloseOptions,
  Engine,
  EngineOptions,
  Isolation,
  IsolationReport,
  Priority,
  RawOptions,
  RestartOptions,
} from "./src/engine/engine.ts";
export type { SpanLike, SpanOptionsLike, TracerLike } from "./src/engine/tracing.ts";
export type {
  EngineEvent,
  EventOrigin,
  KillCause,
  RecycleCause,
  WorkerName,
} from "./src/engine/events.ts";
export type {
  EnforcedLimit,
  GroupKind,
  GroupReport,
  Guard,
  GuardReport,
  WorkerLimit,
  WorkerLimits,
} from "./src/engine/limits.ts";
export type { WorkerState } from "./src/engine/metrics.ts";
export type {
  EngineStatistics,
  ThreadStatistics,
  TimeHistogram,
} from "./src/engine/pool_statistics.ts";
export type { Allocation, SetCounts } from "./src/cover/allocation.ts";
export type { CertificateReport } from "./src/certificate/check.ts";
export type { ConstantName } from "./src/cover/constant.ts";
export type { Cube, Literal } from "./src/cover/cube.ts";
export type { SetName } from "./src/cover/data.ts";
export type { Bit, Point, Value } from "./src/cover/evaluate.ts";
export type { ExpressionOptions, ExpressionStyle } from "./src/cover/expression.ts";
export type { PackedSets } from "./src/cover/lines.ts";
export type { Names } from "./src/cover/names.ts";
export type {
  FunctionOptions,
  PredicateResult,
  PredicateValue,
  TableColumn,
  TableValue,
  TruthTable,
} from "./src/cover/table.ts";
export type { ErrorCase, ErrorDetails, ErrorKind, LimitName, WorkerHealth } from "./src/errors.ts";
export type { ExplainedCube, OwnPoint } from "./src/operations/explain.ts";
export type { MinimizeResult } from "./src/operations/minimize.ts";
export type { MinimizedTable } from "./src/operations/tables.ts";
export type { PlaResult } from "./src/operations/text.ts";
export type {
  Effort,
  Method,
  MinimaOptions,
  MinimizeOptions,
  PlaOptions,
  PlaType,
  RunOptions,
  SearchOptions,
  TablesOptions,
} from "./src/options.ts";
export type { CoverSize, KernelName, Progress, Stats, StoppedBy } from "./src/stats.ts";
