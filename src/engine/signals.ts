/**
 * The names of the signals that kill processes, by their numbers on this system (the same on x86-64
 * and arm64). Where there are no signals, the library tells the numbers of Linux.
 */

import { systemName } from "../native/runtime.ts";

const NAMES: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  10: "SIGUSR1",
  11: "SIGSEGV",
  12: "SIGUSR2",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
  31: "SIGSYS",
};

/** The numbers of macOS that are others. */
const OTHERS_OF_MACOS: Readonly<Record<number, string>> = {
  7: "SIGEMT",
  10: "SIGBUS",
  12: "SIGSYS",
  30: "SIGUSR1",
  31: "SIGUSR2",
};

/** The name of a signal. */
export function signalName(number: number): string {
  const other = systemName === "macos" ? OTHERS_OF_MACOS[number] : undefined;
  return other ?? NAMES[number] ?? `signal ${number}`;
}
