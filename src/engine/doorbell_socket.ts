/**
 * The doorbell of Deno and Node: one end of a socket pair as a `net.Socket`. It needs no permission
 * beyond that for the library.
 */

import type { Doorbell } from "./doorbell.ts";

interface NetSocket {
  on(event: "data" | "error", listener: () => void): void;
  ref(): void;
  unref(): void;
}

interface NetModule {
  readonly Socket: new (options: object) => NetSocket;
}

/** Watches a descriptor, which belongs to the doorbell from now on. */
export function openSocketDoorbell(fd: number, ring: () => void): Doorbell {
  const { process } = globalThis as unknown as {
    readonly process: { getBuiltinModule(name: string): unknown };
  };
  const { Socket } = process.getBuiltinModule("node:net") as NetModule;
  const socket = new Socket({ fd, readable: true, writable: false });
  socket.on("data", ring);
  socket.on("error", ring); // then there are no more rings, but also no reason not to look
  socket.unref();
  return { hold: () => socket.ref(), release: () => socket.unref() };
}
