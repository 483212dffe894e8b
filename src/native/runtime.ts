/**
 * What this library asks of a runtime, beside foreign calls: which one it is, what may be read.
 * Nothing here ever makes a runtime ask its user for a permission.
 */

/** A runtime that there is a binding for. */
export type RuntimeName = "bun" | "deno" | "node";

interface DenoStatus {
  readonly state: "granted" | "prompt" | "denied";
}

/** A permission as Deno describes it. */
export type DenoPermission =
  | { readonly name: "env"; readonly variable: string }
  | { readonly name: "ffi"; readonly path?: string }
  | { readonly name: "run"; readonly command: string }
  | { readonly name: "read" | "write"; readonly path: string };

/** The part of `Deno` that is used. */
export interface DenoRuntime {
  /** The version of Deno and of what it is made of. */
  readonly version: { readonly deno: string };
  /** The machine. */
  readonly build: { readonly os: string; readonly arch: string };
  /** Permissions. */
  readonly permissions: { querySync(permission: DenoPermission): DenoStatus };
  /** The environment. */
  readonly env: { get(name: string): string | undefined };
  /** Opens a library. */
  dlopen(path: string, symbols: unknown): { readonly symbols: unknown };
  /** Looks at a file. */
  statSync(path: string): { readonly isFile: boolean };
}

/** The part of `process` that is used. */
export interface NodeRuntime {
  /** Versions of the runtime and its parts. */
  readonly versions: Readonly<Record<string, string | undefined>>;
  /** The environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The system, as Node names it. */
  readonly platform: string;
  /** The processor, as Node names it. */
  readonly arch: string;
  /** A module of the runtime. */
  getBuiltinModule(name: string): unknown;
}

const globals = globalThis as unknown as { readonly Deno?: DenoRuntime; process?: NodeRuntime };

/** Deno, when this is Deno. */
export const deno: DenoRuntime | undefined = globals.Deno?.version?.deno === undefined
  ? undefined
  : globals.Deno;

/** `process`, when this is Bun or Node. */
export const node: NodeRuntime | undefined = deno === undefined ? globals.process : undefined;

/** The runtime this is; `undefined` when there is no binding for it. */
export const runtimeName: RuntimeName | undefined = deno !== undefined
  ? "deno"
  : node?.versions["bun"] !== undefined
  ? "bun"
  : node?.versions["node"] !== undefined
  ? "node"
  : undefined;

/** The system, as Zig's targets name it. */
export const systemName: string = ((): string => {
  const name = deno?.build.os ?? node?.platform ?? "unknown";
  return { darwin: "macos", win32: "windows" }[name] ?? name;
})();

/** The processor, as Zig's targets name it. */
export const processorName: string = ((): string => {
  const name = deno?.build.arch ?? node?.arch ?? "unknown";
  return { x64: "x86_64", arm64: "aarch64" }[name] ?? name;
})();

/** Whether something is permitted already; without permissions in the runtime, everything is. */
export function isPermitted(permission: DenoPermission): boolean {
  return deno === undefined || deno.permissions.querySync(permission).state === "granted";
}

/** An environment variable; `undefined` when it is not set, empty, or may not be read. */
export function variable(name: string): string | undefined {
  if (!isPermitted({ name: "env", variable: name })) return undefined;
  return (deno === undefined ? node?.env[name] : deno.env.get(name)) || undefined;
}

/** Whether a file is there; `undefined` when that may not be known. */
export function isFile(path: string): boolean | undefined {
  if (deno !== undefined) {
    if (!isPermitted({ name: "read", path })) return undefined;
    try {
      return deno.statSync(path).isFile;
    } catch {
      return false;
    }
  }
  const fs = node?.getBuiltinModule("node:fs") as
    | { statSync(path: string, options: object): { isFile(): boolean } | undefined }
    | undefined;
  return fs?.statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
