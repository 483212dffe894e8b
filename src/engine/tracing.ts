/**
 * A span for each job, by the API of OpenTelemetry: an engine is given a tracer, or finds that the
 * application has registered one. Engines without one do not have this transport, so their jobs pay
 * nothing. Nothing of OpenTelemetry is loaded here: what is used of its API, which is stable since
 * 1.0, is written down below.
 *
 * @module
 */

import { invalid, RistrettoError } from "../errors.ts";
import type { Block } from "../job/block.ts";
import * as format from "../job/format.ts";
import { VERSION } from "../native/locate.ts";
import { show } from "../options.ts";
import { Observed } from "./around.ts";
import type { Isolation } from "./engine.ts";
import type { Call, Transport } from "./transport.ts";

/** What is used of the interface `Tracer` of `@opentelemetry/api`. */
export interface TracerLike {
  /** Begins a span, whose parent is what the application's context says. */
  startSpan(name: string, options?: SpanOptionsLike): SpanLike;
}

/** What is used of `SpanOptions`. */
export interface SpanOptionsLike {
  /** The kind of the span; 0 is internal. */
  kind?: number;
  /** What is known when the span begins. */
  attributes?: Record<string, string | number | boolean>;
}

/** What is used of `Span`. */
export interface SpanLike {
  /** Adds an attribute. */
  setAttribute(name: string, value: string | number | boolean): unknown;
  /** How it went; 2 is an error. */
  setStatus(status: { code: number; message?: string }): unknown;
  /** Adds an exception. */
  recordException(error: Error): unknown;
  /** Ends it. */
  end(): void;
}

/** The option, checked; without one, the tracer that the application has registered, if it has.
 * Errors: `InvalidInput`. */
export function checkTracer(value: unknown): TracerLike | undefined {
  if (value === undefined) return registeredTracer();
  if (value === false) return undefined;
  if (isTracer(value)) return value;
  const what = "a Tracer of @opentelemetry/api or false";
  throw invalid(`option tracer: expected ${what}, got ${show(value)}`);
}

function isTracer(value: unknown): value is TracerLike {
  return typeof value === "object" && value !== null &&
    typeof (value as Partial<TracerLike>).startSpan === "function";
}

/** Where every copy of `@opentelemetry/api` 1.x keeps what was registered. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/** A tracer of the provider that `trace.setGlobalTracerProvider` was given. */
function registeredTracer(): TracerLike | undefined {
  try {
    const found = (globalThis as Record<symbol, unknown>)[REGISTERED] as {
      readonly trace?: { getTracer?(name: string, version: string): unknown };
    } | undefined;
    const tracer = found?.trace?.getTracer?.("@ristretto/espresso", VERSION);
    return isTracer(tracer) ? tracer : undefined;
  } catch { // somebody else's code, without which jobs run as well
    return undefined;
  }
}

const OPERATIONS: Readonly<Record<number, string>> = {
  [format.OP_MINIMIZE]: "minimize",
  [format.OP_COMPLEMENT]: "complement",
  [format.OP_EQUIVALENT]: "equivalent",
  [format.OP_TAUTOLOGY]: "isTautology",
  [format.OP_PARSE]: "parse",
  [format.OP_PRINT]: "print",
  [format.OP_SIZE]: "size",
  [format.OP_EXPLAIN]: "explain",
  [format.OP_PRIMES]: "primes",
  [format.OP_MINIMIZE_TABLES]: "minimizeTables",
  [format.OP_ESSENTIAL]: "essentialPrimes",
  [format.OP_MINIMA]: "minimumCovers",
};
const INTERNAL = 0, ERROR = 2;

/** The transport, with a span for each job. */
export function traced(inner: Transport, tracer: TracerLike, mode: Isolation): Transport {
  return new TracedTransport(inner, tracer, mode);
}

class TracedTransport extends Observed {
  readonly #tracer: TracerLike;
  readonly #mode: Isolation;

  constructor(inner: Transport, tracer: TracerLike, mode: Isolation) {
    super(inner);
    this.#tracer = tracer;
    this.#mode = mode;
  }

  protected override begin(job: Block, call: Call): (error?: unknown) => void {
    const span = this.#span(job, call);
    return (error) => error === undefined ? span.end() : fail(span, error);
  }

  #span(job: Block, call: Call): SpanLike {
    const operation = OPERATIONS[job.words[format.HEADER_OPERATION / 4]!] ?? "job";
    const attributes: Record<string, string | number> = {
      "code.function.name": `ristretto.${operation}`,
      "ristretto.isolation": this.#mode,
      "ristretto.job.size": job.length,
    };
    if (call.class !== undefined) attributes["ristretto.class"] = call.class;
    if (call.tenant !== undefined) attributes["ristretto.tenant"] = call.tenant;
    return this.#tracer.startSpan(`ristretto ${operation}`, { kind: INTERNAL, attributes });
  }
}

/** Ends a span of a job that failed; `error.type` and the exception are as the conventions say. */
function fail(span: SpanLike, error: unknown): void {
  const known = error instanceof RistrettoError;
  span.setAttribute("error.type", known ? error.kind : "_OTHER");
  if (error instanceof Error) span.recordException(error);
  span.setStatus({ code: ERROR, message: error instanceof Error ? error.message : String(error) });
  span.end();
}
