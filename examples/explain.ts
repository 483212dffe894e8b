// What each cube of a cover is for: is it prime (no literal can go), essential (no other prime can
// stand in for it), and which point would be lost without it?

import { Cover, explain, minimize } from "@ristretto/espresso";

const names = { inputNames: ["a", "b", "c", "d"], outputNames: ["f"] };
const written = Cover.builder(4, 1, names)
  .add("110-", "1")
  .add("-111", "1")
  .add("11-1", "1") // not needed: the two others cover it
  .add("0010", "1")
  .add("0110", "-") // does not matter, so the cube above can lose a literal
  .build();

function show(title: string, cover: Cover): void {
  console.log(`${title}: ${cover.toSumOfProducts()}`);
  for (const { inputs, prime, essential, point } of explain(cover)) {
    const words = [
      prime ? "prime" : "not prime",
      ...(essential ? ["essential"] : []),
      point === undefined ? "not needed" : `alone at ${point.inputs}`,
    ];
    console.log(`  ${inputs}: ${words.join(", ")}`);
  }
}

show("as written", written);
show("minimised", minimize(written).cover);
