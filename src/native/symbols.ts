/**
 * The one table of the library's functions: every binding is made from it, and a test holds it
 * against the prototypes of c/include/ristretto.h.
 */

/** How a value crosses: `buffer` is a typed array, whose memory the function reads or writes. */
export type NativeType = "buffer" | "u32" | "i32" | "f64" | "void";

/** A function: its parameters, and what it gives. */
export interface NativeSignature {
  /** The types of its parameters, in order. */
  readonly parameters: readonly NativeType[];
  /** The type of its result. */
  readonly result: NativeType;
}

/** The functions of the library, by name. */
export const SYMBOLS = {
  rst_abi_version: { parameters: [], result: "u32" },
  rst_build_info: { parameters: ["buffer", "u32"], result: "u32" },
  rst_noop: { parameters: ["u32"], result: "u32" },
  rst_run: { parameters: ["buffer", "u32", "buffer", "u32"], result: "f64" },
  rst_take: { parameters: ["buffer", "u32"], result: "f64" },
  rst_task_start: { parameters: ["buffer", "u32"], result: "f64" },
  rst_task_poll: { parameters: ["f64", "buffer"], result: "i32" },
  rst_task_cancel: { parameters: ["f64"], result: "i32" },
  rst_task_wait: { parameters: ["f64", "u32"], result: "i32" },
  rst_task_take: { parameters: ["f64", "buffer", "u32"], result: "f64" },
  rst_task_close: { parameters: ["f64"], result: "i32" },
  rst_pool_open: {
    parameters: ["u32", "u32", "u32", "u32", "u32", "buffer", "u32"],
    result: "f64",
  },
  rst_pool_submit: { parameters: ["f64", "buffer", "u32", "u32"], result: "f64" },
  rst_pool_submit_ticket: {
    parameters: ["f64", "buffer", "u32", "u32", "f64", "u32"],
    result: "f64",
  },
  rst_pool_wait: { parameters: ["f64", "u32"], result: "i32" },
  rst_pool_poll: { parameters: ["f64", "buffer"], result: "i32" },
  rst_pool_take: { parameters: ["f64", "buffer", "u32"], result: "f64" },
  rst_pool_cancel: { parameters: ["f64"], result: "i32" },
  rst_pool_hurry: { parameters: ["f64"], result: "i32" },
  rst_pool_forget: { parameters: ["f64"], result: "i32" },
  rst_pool_wait_room: { parameters: ["f64", "u32"], result: "i32" },
  rst_pool_wait_idle: { parameters: ["f64", "u32"], result: "i32" },
  rst_pool_close: { parameters: ["f64", "u32"], result: "i32" },
  rst_pool_release: { parameters: ["f64"], result: "i32" },
  rst_pool_statistics: { parameters: ["f64", "buffer", "u32"], result: "i32" },
  rst_pool_processors: { parameters: [], result: "u32" },
  rst_pool_alive: { parameters: [], result: "f64" },
  rst_mailbox_open: { parameters: [], result: "f64" },
  rst_mailbox_drain: { parameters: ["f64", "buffer", "u32"], result: "i32" },
  rst_mailbox_arm: { parameters: ["f64"], result: "i32" },
  rst_mailbox_disarm: { parameters: ["f64"], result: "i32" },
  rst_mailbox_socket: { parameters: ["f64"], result: "i32" },
  rst_mailbox_wait: { parameters: ["f64", "u32"], result: "i32" },
  rst_mailbox_ring: { parameters: ["f64"], result: "i32" },
  rst_mailbox_post: { parameters: ["f64", "u32", "u32"], result: "i32" },
  rst_mailbox_close: { parameters: ["f64"], result: "i32" },
  rst_process_open: { parameters: ["buffer", "u32"], result: "f64" },
  rst_process_run: {
    parameters: ["f64", "buffer", "u32", "f64", "buffer", "u32", "buffer"],
    result: "f64",
  },
  rst_process_wait: {
    parameters: ["buffer", "buffer", "buffer", "u32", "buffer"],
    result: "f64",
  },
  rst_process_kept: { parameters: ["buffer", "u32"], result: "f64" },
  rst_process_submit: {
    parameters: ["f64", "buffer", "u32", "f64", "f64", "u32", "buffer"],
    result: "f64",
  },
  rst_process_cancel: { parameters: ["f64", "u32"], result: "i32" },
  rst_process_take: { parameters: ["f64", "buffer", "u32", "buffer"], result: "f64" },
  rst_process_attend: { parameters: ["f64", "u32"], result: "i32" },
  rst_process_restart: { parameters: ["f64", "u32"], result: "i32" },
  rst_process_listen: { parameters: ["f64", "f64", "u32"], result: "i32" },
  rst_process_events: { parameters: ["f64", "buffer", "u32"], result: "i32" },
  rst_process_seats: { parameters: ["f64", "buffer", "u32"], result: "i32" },
  rst_process_release: { parameters: ["f64"], result: "i32" },
  rst_process_facts: { parameters: ["f64", "buffer", "u32"], result: "i32" },
  rst_process_guards: { parameters: ["f64", "buffer", "u32"], result: "i32" },
  rst_process_groups: { parameters: ["buffer", "u32"], result: "i32" },
  rst_process_count: { parameters: [], result: "u32" },
  rst_heap_allocate: { parameters: ["f64", "u32"], result: "f64" },
  rst_heap_address: { parameters: ["f64"], result: "f64" },
  rst_heap_free: { parameters: ["f64"], result: "i32" },
  rst_heap_run: {
    parameters: ["f64", "buffer", "u32", "f64", "f64", "buffer", "buffer", "u32", "buffer"],
    result: "f64",
  },
  rst_heap_submit: {
    parameters: ["f64", "buffer", "u32", "f64", "f64", "u32", "f64", "u32", "buffer"],
    result: "f64",
  },
  rst_heap_take: { parameters: ["f64", "buffer", "buffer"], result: "f64" },
  rst_last_error: { parameters: ["buffer", "u32", "buffer"], result: "u32" },
  rst_thread_memory: { parameters: [], result: "f64" },
  rst_thread_count: { parameters: [], result: "u32" },
} as const;

/** RST_ABI_VERSION of the header that the table was made from. */
export const ABI_VERSION = 1;

type Value<Type> = Type extends "buffer" ? Uint8Array | Uint32Array : number;
type Values<Types extends readonly NativeType[]> = {
  -readonly [Index in keyof Types]: Value<Types[Index]>;
};

/** The library: its functions as JavaScript calls them. */
export type Native = {
  readonly [Name in keyof typeof SYMBOLS]: (
    ...values: Values<(typeof SYMBOLS)[Name]["parameters"]>
  ) => number;
};
