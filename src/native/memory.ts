/**
 * Native memory as an ArrayBuffer, without a copy. This is the one thing that Deno allows only with
 * a grant for all libraries (`--allow-ffi`).
 */

import { RistrettoError } from "../errors.ts";
import { deno, isPermitted, node, runtimeName } from "./runtime.ts";

interface BunMemory {
  toArrayBuffer(address: number, offset: number, length: number): ArrayBuffer;
}

interface DenoMemory {
  readonly UnsafePointer: { create(address: bigint): unknown };
  readonly UnsafePointerView: { getArrayBuffer(pointer: unknown, length: number): ArrayBuffer };
}

/** Why memory cannot be seen here; `undefined` where it can. */
export function viewRefusal(): string | undefined {
  if (runtimeName === "bun") return undefined;
  if (runtimeName !== "deno") return "views of native memory need Bun or Deno";
  return isPermitted({ name: "ffi" })
    ? undefined
    : "views of native memory need the permission for all of them: run with --allow-ffi";
}

/** The bytes at an address, which must stay there as long as the buffer is not detached. */
export function memoryAt(address: number, length: number): ArrayBuffer {
  const refusal = viewRefusal();
  if (refusal !== undefined) throw new RistrettoError("Unavailable", refusal);
  if (deno !== undefined) {
    const { UnsafePointer, UnsafePointerView } = deno as unknown as DenoMemory;
    return UnsafePointerView.getArrayBuffer(UnsafePointer.create(BigInt(address)), length);
  }
  bun ??= node!.getBuiltinModule("bun:ffi") as BunMemory;
  return bun.toArrayBuffer(address, 0, length);
}

let bun: BunMemory | undefined;
