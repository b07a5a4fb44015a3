// Names, settings, expressions and hops at both edges, by the official JavaScript clients, which check none of them themselves.
// Arguments: connection string, administration connection string, rows as JSON. Exits with 1 at the first wrong answer.
import assert from "node:assert/strict";
import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";

const [connectionString, adminConnectionString, rows] = process.argv.slice(2);
const admin = new ServiceBusAdministrationClient(adminConnectionString, { retryOptions: { maxRetries: 0 } });
const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 120_000 } });
const text = (length) => "x".repeat(length);

const badName = (e) => e.statusCode === 400 && /Name: expected 1 to/.test(e.message);
for (const name of ["ends-", "ends_", "ends.", "ti~lde", "a/b", text(260)]) {
  const made = await admin.createQueue(name);
  assert.deepEqual([made.name, made.maxMessageSizeInKilobytes], [name, 256]);
  await admin.deleteQueue(name);
}
for (const name of ["-starts", "~starts", "sp ace", "st*ar", text(261)]) await assert.rejects(admin.createQueue(name), badName);
await admin.createTopic("names");
for (const name of ["s_", "s.", "s~", text(50)]) {
  assert.equal((await admin.createSubscription("names", name)).subscriptionName, name);
  assert.equal((await admin.createRule("names", name, name, { sqlExpression: "1 = 1" })).name, name);
  assert.equal((await admin.getRule("names", name, name)).filter.sqlExpression, "1 = 1");
}
for (const name of ["_s", text(51)]) {
  await assert.rejects(admin.createSubscription("names", name), badName);
  await assert.rejects(admin.createRule("names", "s_", name, { sqlExpression: "a = 1" }), (e) => e.statusCode === 400);
}
console.log("ok names");

const bad = (e) => e.statusCode === 400;
const value = (written) => (/^\d+$/.test(written) ? Number(written) : written);
for (const { Member, Taken, Refused } of JSON.parse(rows)) {
  const member = Member[0].toLowerCase() + Member.slice(1);
  const made = await admin.createQueue("setting", { [member]: value(Taken) });
  assert.equal(made[member], value(Taken));
  await admin.deleteQueue("setting");
  await assert.rejects(admin.createQueue("setting", { [member]: value(Refused) }), (e) => bad(e) && e.message.includes(Member));
  console.log(`ok ${Member} ${Taken.slice(0, 20)}`);
}

const sql = (length) => ({ sqlExpression: `a = '${text(length - "a = ''".length)}'` });
const nested = (levels) => ({ sqlExpression: `${"(".repeat(levels)}1=1${")".repeat(levels)}` });
const action = (statements) => ({ sqlExpression: "SET a=1;".repeat(statements) });
const manager = client.createRuleManager("names", "s_");
for (const [row, [taken, refused]] of Object.entries({
  characters: [[sql(1024)], [sql(1025)]],
  levels: [[nested(32)], [nested(33)]],
  statements: [[sql(10), action(32)], [sql(10), action(33)]],
})) {
  await admin.createRule("names", "s_", `${row}-admin`, ...taken);
  await assert.rejects(admin.createRule("names", "s_", `${row}-admin-more`, ...refused), bad);
  await manager.createRule(`${row}-managed`, ...taken);
  await assert.rejects(manager.createRule(`${row}-managed-more`, ...refused), /expected at most/);
  console.log(`ok sql ${row}`);
}

// From hop1 to hop5 are four hops, from hop0 five.
for (let hop = 5; hop >= 0; hop--) await admin.createQueue(`hop${hop}`, hop < 5 ? { forwardTo: `hop${hop + 1}` } : {});
await client.createSender("hop1").sendMessages({ body: "four" });
await client.createSender("hop0").sendMessages({ body: "five" });
assert.equal((await client.createReceiver("hop5").receiveMessages(1))[0].body, "four");
const [letter] = await client.createReceiver("hop4", { subQueueType: "deadLetter" }).receiveMessages(1);
assert.deepEqual([letter.body, letter.deadLetterReason], ["five", "MaxTransferHopCountExceeded"]);
await client.close();
console.log("every limit holds");
