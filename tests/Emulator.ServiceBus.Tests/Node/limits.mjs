// The limits of one message and of names at both edges, by the official JavaScript client, which checks only some ids itself.
// Arguments: connection string, administration connection string. Exits with 1 at the first wrong answer.
import assert from "node:assert/strict";
import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";

const [connectionString, adminConnectionString] = process.argv.slice(2);
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
await client.close();

const admin = new ServiceBusAdministrationClient(adminConnectionString);
const bad = (e) => e.statusCode === 400 && /Name: expected 1 to/.test(e.message);
for (const name of ["ends-", "ends_", "ends.", "ti~lde", "a/b", text(260)]) {
  const made = await admin.createQueue(name);
  assert.deepEqual([made.name, made.maxMessageSizeInKilobytes], [name, 256]);
  await admin.deleteQueue(name);
}
for (const name of ["-starts", "~starts", "sp ace", "st*ar", text(261)]) await assert.rejects(admin.createQueue(name), bad);
await admin.createTopic("names");
for (const name of ["s_", "s.", "s~", text(50)]) {
  assert.equal((await admin.createSubscription("names", name)).subscriptionName, name);
  assert.equal((await admin.createRule("names", name, name, { sqlExpression: "1 = 1" })).name, name);
  assert.equal((await admin.getRule("names", name, name)).filter.sqlExpression, "1 = 1");
}
for (const name of ["_s", text(51)]) {
  await assert.rejects(admin.createSubscription("names", name), bad);
  await assert.rejects(admin.createRule("names", "s_", name, { sqlExpression: "a = 1" }), (e) => e.statusCode === 400);
}
console.log("every limit holds");
