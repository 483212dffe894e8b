// A small server that minimises the PLA text that is posted to it, in worker processes, and shows
// Prometheus under /metrics what they do. The variable PORT chooses the port; without it the server
// asks itself once, and ends.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { createEngine, type RistrettoError } from "@ristretto/espresso";

const engine = await createEngine({ isolation: "process", workers: 2, metrics: true });

const server = createServer(async (request, response) => {
  if (request.url === "/metrics") {
    response.setHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.end(engine.metrics());
    return;
  }
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  try {
    response.end((await engine.minimizePla(text, { timeoutMs: 1000 })).text);
  } catch (error) {
    response.statusCode = (error as RistrettoError).kind === "InvalidInput" ? 400 : 500;
    response.end(`${error}\n`);
  }
});

await new Promise<void>((resolve) => {
  server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", resolve);
});
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
console.log(`listening on ${address}`);

if (process.env.PORT === undefined) {
  await fetch(address, { method: "POST", body: ".i 2\n.o 1\n11 1\n10 1\n" });
  console.log(await (await fetch(`${address}/metrics`)).text());
  server.close();
  await engine.close();
}
