// Sends events with the official library: `node segment.mjs LIBRARY HOST COUNT`.
import { createRequire } from "node:module";

const [library, host, count] = process.argv.slice(2);
const { Analytics } = createRequire(library + "/")("@segment/analytics-node");
const failures = [];
const analytics = new Analytics({ writeKey: "wk_web", host, flushAt: 50, flushInterval: 50, maxRetries: 10 });
analytics.on("error", (error) => failures.push(error.code));
for (let number = 0; number < Number(count); number++) {
  analytics.track({ userId: `u${number % 500}`, event: "Order Completed", properties: { order_id: String(number) } });
  if (number % 200 === 0) await new Promise((done) => setTimeout(done, 20));
}
await analytics.closeAndFlush();
process.stdout.write(JSON.stringify(failures));
