// The limits of one message at both edges, by the official JavaScript client, which checks only some ids itself.
// Arguments: connection string. Exits with 1 at the first wrong answer.
import assert from "node:assert/strict";
import { ServiceBusClient } from "@azure/service-bus";

const [connectionString] = process.argv.slice(2);
const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 120_000 } });
const sender = client.createSender("q1");
const text = (length) => "x".repeat(length);
const large = (bytes) => ({ a: text(20_000), b: text(20_000), c: text(bytes - 40_000 - 300) });

const rows = {
  messageId: (size) => ({ body: "b", messageId: text(size) }),
  sessionId: (size) => ({ body: "b", sessionId: text(size) }),
  partitionKey: (size) => ({ body: "b", partitionKey: text(size) }),
  replyToSessionId: (size) => ({ body: "b", replyToSessionId: text(size) }),
  property: (size) => ({ body: "b", applicationProperties: { p: text(size) } }),
  subject: (size) => ({ body: "b", subject: text(size) }),
};
const most = { messageId: 128, sessionId: 128, partitionKey: 128, replyToSessionId: 128, property: 32_768, subject: 32_768 };

async function refused(message) {
  await assert.rejects(sender.sendMessages(message), (e) => {
    assert.match(String(e), /Expected |cannot be greater than 128|cannot have different values/);
    assert.notEqual(e.retryable, true);
    return true;
  });
}

for (const [name, row] of Object.entries(rows)) {
  await sender.sendMessages(row(most[name]));
  await refused(row(most[name] + 1));
  const at = new Date(Date.now() + 3_600_000);
  await sender.cancelScheduledMessages(await sender.scheduleMessages(row(most[name]), at));
  await assert.rejects(sender.scheduleMessages(row(most[name] + 1), at), /Expected |cannot be greater than 128/);
  console.log(`ok ${name}`);
}

await sender.sendMessages({ body: "b", applicationProperties: large(65_000) });
await refused({ body: "b", applicationProperties: large(66_000) });
await refused({ body: "b", sessionId: "s", partitionKey: "other" });
await sender.sendMessages({ body: "b", sessionId: "s", partitionKey: "s" });
await sender.sendMessages({ body: Buffer.alloc(262_144 - 200) });
await assert.rejects(sender.sendMessages({ body: Buffer.alloc(262_144) }), (e) => e.code === "MessageSizeExceeded");

await (await client.acceptSession("sq", text(128))).close();
// Whatever a session's link is refused for, this client has one answer.
await assert.rejects(client.acceptSession("sq", text(129)), (e) => e.code === "SessionCannotBeLocked");

// What a settlement adds: too large by itself, or together with what the message has. A message whose settlement was refused is as it
// was, and locked; this client counts it as settled.
const settlements = client.createReceiver("q2");
for (const settle of ["deadLetterMessage", "abandonMessage", "deferMessage"]) {
  for (const beyond of [32_769, 32_768]) {
    await client.createSender("q2").sendMessages(rows.property(32_768));
    const [message] = await settlements.receiveMessages(1);
    await assert.rejects(settlements[settle](message, { why: text(beyond) }), /Expected /);
    const [peeked] = await settlements.peekMessages(1, { fromSequenceNumber: message.sequenceNumber });
    assert.deepEqual([peeked.sequenceNumber, peeked.applicationProperties.why], [message.sequenceNumber, undefined]);
  }
  await client.createSender("q2").sendMessages(rows.property(32_768));
  const [message] = await settlements.receiveMessages(1);
  await settlements[settle](message, { why: text(31_000) });
  if (settle === "abandonMessage") await settlements.completeMessage((await settlements.receiveMessages(1))[0]);
  console.log(`ok ${settle}`);
}
await client.close();
console.log("every limit holds");
