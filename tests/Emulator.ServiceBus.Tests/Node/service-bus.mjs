// Drives the emulator with the official JavaScript client. Arguments: connection string. Exits with 1 at the first wrong answer.
import assert from "node:assert/strict";
import { ServiceBusClient, ServiceBusError } from "@azure/service-bus";

const [connectionString, only] = process.argv.slice(2);
// Long: what is there comes at once, and a busy machine must not turn a late answer into a wrong one.
const wait = 120_000;
const retryOptions = { maxRetries: 0, timeoutInMs: wait };
const client = new ServiceBusClient(connectionString, { retryOptions });
const checks = [];
const check = (name, run) => checks.push([name, run]);
// One call returns a second after its first message, with what came until then.
const receive = async (receiver, count) => {
  const got = [];
  while (got.length < count) got.push(...(await receiver.receiveMessages(count - got.length, { maxWaitTimeInMs: wait })));
  return got;
};
const none = async (receiver) => (await receiver.receiveMessages(1, { maxWaitTimeInMs: 500 })).length === 0;

check("send and complete", async () => {
  const sender = client.createSender("q1");
  await sender.sendMessages({ body: "hello", messageId: "m1", subject: "s", contentType: "text/plain", correlationId: "c1", applicationProperties: { a: 1, b: "x", c: true, d: 1.5 } });
  const receiver = client.createReceiver("q1");
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: wait });
  assert.equal(message.body, "hello");
  assert.equal(message.messageId, "m1");
  assert.equal(message.subject, "s");
  assert.equal(message.contentType, "text/plain");
  assert.equal(message.correlationId, "c1");
  assert.deepEqual({ ...message.applicationProperties }, { a: 1, b: "x", c: true, d: 1.5 });
  assert.equal(message.deliveryCount, 0);
  assert.equal(message.state, "active");
  assert.ok(message.lockedUntilUtc > new Date());
  assert.ok(Math.abs(message.enqueuedTimeUtc - Date.now()) < 60000);
  await receiver.completeMessage(message);
  assert.equal((await receiver.receiveMessages(1, { maxWaitTimeInMs: 500 })).length, 0);
  await sender.sendMessages({ body: "again" });
  const [again] = await receiver.receiveMessages(1, { maxWaitTimeInMs: wait });
  assert.ok(again.messageId.length === 32);
  await receiver.completeMessage(again);
  await receiver.close();
  await sender.close();
});

check("batch and receive-and-delete", async () => {
  const sender = client.createSender("q1");
  const batch = await sender.createMessageBatch();
  for (let i = 0; i < 50; i++) assert.ok(batch.tryAddMessage({ body: { i }, messageId: `b${i}` }));
  await sender.sendMessages(batch);
  await sender.sendMessages([{ body: "x" }, { body: "y" }]);
  const receiver = client.createReceiver("q1", { receiveMode: "receiveAndDelete" });
  const got = await receive(receiver, 52);
  assert.deepEqual(got.slice(0, 50).map((m) => m.body.i), [...Array(50).keys()]);
  assert.equal((await receiver.peekMessages(10)).length, 0);
  await receiver.close();
  await sender.close();
});

check("abandon, defer, dead-letter", async () => {
  const sender = client.createSender("q1");
  const receiver = client.createReceiver("q1");
  await sender.sendMessages([{ body: "abandon" }, { body: "defer" }, { body: "dead" }]);
  const one = async () => (await receiver.receiveMessages(1, { maxWaitTimeInMs: wait }))[0];
  await receiver.abandonMessage(await one(), { tried: 1 });
  const abandoned = await one();
  assert.equal(abandoned.body, "abandon");
  assert.equal(abandoned.deliveryCount, 1);
  assert.equal(abandoned.applicationProperties.tried, 1);
  await receiver.completeMessage(abandoned);
  const deferred = await one();
  await receiver.deferMessage(deferred, { later: true });
  const dead = await one();
  await receiver.deadLetterMessage(dead, { deadLetterReason: "why", deadLetterErrorDescription: "because", extra: "e" });
  const [fetched] = await receiver.receiveDeferredMessages(deferred.sequenceNumber);
  assert.equal(fetched.body, "defer");
  assert.equal(fetched.state, "deferred");
  assert.equal(fetched.applicationProperties.later, true);
  await receiver.completeMessage(fetched);
  const deadLetters = client.createReceiver("q1", { subQueueType: "deadLetter" });
  const [letter] = await deadLetters.receiveMessages(1, { maxWaitTimeInMs: wait });
  assert.equal(letter.body, "dead");
  assert.equal(letter.deadLetterReason, "why");
  assert.equal(letter.deadLetterErrorDescription, "because");
  assert.equal(letter.applicationProperties.extra, "e");
  assert.equal(letter.deadLetterSource, "q1");
  await deadLetters.completeMessage(letter);
  await assert.rejects(receiver.receiveDeferredMessages(deferred.sequenceNumber), (e) => e.code === "MessageNotFound");
  await Promise.all([receiver.close(), deadLetters.close(), sender.close()]);
});

check("max delivery count dead-letters", async () => {
  const sender = client.createSender("fragile");
  await sender.sendMessages({ body: "x" });
  const receiver = client.createReceiver("fragile");
  for (let i = 0; i < 2; i++) await receiver.abandonMessage((await receiver.receiveMessages(1, { maxWaitTimeInMs: wait }))[0]);
  const deadLetters = client.createReceiver("fragile", { subQueueType: "deadLetter", receiveMode: "receiveAndDelete" });
  const [letter] = await deadLetters.receiveMessages(1, { maxWaitTimeInMs: wait });
  assert.equal(letter.deadLetterReason, "MaxDeliveryCountExceeded");
  await Promise.all([receiver.close(), deadLetters.close(), sender.close()]);
});

check("peek all states, schedule, cancel", async () => {
  const sender = client.createSender("q1");
  const receiver = client.createReceiver("q1");
  const in1h = new Date(Date.now() + 3600_000);
  const [first, second] = await sender.scheduleMessages([{ body: "s1" }, { body: "s2" }], in1h);
  await sender.sendMessages({ body: "now" });
  const peeked = await receiver.peekMessages(10, { fromSequenceNumber: first });
  assert.deepEqual(peeked.map((m) => [m.body, m.state]), [["s1", "scheduled"], ["s2", "scheduled"], ["now", "active"]]);
  assert.equal(peeked[0].scheduledEnqueueTimeUtc.getTime(), in1h.getTime());
  assert.equal(peeked[2].lockedUntilUtc, undefined);
  await sender.cancelScheduledMessages([first, second]);
  await assert.rejects(sender.cancelScheduledMessages(first), (e) => e.code === "MessageNotFound");
  await sender.scheduleMessages({ body: "soon" }, new Date(Date.now() + 700));
  const got = await receive(receiver, 2);
  assert.deepEqual(got.map((m) => m.body), ["now", "soon"]);
  for (const m of got) await receiver.completeMessage(m);
  await Promise.all([receiver.close(), sender.close()]);
});

check("renew lock, lock lost", async () => {
  const sender = client.createSender("q1");
  await sender.sendMessages({ body: "r" });
  const receiver = client.createReceiver("q1");
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: wait });
  const before = message.lockedUntilUtc;
  await new Promise((resolve) => setTimeout(resolve, 30));
  const after = await receiver.renewMessageLock(message);
  assert.ok(after > before);
  await receiver.completeMessage(message);
  await assert.rejects(receiver.renewMessageLock(message), ServiceBusError);
  await Promise.all([receiver.close(), sender.close()]);
});

check("complete after its link is closed", async () => {
  const sender = client.createSender("q1");
  await sender.sendMessages({ body: "late" });
  const receiver = client.createReceiver("q1");
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: wait });
  await receiver.close();
  const other = client.createReceiver("q1");
  assert.equal((await other.receiveMessages(1, { maxWaitTimeInMs: 500 })).length, 0, "still locked");
  const [peeked] = await other.peekMessages(1);
  assert.equal(peeked.body, "late");
  await assert.rejects(receiver.completeMessage(message));
  await Promise.all([other.close(), sender.close()]);
});

check("large messages", async () => {
  const sender = client.createSender("q2");
  const receiver = client.createReceiver("q2");
  for (const size of [60_000, 70_000, 200_000, 300_000, 900_000]) {
    const body = Buffer.alloc(size, 0xff);
    await sender.sendMessages({ body });
    const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: wait });
    assert.ok(Buffer.isBuffer(message.body) && message.body.equals(body), `${size}`);
    await receiver.completeMessage(message);
  }
  assert.equal((await sender.createMessageBatch()).tryAddMessage({ body: Buffer.alloc(1_200_000) }), false);
  await Promise.all([receiver.close(), sender.close()]);
});

check("subscribe with maxConcurrentCalls, close drains", async () => {
  const sender = client.createSender("q2");
  await sender.sendMessages([...Array(100).keys()].map((i) => ({ body: i })));
  const receiver = client.createReceiver("q2");
  const seen = new Set();
  let atOnce = 0, most = 0;
  await new Promise((resolve, reject) => {
    receiver.subscribe({
      processMessage: async (m) => {
        most = Math.max(most, ++atOnce);
        await new Promise((r) => setTimeout(r, 2));
        seen.add(m.body);
        atOnce--;
        if (seen.size === 100) resolve();
      },
      processError: async (args) => reject(args.error),
    }, { maxConcurrentCalls: 8 });
  });
  assert.ok(most > 1 && most <= 8, `${most} at once`);
  await receiver.close();
  const rest = client.createReceiver("q2");
  assert.equal((await rest.receiveMessages(1, { maxWaitTimeInMs: 500 })).length, 0);
  await Promise.all([rest.close(), sender.close()]);
});

check("topic, subscriptions, correlation rule, duplicates", async () => {
  const sender = client.createSender("t1");
  await sender.sendMessages([{ body: 1, messageId: "d1", applicationProperties: { kind: "a" } }, { body: 2, messageId: "d2", applicationProperties: { kind: "b" } }]);
  await sender.sendMessages({ body: 3, messageId: "d1" });
  const all = client.createReceiver("t1", "all");
  const some = client.createReceiver("t1", "some", { receiveMode: "receiveAndDelete" });
  const got = await receive(all, 2);
  assert.deepEqual(got.map((m) => m.body), [1, 2]);
  assert.ok(await none(all));
  for (const m of got) await all.completeMessage(m);
  assert.deepEqual((await receive(some, 1)).map((m) => m.body), [2]);
  assert.ok(await none(some));
  const scheduled = await sender.scheduleMessages({ body: 4 }, new Date(Date.now() + 500));
  assert.equal(scheduled.length, 1);
  const [later] = await all.receiveMessages(1, { maxWaitTimeInMs: wait });
  assert.equal(later.body, 4);
  await all.deadLetterMessage(later, { deadLetterReason: "r" });
  const dead = client.createReceiver("t1", "all", { subQueueType: "deadLetter", receiveMode: "receiveAndDelete" });
  assert.equal((await dead.receiveMessages(1, { maxWaitTimeInMs: wait }))[0].deadLetterReason, "r");
  await Promise.all([all.close(), some.close(), dead.close(), sender.close()]);
});

check("time to live", async () => {
  const sender = client.createSender("q1");
  await sender.sendMessages([{ body: "brief", timeToLive: 200 }, { body: "long", timeToLive: 3600_000 }]);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const receiver = client.createReceiver("q1");
  const got = await receive(receiver, 1);
  assert.deepEqual(got.map((m) => m.body), ["long"]);
  assert.ok(await none(receiver));
  assert.equal(got[0].timeToLive, 3600_000);
  await receiver.completeMessage(got[0]);
  await Promise.all([receiver.close(), sender.close()]);
});

check("sessions", async () => {
  const sender = client.createSender("sq");
  await assert.rejects(sender.sendMessages({ body: "none" }), (e) => /SessionId was not set/.test(e.message));
  await sender.sendMessages([{ body: "a1", sessionId: "A" }, { body: "b1", sessionId: "B" }, { body: "a2", sessionId: "A" }]);
  const a = await client.acceptSession("sq", "A");
  assert.equal(a.sessionId, "A");
  assert.ok(a.sessionLockedUntilUtc > new Date());
  await assert.rejects(client.acceptSession("sq", "A"), (e) => e.code === "SessionCannotBeLocked");
  const next = await client.acceptNextSession("sq");
  assert.equal(next.sessionId, "B");
  assert.deepEqual((await receive(a, 2)).map((m) => m.body), ["a1", "a2"]);
  assert.equal(await a.getSessionState(), null);
  await a.setSessionState(Buffer.from("st"));
  assert.equal((await a.getSessionState()).toString(), "st");
  const before = a.sessionLockedUntilUtc;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok((await a.renewSessionLock()) > before);
  await a.close();
  const again = await client.acceptSession("sq", "A");
  assert.equal((await again.getSessionState()).toString(), "st");
  const redelivered = await receive(again, 2);
  assert.deepEqual(redelivered.map((m) => [m.body, m.deliveryCount]), [["a1", 0], ["a2", 0]]);
  for (const m of redelivered) await again.completeMessage(m);
  await again.setSessionState(null);
  const [b] = await next.receiveMessages(1, { maxWaitTimeInMs: wait });
  await next.deferMessage(b);
  const [deferred] = await next.receiveDeferredMessages(b.sequenceNumber);
  await next.completeMessage(deferred);
  await Promise.all([again.close(), next.close()]);
  const impatient = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 2000 } });
  const started = Date.now();
  await assert.rejects(impatient.acceptNextSession("sq"), (e) => e.code === "ServiceTimeout");
  assert.ok(Date.now() - started > 1500, `refused after ${Date.now() - started} ms`);
  const held = client.acceptNextSession("sq");
  await new Promise((resolve) => setTimeout(resolve, 200));
  await sender.sendMessages({ body: "c1", sessionId: "C" });
  const c = await held;
  assert.equal(c.sessionId, "C");
  const [c1] = await c.receiveMessages(1, { maxWaitTimeInMs: wait });
  await c.completeMessage(c1);
  await c.close();
  await impatient.close();
  await sender.close();
});

check("not found and not allowed", async () => {
  await assert.rejects(client.createSender("nope").sendMessages({ body: 1 }), (e) => e.code === "MessagingEntityNotFound");
  await assert.rejects(client.createReceiver("nope").receiveMessages(1, { maxWaitTimeInMs: 500 }), (e) => e.code === "MessagingEntityNotFound");
  await assert.rejects(client.createReceiver("t1", "nope").receiveMessages(1, { maxWaitTimeInMs: 500 }), (e) => e.code === "MessagingEntityNotFound");
  await assert.rejects(client.createReceiver("sq").receiveMessages(1, { maxWaitTimeInMs: 500 }), /non-sessionful/);
});

check("two receivers share", async () => {
  const sender = client.createSender("q2");
  const one = client.createReceiver("q2");
  const two = client.createReceiver("q2");
  // Both wait for messages when these come; whether both do is up to the machine, so there are several rounds.
  let split = [0, 0];
  for (let round = 0; round < 20 && Math.min(...split) < 4; round++) {
    const waits = [one, two].map((receiver) => receiver.receiveMessages(10, { maxWaitTimeInMs: 2000 }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await sender.sendMessages([...Array(10).keys()].map((i) => ({ body: i })));
    const parts = await Promise.all(waits);
    for (const m of parts[0]) await one.completeMessage(m);
    for (const m of parts[1]) await two.completeMessage(m);
    const late = await receive(one, 10 - parts[0].length - parts[1].length);
    for (const m of late) await one.completeMessage(m);
    assert.equal(new Set([...parts, late].flat().map((m) => m.body)).size, 10);
    split = parts.map((part) => part.length);
  }
  assert.ok(Math.min(...split) >= 4, `shared as ${split}`);
  await Promise.all([one.close(), two.close(), sender.close()]);
});

check("rules: add, list, remove, SQL and correlation filters, actions, errors", async () => {
  const rules = client.createRuleManager("t2", "ruled");
  const sender = client.createSender("t2");
  const receiver = client.createReceiver("t2", "ruled", { receiveMode: "receiveAndDelete" });
  const take = async (count) => {
    const got = [];
    while (got.length < count) {
      const more = await receiver.receiveMessages(count - got.length, { maxWaitTimeInMs: 5000 });
      assert.ok(more.length > 0, `${got.length} of ${count} came`);
      got.push(...more);
    }
    assert.equal((await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 })).length, 0);
    return got;
  };

  const [byDefault] = await rules.getRules();
  assert.equal(byDefault.name, "$Default");
  assert.deepEqual(byDefault.filter, { sqlExpression: "1=1" });
  await rules.createRule("red", { sqlExpression: "color = 'red' AND quantity > 4" });
  await rules.createRule("urgent", { correlationId: "c", subject: "urgent", applicationProperties: { level: 5 } });
  await rules.createRule("marked", { sqlExpression: "color LIKE 'bl%'" }, { sqlExpression: "SET sys.Label = 'was blue'; SET doubled = quantity * 2; REMOVE color" });
  await rules.deleteRule("$Default");

  const listed = new Map();
  for await (const rule of rules.listRules()) listed.set(rule.name, rule);
  assert.deepEqual([...listed.keys()].sort(), ["marked", "red", "urgent"]);
  assert.equal(listed.get("red").filter.sqlExpression, "color = 'red' AND quantity > 4");
  assert.equal(listed.get("urgent").filter.correlationId, "c");
  assert.equal(listed.get("urgent").filter.subject, "urgent");
  assert.deepEqual(listed.get("urgent").filter.applicationProperties, { level: 5 });
  assert.equal(listed.get("marked").action.sqlExpression, "SET sys.Label = 'was blue'; SET doubled = quantity * 2; REMOVE color");

  await sender.sendMessages([
    { body: 1, applicationProperties: { color: "red", quantity: 5 } },
    { body: 2, applicationProperties: { color: "red", quantity: 4 } },
    { body: 3, applicationProperties: { color: "green" } },
    { body: 4, correlationId: "c", subject: "urgent", applicationProperties: { level: 5 } },
    { body: 5, correlationId: "c", subject: "urgent", applicationProperties: { level: 6 } },
    { body: 6, subject: "x", applicationProperties: { color: "blue", quantity: 1.5 } },
  ]);
  const got = await take(3);
  assert.deepEqual(got.map((m) => m.body), [1, 4, 6]);
  assert.equal(got[2].subject, "was blue");
  assert.deepEqual({ ...got[2].applicationProperties }, { quantity: 1.5, doubled: 3 });

  await assert.rejects(rules.createRule("red", { sqlExpression: "1=1" }), (e) => e.code === "MessagingEntityAlreadyExists");
  await assert.rejects(rules.deleteRule("missing"), (e) => e.code === "MessagingEntityNotFound");
  await assert.rejects(rules.createRule("wrong", { sqlExpression: "color = " }), (e) => /at position 8: expected a value/.test(e.message));
  await Promise.all([receiver.close(), sender.close()]);
});

check("forwarding, dead letters forwarded, transfer dead-letter queue", async () => {
  const sender = client.createSender("forward");
  const receiver = client.createReceiver("q2");
  await sender.sendMessages({ body: "on", messageId: "f1" });
  const [moved] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5000 });
  assert.deepEqual([moved.body, moved.messageId, moved.deliveryCount], ["on", "f1", 0]);
  await receiver.completeMessage(moved);
  await assert.rejects(client.createReceiver("forward").receiveMessages(1, { maxWaitTimeInMs: 1000 }), (e) => /auto-forwarding/.test(e.message));
  const blocked = client.createSender("forward-nowhere");
  await blocked.sendMessages({ body: "stuck" });
  const transfers = client.createReceiver("forward-nowhere", { subQueueType: "transferDeadLetter" });
  const [letter] = await transfers.receiveMessages(1, { maxWaitTimeInMs: 5000 });
  assert.equal(letter.body, "stuck");
  assert.equal(letter.deadLetterReason, "MessagingEntityDisabled");
  await transfers.completeMessage(letter);
  await Promise.all([sender.close(), receiver.close(), blocked.close(), transfers.close()]);
});

try {
  for (const [name, run] of checks) {
    if (only && !name.includes(only)) continue;
    const started = Date.now();
    await run();
    console.log(`ok ${name} (${Date.now() - started} ms)`);
  }
  await client.close();
  console.log(`${checks.length} checks passed`);
} catch (error) {
  console.error(error);
  process.exit(1);
}
