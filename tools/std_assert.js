// What the bare name @std/assert means in this repository's tests: deno-std, npm's copy of the same
// files. It comes without types; std_assert.d.ts has those of the assertions that the tests use.
// @ts-self-types="./std_assert.d.ts"
export * from "deno-std/assert/mod.js";
