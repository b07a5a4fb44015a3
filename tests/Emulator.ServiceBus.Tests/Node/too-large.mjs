// Sends messages over the emulator's limit with the official JavaScript client, which leaves the check to the service for single messages, and with rhea.
// Arguments: connection string, host, port. Exits with 1 at the first wrong answer.
import assert from "node:assert/strict";
import { ServiceBusClient } from "@azure/service-bus";
import rhea from "rhea";

const [connectionString, host, port] = process.argv.slice(2);
const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 120_000 } });
const sender = client.createSender("q1");
for (const size of [1_048_577, 1_200_000, 5_000_000]) {
  await assert.rejects(sender.sendMessages({ body: Buffer.alloc(size) }), (e) => {
    assert.equal(e.code, "MessageSizeExceeded");
    assert.equal(e.retryable, false);
    return true;
  });
  await sender.sendMessages({ body: `after ${size}` });
}

const receiver = client.createReceiver("q1", { receiveMode: "receiveAndDelete" });
const got = [];
while (got.length < 3) got.push(...(await receiver.receiveMessages(3, { maxWaitTimeInMs: 120_000 })));
assert.deepEqual(got.map((m) => m.body), ["after 1048577", "after 1200000", "after 5000000"]);
await client.close();

const connection = rhea.create_container().connect({ port: Number(port), host, reconnect: false, username: "anonymous" });
const link = connection.open_sender({ target: "q1" });
const outcomes = [];
await new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error(`timed out with ${JSON.stringify(outcomes)}`)), 120_000).unref();
  const note = (text) => { outcomes.push(text); if (outcomes.length === 3) resolve(); };
  link.on("accepted", () => note("accepted"));
  link.on("rejected", (c) => note(c.delivery.remote_state.error.condition));
  link.on("sender_close", (c) => { reject(new Error(`detached: ${c.sender.error}`)); });
  link.once("sendable", () => {
    link.send({ body: "small" });
    link.send({ body: rhea.message.data_section(Buffer.alloc(3_000_000)) });
    link.send({ body: "small again" });
  });
});
assert.deepEqual(outcomes, ["accepted", "amqp:link:message-size-exceeded", "accepted"]);
connection.close();
console.log("refused as it should be");
