// The bare names of our tests for Node, which reads neither deno.json nor tsconfig.json's paths.
// Used as `node --import ./tools/coverage/node_names.js --test …`.

import { registerHooks } from "node:module";

const names = {
  "@std/assert": new URL("../std_assert.js", import.meta.url).href,
  "@ristretto/espresso": new URL("../../mod.ts", import.meta.url).href,
};

registerHooks({
  resolve: (specifier, context, next) => next(names[specifier] ?? specifier, context),
});
