// The model of c/ipc/ring.c and the waits of c/ipc/link.c: two slots, both sides sleep and wake,
// the producer may die at any step and is then told of by a third party.
//
// The memory is that of memory.ts. A futex wait compares memory itself, and sleeps, in one step; it
// has no time limit, so a lost wake shows as a state without a next one.

import { flushed, seenIn, type Store } from "./memory.ts";
import type { Model } from "./explore.ts";

/** Parts of the protocol that can be left out, to see that each is needed. */
export interface RingFlaws {
  readonly noProducerFence?: boolean;
  readonly noConsumerFence?: boolean;
  readonly noSecondLook?: boolean;
  readonly bellReadLate?: boolean;
  readonly bellNotRung?: boolean;
  readonly publishedEarly?: boolean;
  readonly headPublishedFirst?: boolean;
  readonly noRoomCheck?: boolean;
  readonly deathNotRung?: boolean;
  readonly noDeathCheck?: boolean;
  readonly noFullFence?: boolean;
  readonly noFullSecondLook?: boolean;
}

const SLOTS = 2;
const MESSAGES = 3;

/** Words of the shared memory. */
const TAIL = 0, HEAD = 1, SLEEPER = 2, BELL = 3, FULL_SLEEPER = 4, FULL_BELL = 5, SLOT = 6;

/** A process: where it is in its program, what it remembers, its stores on their way. */
interface Side {
  readonly pc: number;
  readonly own: number;
  readonly other: number;
  readonly seen: number;
  readonly buffer: readonly Store[];
}

/** A state of the whole. */
export interface RingState {
  readonly memory: readonly number[];
  readonly producer: Side;
  readonly consumer: Side;
  /** 0 lives, 1 died, 2 known, 3 bell changed, 4 told. */
  readonly death: number;
  readonly wrong?: string;
}

const DONE = 90, DEAD = 91, TOLD = 92;

type Name = "producer" | "consumer";
type Next = readonly [string, RingState];

/** The model, with flaws or without; `mortal`: the producer may die. */
export function ringModel(flaws: RingFlaws, mortal: boolean): Model<RingState> {
  const side: Side = { pc: 0, own: 0, other: 0, seen: 0, buffer: [] };
  return {
    initial: {
      memory: Array.from({ length: SLOT + SLOTS }, () => 0),
      producer: side,
      consumer: side,
      death: 0,
    },
    wrong: (state) => state.wrong,
    mayEnd: ({ consumer, producer }) =>
      consumer.pc === TOLD ||
      consumer.pc === DONE && (producer.pc === DONE || producer.pc === DEAD),
    *next(state) {
      yield* flushes(state, "producer");
      yield* flushes(state, "consumer");
      yield* producerSteps(state, flaws);
      yield* consumerSteps(state, flaws);
      yield* deathSteps(state, flaws, mortal);
    },
  };
}

/** One store of a buffer reaches memory. */
function* flushes(state: RingState, name: Name): Iterable<Next> {
  for (const { memory, buffer } of flushed(state.memory, state[name].buffer)) {
    yield [`${name}: store reaches memory`, { ...go(state, name, { buffer }), memory }];
  }
}

function load(state: RingState, name: Name, word: number): number {
  return seenIn(state.memory, state[name].buffer, word);
}

function go(state: RingState, name: Name, changes: Partial<Side>): RingState {
  return { ...state, [name]: { ...state[name], ...changes } };
}

function store(
  state: RingState,
  name: Name,
  [word, value, release]: Store,
  changes: Partial<Side>,
): RingState {
  const buffer = [...state[name].buffer, [word, value, release] as const];
  return go(state, name, { ...changes, buffer });
}

/** Wakes who sleeps on a word: the side whose program counter says so. */
function wake(state: RingState, sleeper: Name, asleep: number): RingState {
  return state[sleeper].pc === asleep ? go(state, sleeper, { pc: asleep + 1 }) : state;
}

const ASLEEP = 40;

/** The steps after a publication: fence, look for a sleeper, take its flag, ring, wake. */
function* ringing(
  state: RingState,
  name: Name,
  base: number,
  after: number,
  [flag, bell]: readonly [number, number],
  { noFence, bellNotRung }: { noFence?: boolean | undefined; bellNotRung?: boolean | undefined },
): Iterable<Next> {
  const { pc, buffer } = state[name];
  const peer: Name = name === "producer" ? "consumer" : "producer";
  switch (pc - base) {
    case 0:
      if (noFence || buffer.length === 0) yield [`${name}: fence`, go(state, name, { pc: pc + 1 })];
      break;
    case 1: {
      const there = load(state, name, flag);
      yield [`${name}: sleeper ${there}`, go(state, name, { pc: there ? pc + 1 : after })];
      break;
    }
    case 2: {
      if (buffer.length > 0) break;
      const there = state.memory[flag]!;
      const taken = { ...state, memory: state.memory.with(flag, 0) };
      yield [`${name}: takes flag`, go(taken, name, { pc: there ? pc + 1 : after })];
      break;
    }
    case 3: {
      if (buffer.length > 0) break;
      const value = state.memory[bell]! + (bellNotRung ? 0 : 1);
      const rung = { ...state, memory: state.memory.with(bell, value) };
      yield [`${name}: bell`, go(rung, name, { pc: pc + 1 })];
      break;
    }
    default:
      yield [`${name}: wake`, go(wake(state, peer, ASLEEP), name, { pc: after })];
  }
}

/** ipc_send of all messages. `own` is the tail, `other` the head that was seen. */
function* producerSteps(state: RingState, flaws: RingFlaws): Iterable<Next> {
  const name = "producer";
  const { pc, own, other, seen, buffer } = state.producer;
  const step = (label: string, changes: Partial<Side>): Next => [
    `producer: ${label}`,
    go(state, name, changes),
  ];
  if (pc >= 10 && pc < 15) {
    const flags = { noFence: flaws.noProducerFence, bellNotRung: flaws.bellNotRung };
    yield* ringing(state, name, 10, 0, [SLEEPER, BELL], flags);
    return;
  }
  switch (pc) {
    case 0:
      if (own === MESSAGES) yield step("done", { pc: DONE });
      else if (own - other < SLOTS || flaws.noRoomCheck) yield step("room", { pc: 2 });
      else yield step("looks for room", { pc: 1 });
      break;
    case 1: {
      const head = load(state, name, HEAD);
      yield step(`head ${head}`, { other: head, pc: own - head === SLOTS ? 20 : 2 });
      break;
    }
    case 2:
      if (flaws.publishedEarly) {
        yield ["producer: publishes", store(state, name, [TAIL, own + 1, 1], { pc: 3 })];
      } else {
        const slot = SLOT + own % SLOTS;
        yield ["producer: fills", store(state, name, [slot, own + 1, 0], { pc: 3 })];
      }
      break;
    case 3:
      if (flaws.publishedEarly) {
        const slot = SLOT + own % SLOTS;
        yield ["producer: fills", store(state, name, [slot, own + 1, 0], { pc: 10, own: own + 1 })];
      } else {
        const publish: Store = [TAIL, own + 1, 1];
        yield ["producer: publishes", store(state, name, publish, { pc: 10, own: own + 1 })];
      }
      break;
    case 20:
      yield step("reads bell", { seen: load(state, name, FULL_BELL), pc: 21 });
      break;
    case 21:
      yield ["producer: will sleep", store(state, name, [FULL_SLEEPER, 1, 0], { pc: 22 })];
      break;
    case 22:
      if (flaws.noFullFence || buffer.length === 0) yield step("fence", { pc: 23 });
      break;
    case 23: {
      const full = flaws.noFullSecondLook || own - load(state, name, HEAD) === SLOTS;
      yield step(full ? "still full" : "room after all", { pc: full ? 24 : 26 });
      break;
    }
    case 24:
      if (state.memory[FULL_BELL] === seen) yield step("sleeps", { pc: ASLEEP });
      else yield step("bell has changed", { pc: 26 });
      break;
    case 26:
    case ASLEEP + 1:
      yield ["producer: sleeps no more", store(state, name, [FULL_SLEEPER, 0, 0], { pc: 1 })];
  }
}

/** ipc_recv of all messages. `own` is the head. */
function* consumerSteps(state: RingState, flaws: RingFlaws): Iterable<Next> {
  const name = "consumer";
  const { pc, own, seen, buffer } = state.consumer;
  const step = (label: string, changes: Partial<Side>): Next => [
    `consumer: ${label}`,
    go(state, name, changes),
  ];
  if (pc >= 10 && pc < 15) {
    yield* ringing(state, name, 10, 0, [FULL_SLEEPER, FULL_BELL], {});
    return;
  }
  switch (pc) {
    case 0: {
      const tail = load(state, name, TAIL);
      if (own === MESSAGES) yield step("done", { pc: DONE });
      else yield step(`tail ${tail}`, { pc: tail === own ? 20 : flaws.headPublishedFirst ? 2 : 1 });
      break;
    }
    case 1: {
      const value = load(state, name, SLOT + own % SLOTS);
      const after = go(state, name, { pc: flaws.headPublishedFirst ? 10 : 2 });
      const index = flaws.headPublishedFirst ? own : own + 1;
      if (value === index) yield [`consumer: takes ${value}`, after];
      else yield ["consumer: takes", { ...after, wrong: `took ${value} instead of ${index}` }];
      break;
    }
    case 2: {
      const publish: Store = [HEAD, own + 1, 1];
      const changes = flaws.headPublishedFirst ? { pc: 3 } : { pc: 10, own: own + 1 };
      yield ["consumer: publishes", store(state, name, publish, changes)];
      break;
    }
    case 3: {
      const value = load(state, name, SLOT + own % SLOTS);
      const after = go(state, name, { pc: 10, own: own + 1 });
      if (value === own + 1) yield [`consumer: takes ${value}`, after];
      else yield ["consumer: takes", { ...after, wrong: `took ${value} instead of ${own + 1}` }];
      break;
    }
    case 20:
      if (state.death >= 2) yield step("is told of the death", { pc: TOLD });
      else yield step("goes to sleep", { pc: flaws.bellReadLate ? 22 : 21 });
      break;
    case 21:
      yield step("reads bell", {
        seen: load(state, name, BELL),
        pc: flaws.bellReadLate ? 26 : 22,
      });
      break;
    case 22:
      yield ["consumer: will sleep", store(state, name, [SLEEPER, 1, 0], { pc: 23 })];
      break;
    case 23:
      if (flaws.noConsumerFence || buffer.length === 0) yield step("fence", { pc: 24 });
      break;
    case 24: {
      const empty = flaws.noSecondLook || load(state, name, TAIL) === own;
      yield step(empty ? "still empty" : "something after all", { pc: empty ? 25 : 27 });
      break;
    }
    case 25: {
      const dead = state.death >= 2 && !flaws.noDeathCheck;
      yield step(dead ? "a death" : "no death", { pc: dead ? 27 : flaws.bellReadLate ? 21 : 26 });
      break;
    }
    case 26:
      if (state.memory[BELL] === seen) yield step("sleeps", { pc: ASLEEP });
      else yield step("bell has changed", { pc: 27 });
      break;
    case 27:
    case ASLEEP + 1:
      yield ["consumer: sleeps no more", store(state, name, [SLEEPER, 0, 0], { pc: 0 })];
  }
}

/** The producer dies; a third party sets `gone`, changes the bell and wakes. */
function* deathSteps(state: RingState, flaws: RingFlaws, mortal: boolean): Iterable<Next> {
  const { pc } = state.producer;
  switch (state.death) {
    case 0:
      if (mortal && pc !== DONE) {
        yield ["the producer dies", { ...go(state, "producer", { pc: DEAD }), death: 1 }];
      }
      break;
    case 1:
      yield ["gone is set", { ...state, death: flaws.deathNotRung ? 4 : 2 }];
      break;
    case 2: {
      const memory = state.memory.with(BELL, state.memory[BELL]! + 1);
      yield ["the death rings", { ...state, memory, death: 3 }];
      break;
    }
    case 3:
      yield ["the death wakes", { ...wake(state, "consumer", ASLEEP), death: 4 }];
  }
}
