// A worker that lies, for test/verify.test.ts: it speaks the protocol of standard streams as the
// real one does, runs each job, and answers with another function.

import process from "node:process";
import { createEngine } from "../mod.ts";
import { FRAME, FrameReader, writeFrame } from "../src/engine/streams/frames.ts";
import { VERSION } from "../src/native/locate.ts";
import { Block } from "../src/job/block.ts";
import { lie } from "./lie.ts";

const engine = await createEngine({ isolation: "direct" });

function say(kind: number, sequence: number, bytes?: Uint8Array): void {
  process.stdout.write(writeFrame(kind, sequence, bytes));
}

const reader = new FrameReader((kind, sequence, body) => {
  if (kind === FRAME.HELLO) {
    const words = new Uint8Array(16); // it has no guards
    say(FRAME.READY, sequence, Buffer.concat([words, Buffer.from(`${VERSION} liar\0`)]));
  } else if (kind === FRAME.RUN) {
    say(FRAME.BEGUN, sequence);
    const result = engine.runSync(body.bytes.subarray(0, body.length));
    const block = lie(Block.copyOf(result));
    say(FRAME.DONE, sequence, block.bytes.subarray(0, block.length));
  }
  return true;
});
process.stdin.on("data", (bytes: Uint8Array) => reader.push(bytes));
process.stdin.on("end", () => process.exit());
