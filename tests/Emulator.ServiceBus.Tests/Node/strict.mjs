// Arguments: a connection string with the right key, one with a wrong key.
import assert from "node:assert/strict";
import { ServiceBusClient } from "@azure/service-bus";

const [right, wrong] = process.argv.slice(2);
const options = { retryOptions: { maxRetries: 0, timeoutInMs: 120_000 } };
try {
  const good = new ServiceBusClient(right, options);
  await good.createSender("q1").sendMessages({ body: "in" });
  const receiver = good.createReceiver("q1");
  assert.equal((await receiver.receiveMessages(1, { maxWaitTimeInMs: 120_000 })).length, 1);
  assert.equal((await receiver.peekMessages(1)).length, 1);
  await good.close();
  const bad = new ServiceBusClient(wrong, options);
  await assert.rejects(bad.createSender("q1").sendMessages({ body: "out" }), (e) => e.code === "UnauthorizedAccess");
  await bad.close();
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
