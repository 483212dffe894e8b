// The model of c/isolate/collect.c: a thread has two jobs for one worker, the second of which waits
// for the first. It looks for replies by itself, until it goes to sleep at any time, or does
// something else until no job waits. Then the supervisor is to take them, which sleeps until the
// worker rings. To the first job the worker answers first that it needs memory, so three messages
// are answered. With a mishap the worker ends at any moment; or it hangs, and the jobs' time is
// over.
//
// Properties, each of which some flaw below breaks:
//   settled once       no reply is taken twice, no job settled twice
//   no lost wake       while a job is not settled, something can happen that leads to its end
//
// The memory is that of memory.ts. A step under the crew's lock is one step unless it looks at what
// the worker writes; taking the lock is a fence. Not modelled: how the worker sleeps (ring.ts has
// it), what becomes of jobs whose worker has ended, but that they are settled (worker.ts), letters
// that are lost (c/pool/mailbox.c).

import type { Model } from "./explore.ts";
import { flushed, seenIn, type Store } from "./memory.ts";

/** Parts of the protocol that can be left out, to see that each is needed. */
export interface AttendFlaws {
  readonly noAskFence?: boolean;
  readonly noWorkerFence?: boolean;
  readonly noSecondLook?: boolean;
  readonly notAsked?: boolean;
  readonly noHurry?: boolean;
  readonly notHeld?: boolean;
  readonly endUntold?: boolean;
  readonly timeUntold?: boolean;
}

/** What happens to the worker. Each by itself: one would make good what is lost without it. */
export type AttendMishap = "none" | "ends" | "late";

const JOBS = 2, MESSAGES = 3;
/** The message whose answer asks for memory. */
const GROWS = 1;
const REQUESTS = 0, REPLIES = 1, DOORBELL = 2;

const TOP = 0, SEND = 1, LEAVE = 2, ASK = 3, FENCE = 4, LOOK = 5, COLLECT = 6, TAKE = 7, ASLEEP = 8;

/** The worker, once it has ended or hangs. */
const ENDED = 5;

/** What a thread does once it has asked. */
type After = "leaves" | "sleeps" | "hurries";

interface Thread {
  readonly pc: number;
  readonly after: After;
  /** The reply that it takes. */
  readonly takes: number;
  readonly buffer: readonly Store[];
}

interface Worker {
  readonly pc: number;
  readonly taken: number;
  readonly buffer: readonly Store[];
}

type Name = "reader" | "supervisor";

/** A state of the whole. */
export interface AttendState {
  readonly memory: readonly number[];
  readonly reader: Thread;
  readonly supervisor: Thread;
  readonly worker: Worker;
  readonly lock: Name | "";
  /** `buried`: its worker has ended, others serve. */
  readonly seat: "idle" | "held" | "async" | "buried";
  /** Messages that were sent, and answers that were taken. */
  readonly sent: number;
  readonly head: number;
  readonly attended: boolean;
  readonly queued: number;
  readonly submitted: number;
  /** The supervisor was told that there is something to see. */
  readonly rung: boolean;
  /** Its worker's end is there to be heard; was heard. */
  readonly ending: boolean;
  readonly reaped: boolean;
  /** The jobs' time is over; the supervisor sleeps no longer than that. */
  readonly late: boolean;
  readonly timer: boolean;
  readonly letter: boolean;
  readonly stalled: boolean;
  readonly settled: readonly number[];
}

type Next = readonly [string, AttendState];

const resting: Thread = { pc: TOP, after: "leaves", takes: 0, buffer: [] };

/** The model, with flaws or without. */
export function attendModel(flaws: AttendFlaws, mishap: AttendMishap): Model<AttendState> {
  return {
    initial: {
      memory: [0, 0, 0],
      ...{ reader: resting, supervisor: resting, worker: { pc: 0, taken: 0, buffer: [] } },
      ...{ lock: "", seat: "idle", sent: 0, head: 0, attended: false, queued: 0, submitted: 0 },
      ...{ rung: false, ending: false, reaped: false, late: false, timer: false },
      ...{ letter: false, stalled: false, settled: [0, 0] },
    },
    wrong: ({ settled }) => settled.some((n) => n > 1) ? "settled twice" : undefined,
    mayEnd: ({ settled }) => settled.every((n) => n === 1),
    *next(state) {
      for (const name of ["reader", "supervisor", "worker"] as const) {
        for (const { memory, buffer } of flushed(state.memory, state[name].buffer)) {
          const side = { ...state[name], buffer };
          yield [`${name}: store reaches memory`, { ...state, memory, [name]: side }];
        }
      }
      yield* workerSteps(state, flaws);
      const end = { worker: { ...state.worker, pc: ENDED } };
      if (mishap !== "none" && state.worker.pc !== ENDED) {
        yield ["worker: comes to its end", { ...state, ...end, ending: mishap === "ends" }];
      }
      if (mishap === "late" && !state.late) yield ["time: is over", { ...state, late: true }];
      yield* readerSteps(state, flaws);
      yield* supervisorSteps(state, flaws);
    },
  };
}

function go(state: AttendState, name: Name, changes: Partial<Thread>): AttendState {
  return { ...state, [name]: { ...state[name], ...changes } };
}

/** send_reply of worker_main.c. */
function* workerSteps(state: AttendState, flaws: AttendFlaws): Iterable<Next> {
  const { worker, memory } = state;
  const { pc, taken, buffer } = worker;
  const step = (label: string, changes: Partial<Worker>): Next => [
    `worker: ${label}`,
    { ...state, worker: { ...worker, ...changes } },
  ];
  switch (pc) {
    case 0:
      if (seenIn(memory, buffer, REQUESTS) > taken) {
        yield step("takes", { pc: 1, taken: taken + 1 });
      }
      break;
    case 1:
      yield step("answers", { pc: 2, buffer: [...buffer, [REPLIES, taken, 1]] });
      break;
    case 2:
      if (flaws.noWorkerFence || buffer.length === 0) yield step("fence", { pc: 3 });
      break;
    case 3: {
      const asked = seenIn(memory, buffer, DOORBELL) === taken;
      yield step(asked ? "is asked" : "is not asked", { pc: asked ? 4 : 0 });
      break;
    }
    case ENDED:
      break;
    default: {
      const [label, after] = step("rings", { pc: 0 });
      yield [label, { ...after, rung: true }];
    }
  }
}

/** The worker has ended, or its time: its job is settled as failed, one that waits by another. */
function bury(state: AttendState): AttendState {
  const { sent, seat, queued } = state;
  const runs = seat !== "async" ? -1 : sent === MESSAGES ? 1 : 0;
  const settled = state.settled.map((n, job) => n + Number(job === runs || (queued && job === 1)));
  return { ...state, seat: "buried", letter: true, queued: 0, settled };
}

/** What both threads do: with a seat that they hold, or under the lock. */
function* seatSteps(state: AttendState, name: Name, flaws: AttendFlaws): Iterable<Next> {
  const { pc, buffer, takes, after } = state[name];
  const { memory, head, sent, lock, queued, settled } = state;
  const drained = buffer.length === 0;
  switch (pc) {
    case SEND: {
      const store: Store = [REQUESTS, sent + 1, 1];
      const side = { pc: LEAVE, buffer: [...buffer, store] };
      yield [`${name}: sends`, { ...go(state, name, side), sent: sent + 1 }];
      break;
    }
    case LEAVE:
      if (lock === "" && drained) {
        const ask = !flaws.notAsked && (!state.attended || queued > 0);
        const left = {
          ...state,
          ...{ seat: "async" as const, lock: ask ? name : "" as const },
          ...{ rung: state.rung || (state.reaped && !flaws.endUntold) },
          timer: state.timer || name === "supervisor" || !flaws.timeUntold,
        };
        if (name === "supervisor" && (state.reaped || state.late)) {
          yield ["supervisor: buries", go(bury({ ...left, lock: "" }), name, { pc: TOP })];
          break;
        }
        yield [`${name}: leaves`, go(left, name, { pc: ask ? ASK : TOP, after: "leaves" })];
      }
      break;
    case ASK: {
      const store: Store = [DOORBELL, sent, 0];
      yield [`${name}: asks`, go(state, name, { pc: FENCE, buffer: [...buffer, store] })];
      break;
    }
    case FENCE:
      if (flaws.noAskFence || drained) yield [`${name}: fence`, go(state, name, { pc: LOOK })];
      break;
    case LOOK: {
      const there = seenIn(memory, buffer, REPLIES) !== head && !flaws.noSecondLook;
      if (!drained && !flaws.noAskFence) break;
      const free = { ...state, lock: "" as const };
      if (after === "sleeps") {
        const held = { ...free, seat: there ? "held" as const : state.seat };
        const pcAfter = there ? COLLECT : ASLEEP;
        yield [`${name}: ${there ? "has" : "sleeps"}`, go(held, name, { pc: pcAfter })];
      } else {
        const told = { ...free, rung: state.rung || there };
        yield [`${name}: looks once more`, go(told, name, { pc: TOP })];
      }
      break;
    }
    case COLLECT: {
      const there = seenIn(memory, buffer, REPLIES) !== head;
      const side = there ? { pc: TAKE, takes: head + 1 } : { pc: LEAVE };
      yield [`${name}: ${there ? "a reply" : "no reply"}`, go(state, name, side)];
      break;
    }
    case TAKE:
      if (takes === GROWS) {
        yield [`${name}: grants`, { ...go(state, name, { pc: SEND }), head: takes }];
      } else if (lock === "" && drained) {
        const job = takes === MESSAGES ? 1 : 0;
        const done = {
          ...state,
          ...{ head: takes, letter: true, settled: settled.with(job, settled[job]! + 1) },
        };
        if (state.reaped) {
          yield [`${name}: settles, gives up`, go(bury(done), name, { pc: TOP })];
          break;
        }
        const next = { seat: queued ? "held" as const : "idle" as const, queued: 0 };
        yield [`${name}: settles`, go({ ...done, ...next }, name, { pc: queued ? SEND : TOP })];
      }
  }
}

/** A reply that is there, by the reader's or the supervisor's look. */
function held(state: AttendState, name: Name, flaws: AttendFlaws): AttendState {
  return go({ ...state, seat: flaws.notHeld ? "async" : "held" }, name, { pc: COLLECT });
}

function* readerSteps(state: AttendState, flaws: AttendFlaws): Iterable<Next> {
  const { reader, lock, seat, submitted, queued, memory, letter } = state;
  if (reader.pc === ASLEEP) {
    if (letter || submitted < JOBS) {
      yield ["reader: wakes", { ...go(state, "reader", { pc: TOP }), letter: false }];
    }
    return;
  }
  if (reader.pc !== TOP) {
    yield* seatSteps(state, "reader", flaws);
    return;
  }
  if (lock !== "" || reader.buffer.length > 0) return;
  if (state.stalled && queued > 0) return;
  if (state.stalled) {
    yield ["reader: is back", { ...state, stalled: false }];
    return;
  }
  if (submitted < JOBS) {
    const more = { ...state, submitted: submitted + 1 };
    const ask = seat === "async" && state.attended && !flaws.noHurry;
    if (seat === "buried") {
      const settled = state.settled.with(submitted, state.settled[submitted]! + 1);
      yield ["reader: submits to another", { ...more, letter: true, settled }];
    } else if (seat === "idle") {
      yield ["reader: submits", go({ ...more, seat: "held" }, "reader", { pc: SEND })];
    } else if (ask) {
      const hurries = { ...more, queued: 1, lock: "reader" as const };
      yield ["reader: queues", go(hurries, "reader", { pc: ASK, after: "hurries" })];
    } else yield ["reader: queues", { ...more, queued: 1 }];
  }
  const there = seat === "async" && !state.reaped && memory[REPLIES] !== state.head;
  const looking = { ...state, attended: true, letter: false };
  yield ["reader: looks", there ? held(looking, "reader", flaws) : looking];
  const sleepy = { ...state, attended: false };
  if (seat !== "async" || state.reaped) {
    yield ["reader: sleeps", go(sleepy, "reader", { pc: ASLEEP })];
  } else {
    const asks = { ...sleepy, lock: "reader" as const };
    yield ["reader: goes to sleep", go(asks, "reader", { pc: ASK, after: "sleeps" })];
  }
  if (queued > 0) yield ["reader: does something else", { ...state, stalled: true }];
}

function* supervisorSteps(state: AttendState, flaws: AttendFlaws): Iterable<Next> {
  const { supervisor, lock, seat, rung, ending, late, timer } = state;
  if (supervisor.pc !== TOP) {
    yield* seatSteps(state, "supervisor", flaws);
  } else if ((rung || ending || (late && timer)) && lock === "" && supervisor.buffer.length === 0) {
    const reaped = state.reaped || ending;
    const heard = { ...state, rung: false, ending: false, reaped, timer: seat === "async" };
    const idle = seat === "idle" && reaped ? bury(heard) : heard;
    yield ["supervisor: hears", seat === "async" ? held(heard, "supervisor", flaws) : idle];
  }
}
