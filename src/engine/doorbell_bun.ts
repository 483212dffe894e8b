/**
 * The doorbell of Bun: one end of a socket pair, which a socket of Bun's own watches. (A
 * `net.Socket` that connects to it costs a microsecond more; one made of it never says anything.)
 */

import type { Doorbell } from "./doorbell.ts";

interface BunSocket {
  ref(): void;
  unref(): void;
}

interface BunRuntime {
  connect(options: {
    readonly fd: number;
    readonly socket: Readonly<Record<string, (socket: BunSocket) => void>>;
  }): Promise<BunSocket>;
}

/** Watches a descriptor, which belongs to the doorbell from now on. */
export function openBunDoorbell(fd: number, ring: () => void): Doorbell {
  const { Bun } = globalThis as unknown as { readonly Bun: BunRuntime };
  let socket: BunSocket | undefined;
  let held = false;
  const opened = (it: BunSocket): void => {
    socket = it;
    if (!held) it.unref();
  };
  Bun.connect({ fd, socket: { open: opened, data: ring } }).then(opened);
  return {
    hold() {
      held = true;
      socket?.ref();
    },
    release() {
      held = false;
      socket?.unref();
    },
  };
}
