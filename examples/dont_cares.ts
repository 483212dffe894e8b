// From a function written in JavaScript: `undefined` says that the value does not matter, and the
// minimiser may choose. Here: is a decimal digit prime? The codes 10 to 15 are not digits.

import { Cover, minimize } from "@ristretto/espresso";

function isPrimeDigit(...bits: boolean[]): boolean | undefined {
  const digit = bits.reduce((value, bit) => 2 * value + Number(bit), 0);
  return digit < 10 ? [2, 3, 5, 7].includes(digit) : undefined;
}

const names = { inputNames: ["d3", "d2", "d1", "d0"], outputNames: ["prime"] };
const digits = Cover.fromFunction(isPrimeDigit, { inputs: 4, ...names });
const free = minimize(digits).cover;
console.log(`10 to 15 free:   ${free.toSumOfProducts()}`);

const strict = Cover.fromFunction((...bits) => isPrimeDigit(...bits) ?? false, {
  inputs: 4,
  ...names,
});
console.log(`10 to 15 are no: ${minimize(strict).cover.toSumOfProducts()}`);

// The result is a function again, and agrees with ours wherever we care.
const f = free.toFunction("prime");
for (let digit = 0; digit < 10; digit++) {
  const bits = [8, 4, 2, 1].map((weight) => (digit & weight) !== 0);
  if (f(...bits) !== isPrimeDigit(...bits)) throw new Error(`${digit} came out wrong`);
}
console.log("both agree on all digits");
