// The model of a worker's life: c/isolate/worker.c on the host's side, worker_main.c, and what the
// supervisor does when a worker dies (tend.c). A host has two jobs, one after the other. It talks
// to its worker over two rings of two slots each, on both of which the other side may sleep.
//
// What may happen, at every step: the worker dies, the supervisor learns of it, tells the host and
// starts another; the deadline of a job strikes once. A worker may also lie, once: repeat its last
// reply. And the last reply of a dead one may turn up in the ring of its successor: the
// implementation gives each worker regions of its own, so that it cannot, and the epoch holds
// should they ever be used again. A search takes some of these mishaps at a time (Mishaps), as all
// together are three million states.
//
// Properties, each of which some flaw below breaks:
//   settled once       no job is settled twice
//   own answer         a job gets no other job's answer, and none of another epoch
//   no lost wake       while a job is not settled, something can happen that leads to its end
//   no double take     a job is taken once, unless its worker died; a worker takes what was sent
//   just blame         a job is said to have killed its worker only when that had taken it
//
// The memory is that of memory.ts; stores of a worker that dies on their way are lost. Not
// modelled: a full ring (ring.ts has it), results that do not fit, the handshake, several callers
// (a lock hands a worker from one to the next), time.

import type { Model } from "./explore.ts";
import { flushed, seenIn, type Store } from "./memory.ts";

/** Parts of the protocol that can be left out, to see that each is needed. */
export interface WorkerFlaws {
  readonly noHostFence?: boolean;
  readonly noWorkerFence?: boolean;
  readonly noHostSleepFence?: boolean;
  readonly noWorkerSleepFence?: boolean;
  readonly noHostSecondLook?: boolean;
  readonly noWorkerSecondLook?: boolean;
  readonly noEpochTest?: boolean;
  readonly noSequenceTest?: boolean;
  readonly noDeathTest?: boolean;
  readonly noDeathTestAsleep?: boolean;
  readonly deathNotRung?: boolean;
  readonly noBegunTest?: boolean;
  readonly noSettledTest?: boolean;
  readonly restartedWhileHeld?: boolean;
}

/** What may go wrong in one search. */
export interface Mishaps {
  /** How often the worker may die by itself. */
  readonly deaths: number;
  /** A deadline may strike. */
  readonly deadline?: boolean;
  /** The worker may repeat its last reply. */
  readonly lie?: boolean;
  /** The last reply of a dead worker may turn up. */
  readonly stray?: boolean;
}

const JOBS = 2, SLOTS = 2;

// Words of a ring, and where the two rings are.
const TAIL = 0, HEAD = 1, SLEEPER = 2, BELL = 3, SLOT = 4, WORDS = 6;
const REQUESTS = 0, REPLIES = WORDS;

// Messages are numbers: epoch, sequence number, job.
const message = (epoch: number, sequence: number, job: number): number =>
  100 * epoch + 10 * sequence + job;
const epochOf = (m: number): number => Math.floor(m / 100);
const sequenceOf = (m: number): number => Math.floor(m / 10) % 10;
const jobOf = (m: number): number => m % 10;

interface Side {
  readonly pc: number;
  readonly tail: number;
  readonly head: number;
  readonly seen: number;
  /** The host: the job; the worker: the message that it answers, then its last reply. */
  readonly value: number;
  readonly buffer: readonly Store[];
}

/** A state of the whole. */
export interface WorkerState {
  readonly memory: readonly number[];
  readonly host: Side;
  readonly worker: Side;
  readonly epoch: number;
  readonly sequence: number;
  readonly gone: number;
  /** The supervisor: 0 the worker lives, or is not known to be dead; then its steps. */
  readonly stage: number;
  readonly deaths: number;
  readonly lied: number;
  readonly late: number;
  /** A reply of a dead worker that may turn up; 0 = none. */
  readonly stray: number;
  /** How often each job was settled. */
  readonly settled: readonly number[];
  /** Whether the worker of this epoch took each job; for the properties alone. */
  readonly taken: readonly number[];
  readonly wrong?: string;
}

type Name = "host" | "worker";
type Next = readonly [string, WorkerState];

const IDLE = 0, RINGS = 10, LOOKS = 20, ASLEEP = 40, DONE = 90, DEAD = 91;
const fresh: Side = { pc: IDLE, tail: 0, head: 0, seen: 0, value: 0, buffer: [] };

/** The model, with flaws or without. */
export function workerModel(flaws: WorkerFlaws, mishaps: Mishaps): Model<WorkerState> {
  return {
    initial: {
      memory: Array.from({ length: 2 * WORDS }, () => 0),
      host: fresh,
      worker: fresh,
      ...{ epoch: 1, sequence: 0, gone: 0, stage: 0, deaths: 0, lied: 0, late: 0, stray: 0 },
      settled: [0, 0],
      taken: [0, 0],
    },
    wrong: ({ wrong, settled }) =>
      wrong ?? (settled.some((n) => n > 1) ? "settled twice" : undefined),
    mayEnd: ({ host }) => host.pc === DONE,
    *next(state) {
      if (state.host.pc === DONE) return;
      for (const [step, after] of allSteps(state, flaws, mishaps)) yield [step, simplest(after)];
    },
  };
}

function* allSteps(state: WorkerState, flaws: WorkerFlaws, mishaps: Mishaps): Iterable<Next> {
  yield* flushes(state, "host");
  yield* flushes(state, "worker");
  yield* hostSteps(state, flaws);
  yield* workerSteps(state, flaws);
  yield* supervisorSteps(state, flaws);
  yield* mishapSteps(state, mishaps);
}

/** The same state without what nobody will look at again: bells that nobody has read. */
function simplest(state: WorkerState): WorkerState {
  const { host, worker } = state;
  let { memory } = state;
  const reads = ({ pc }: Side, first: number): boolean =>
    (pc > first && pc < first + 6) || pc === ASLEEP;
  let simple = state;
  if (!reads(host, LOOKS + 3)) {
    if (memory[REPLIES + BELL]) memory = memory.with(REPLIES + BELL, 0);
    if (host.seen) simple = go(simple, "host", { seen: 0 });
  }
  if (!reads(worker, LOOKS)) {
    if (memory[REQUESTS + BELL]) memory = memory.with(REQUESTS + BELL, 0);
    if (worker.seen) simple = go(simple, "worker", { seen: 0 });
  }
  return memory === state.memory ? simple : { ...simple, memory };
}

function* flushes(state: WorkerState, name: Name): Iterable<Next> {
  for (const { memory, buffer } of flushed(state.memory, state[name].buffer)) {
    yield [`${name}: store reaches memory`, { ...go(state, name, { buffer }), memory }];
  }
}

function load(state: WorkerState, name: Name, word: number): number {
  return seenIn(state.memory, state[name].buffer, word);
}

function go(state: WorkerState, name: Name, changes: Partial<Side>): WorkerState {
  return { ...state, [name]: { ...state[name], ...changes } };
}

function put(
  state: WorkerState,
  name: Name,
  store: Store,
  changes: Partial<Side>,
): WorkerState {
  return go(state, name, { ...changes, buffer: [...state[name].buffer, store] });
}

function wake(state: WorkerState, name: Name): WorkerState {
  return state[name].pc === ASLEEP ? go(state, name, { pc: ASLEEP + 1 }) : state;
}

/** After a publication: fence, look for a sleeper, take its flag, change the bell, wake. */
function* ringing(
  state: WorkerState,
  name: Name,
  ring: number,
  noFence: boolean | undefined,
): Iterable<Next> {
  const { pc, buffer } = state[name];
  const peer: Name = name === "host" ? "worker" : "host";
  const after = name === "host" ? LOOKS : IDLE;
  const drained = buffer.length === 0;
  const { memory } = state;
  switch (pc - RINGS) {
    case 0:
      if (noFence || drained) yield [`${name}: fence`, go(state, name, { pc: pc + 1 })];
      break;
    case 1: {
      const there = load(state, name, ring + SLEEPER);
      yield [`${name}: sleeper ${there}`, go(state, name, { pc: there ? pc + 1 : after })];
      break;
    }
    case 2:
      if (drained) {
        const pcAfter = memory[ring + SLEEPER] ? pc + 1 : after;
        const taken = { ...state, memory: memory.with(ring + SLEEPER, 0) };
        yield [`${name}: takes flag`, go(taken, name, { pc: pcAfter })];
      }
      break;
    case 3:
      if (drained) {
        const rung = { ...state, memory: memory.with(ring + BELL, memory[ring + BELL]! + 1) };
        yield [`${name}: bell`, go(rung, name, { pc: pc + 1 })];
      }
      break;
    default:
      yield [`${name}: wakes`, go(wake(state, peer), name, { pc: after })];
  }
}

interface Sleep {
  readonly ring: number;
  readonly first: number;
  readonly noFence: boolean | undefined;
  readonly noSecondLook: boolean | undefined;
  readonly gone: boolean;
  readonly after: number;
}

/** From the bell to the sleep and out of it: steps `first` to `first` + 6. */
function* sleeping(state: WorkerState, name: Name, how: Sleep): Iterable<Next> {
  const { pc, head, seen, buffer } = state[name];
  const { ring, first, after } = how;
  const step = (label: string, changes: Partial<Side>): Next => [
    `${name}: ${label}`,
    go(state, name, changes),
  ];
  switch (pc === ASLEEP + 1 ? 6 : pc - first) {
    case 0:
      yield step("reads bell", { seen: load(state, name, ring + BELL), pc: pc + 1 });
      break;
    case 1:
      yield [`${name}: will sleep`, put(state, name, [ring + SLEEPER, 1, 0], { pc: pc + 1 })];
      break;
    case 2:
      if (how.noFence || buffer.length === 0) yield step("fence", { pc: pc + 1 });
      break;
    case 3: {
      const empty = how.noSecondLook || load(state, name, ring + TAIL) === head;
      yield step(empty ? "still empty" : "something after all", { pc: empty ? pc + 1 : first + 6 });
      break;
    }
    case 4:
      yield step(how.gone ? "a death" : "no death", { pc: how.gone ? first + 6 : pc + 1 });
      break;
    case 5:
      if (state.memory[ring + BELL] === seen) yield step("sleeps", { pc: ASLEEP });
      else yield step("bell has changed", { pc: first + 6 });
      break;
    case 6:
      yield [`${name}: sleeps no more`, put(state, name, [ring + SLEEPER, 0, 0], { pc: after })];
  }
}

/** The job of the host is over: the seat is given back. */
function settle(state: WorkerState, flaws: WorkerFlaws): WorkerState {
  const job = state.host.value;
  const again = state.settled[job]! > 0 && !flaws.noSettledTest;
  const settled = again ? state.settled : state.settled.with(job, state.settled[job]! + 1);
  return { ...go(state, "host", { pc: IDLE, value: job + 1 }), settled };
}

function kill(state: WorkerState): WorkerState {
  if (state.worker.pc === DEAD) return state;
  return { ...go(state, "worker", { pc: DEAD, buffer: [] }), stage: Math.max(state.stage, 1) };
}

/** iso_worker_give, then iso_worker_wait. */
function* hostSteps(state: WorkerState, flaws: WorkerFlaws): Iterable<Next> {
  const { host, epoch, sequence, settled } = state;
  const { pc, tail, head, value: job } = host;
  const step = (label: string, changes: Partial<Side>): Next => [
    `host: ${label}`,
    go(state, "host", changes),
  ];
  if (pc >= RINGS && pc < RINGS + 5) {
    yield* ringing(state, "host", REQUESTS, flaws.noHostFence);
    return;
  }
  const dead = state.gone === 1;
  if ((pc >= LOOKS + 3 && pc < LOOKS + 10) || pc === ASLEEP + 1) {
    yield* sleeping(state, "host", {
      ...{ ring: REPLIES, first: LOOKS + 3, after: LOOKS, gone: dead && !flaws.noDeathTestAsleep },
      ...{ noFence: flaws.noHostSleepFence, noSecondLook: flaws.noHostSecondLook },
    });
    return;
  }
  switch (pc) {
    case IDLE:
      if (job === JOBS) yield step("done", { pc: DONE });
      else if (settled[job]) yield step("has nothing to ask", { value: job + 1 });
      else if (state.stage <= 1) {
        yield ["host: takes the seat", { ...go(state, "host", { pc: 1 }), sequence: sequence + 1 }];
      }
      break;
    case 1: {
      const request = message(epoch, sequence, job);
      const slot = REQUESTS + SLOT + tail % SLOTS;
      yield ["host: fills", put(state, "host", [slot, request, 0], { pc: 2 })];
      break;
    }
    case 2: {
      const store: Store = [REQUESTS + TAIL, tail + 1, 1];
      yield ["host: publishes", put(state, "host", store, { pc: RINGS, tail: tail + 1 })];
      break;
    }
    case LOOKS: {
      const there = load(state, "host", REPLIES + TAIL) !== head;
      yield step(there ? "a reply" : "no reply", { pc: there ? LOOKS + 1 : LOOKS + 2 });
      break;
    }
    case LOOKS + 1:
      yield takeReply(state, flaws);
      break;
    case LOOKS + 2:
      if (dead && !flaws.noDeathTest) yield crash(state, flaws);
      else yield step("goes to sleep", { pc: LOOKS + 3 });
  }
}

/** check_reply: what is not the answer to this job, of this worker, ends the worker. */
function takeReply(state: WorkerState, flaws: WorkerFlaws): Next {
  const { host, epoch, sequence } = state;
  const reply = load(state, "host", REPLIES + SLOT + host.head % SLOTS);
  const store: Store = [REPLIES + HEAD, host.head + 1, 1];
  const took = put(state, "host", store, { head: host.head + 1 });
  const sameEpoch = epochOf(reply) === epoch;
  const fits = (sameEpoch || flaws.noEpochTest) &&
    (sequenceOf(reply) === sequence || flaws.noSequenceTest);
  if (fits) {
    const after = settle(took, flaws);
    const own = sameEpoch && jobOf(reply) === host.value;
    if (own) return ["host: is answered", after];
    return ["host: is answered", { ...after, wrong: `job ${host.value} got ${reply}` }];
  }
  const before = sameEpoch && sequenceOf(reply) === sequence - 1;
  if (before) return ["host: an old reply", go(kill(took), "host", { pc: IDLE })];
  return ["host: a violation", settle(kill(took), flaws)];
}

/** The worker is gone: the job died with it, or never began and is given to the next. */
function crash(state: WorkerState, flaws: WorkerFlaws): Next {
  const begun = load(state, "host", REQUESTS + HEAD) === state.host.tail;
  if (!begun && !flaws.noBegunTest) {
    const again = state.settled[state.host.value] ? 1 : 0;
    const value = state.host.value + again;
    return ["host: not begun, once more", go(state, "host", { pc: IDLE, value })];
  }
  const after = settle(state, flaws);
  if (state.taken[state.host.value]) return ["host: crashed", after];
  return ["host: crashed", { ...after, wrong: "blamed for what it has not done" }];
}

/** main of worker_main.c. `value` is the message that it answers. */
function* workerSteps(state: WorkerState, flaws: WorkerFlaws): Iterable<Next> {
  const { worker, taken } = state;
  const { pc, tail, head, value } = worker;
  const step = (label: string, changes: Partial<Side>): Next => [
    `worker: ${label}`,
    go(state, "worker", changes),
  ];
  if (pc >= RINGS && pc < RINGS + 5) {
    yield* ringing(state, "worker", REPLIES, flaws.noWorkerFence);
    return;
  }
  if ((pc >= LOOKS && pc < LOOKS + 7) || pc === ASLEEP + 1) {
    yield* sleeping(state, "worker", {
      ...{ ring: REQUESTS, first: LOOKS, after: IDLE, gone: false },
      ...{ noFence: flaws.noWorkerSleepFence, noSecondLook: flaws.noWorkerSecondLook },
    });
    return;
  }
  switch (pc) {
    case IDLE: {
      const there = load(state, "worker", REQUESTS + TAIL) !== head;
      yield step(there ? "a request" : "no request", { pc: there ? 1 : LOOKS });
      break;
    }
    case 1: {
      const request = load(state, "worker", REQUESTS + SLOT + head % SLOTS);
      const job = jobOf(request);
      const store: Store = [REQUESTS + HEAD, head + 1, 1];
      const changes = { pc: 2, head: head + 1, value: request };
      const after = put({ ...state, taken: taken.with(job, 1) }, "worker", store, changes);
      if (taken[job] || epochOf(request) !== state.epoch) {
        yield ["worker: takes", { ...after, wrong: `took ${request} twice, or too late` }];
      } else yield [`worker: takes ${request}`, after];
      break;
    }
    case 2: {
      const slot = REPLIES + SLOT + tail % SLOTS;
      yield ["worker: fills", put(state, "worker", [slot, value, 0], { pc: 3 })];
      break;
    }
    case 3: {
      const store: Store = [REPLIES + TAIL, tail + 1, 1];
      yield ["worker: publishes", put(state, "worker", store, { pc: RINGS, tail: tail + 1 })];
    }
  }
}

/** reap, ipc_link_ring, bury, start. */
function* supervisorSteps(state: WorkerState, flaws: WorkerFlaws): Iterable<Next> {
  const { stage, host, memory, stray } = state;
  const step = (label: string, changes: Partial<WorkerState>): Next => [
    `supervisor: ${label}`,
    { ...state, ...changes },
  ];
  switch (stage) {
    case 1:
      yield step("gone", { gone: 1, stage: flaws.deathNotRung ? 4 : 2 });
      break;
    case 2: {
      const bell = REPLIES + BELL;
      yield step("changes the bell", { memory: memory.with(bell, memory[bell]! + 1), stage: 3 });
      break;
    }
    case 3:
      yield ["supervisor: wakes", { ...wake(state, "host"), stage: 4 }];
      break;
    case 4:
      // Not while somebody holds the seat. What its last holder wrote has reached memory: the lock
      // that the seat was given back under is a fence.
      if (flaws.restartedWhileHeld || (host.pc === IDLE && host.buffer.length === 0)) {
        const { value, pc } = host;
        yield ["supervisor: starts another", {
          ...state,
          memory: memory.map(() => 0),
          host: { ...fresh, value, pc },
          worker: fresh,
          ...{ epoch: state.epoch + 1, sequence: 0, gone: 0, stage: 0, stray },
          taken: [0, 0],
        }];
      }
  }
}

/** Deaths, a deadline, a lie, a reply from beyond. */
function* mishapSteps(state: WorkerState, may: Mishaps): Iterable<Next> {
  const { worker, host, deaths, memory, stray } = state;
  const alive = worker.pc !== DEAD;
  if (alive && deaths < may.deaths) {
    const last = may.stray && worker.value ? worker.value : stray;
    yield ["the worker dies", { ...kill(state), deaths: deaths + 1, stray: last }];
  }
  const running = host.pc !== IDLE && host.pc !== DONE;
  if (may.deadline && running && !state.late && !state.settled[host.value]) {
    const settled = state.settled.with(host.value, 1);
    yield ["the deadline strikes", { ...kill(state), settled, late: 1 }];
  }
  if (may.lie && alive && worker.pc === IDLE && worker.value && !state.lied) {
    yield ["the worker repeats itself", { ...go(state, "worker", { pc: 2 }), lied: 1 }];
  }
  if (stray && epochOf(stray) < state.epoch && memory[REPLIES + TAIL] === 0) {
    const after = memory.with(REPLIES + SLOT, stray).with(REPLIES + TAIL, 1);
    yield ["a reply from beyond", { ...state, memory: after, stray: 0 }];
  }
}
