// Every public operation of the official JavaScript client, on entities that its administration client makes, and the error codes of both.
// Arguments: connection string, the admin port's connection string. What the package's own .d.ts declares and no check calls is a failure.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";

const [connectionString, adminConnectionString] = process.argv.slice(2);
const retryOptions = { maxRetries: 0, timeoutInMs: 15000 };
const used = new Set();
const watch = (kind, object) => new Proxy(object, {
  get(target, name) {
    const value = target[name];
    if (typeof value !== "function") return value;
    return (...args) => {
      used.add(`${kind}.${String(name)}`);
      return value.apply(target, args);
    };
  },
});

const client = watch("ServiceBusClient", new ServiceBusClient(connectionString, { retryOptions }));
const admin = watch("ServiceBusAdministrationClient", new ServiceBusAdministrationClient(adminConnectionString, { retryOptions: { maxRetries: 0 } }));
const sender = (entity) => watch("ServiceBusSender", client.createSender(entity));
const receiver = (...entity) => watch("ServiceBusReceiver", client.createReceiver(...entity));
const session = async (accepting) => watch("ServiceBusSessionReceiver", await accepting);
const soon = { maxWaitTimeInMs: 10000 };
const briefly = { maxWaitTimeInMs: 300 };
const checks = [];
const check = (name, run) => checks.push([name, run]);
const all = async (iterator) => {
  const items = [];
  for await (const item of iterator) items.push(item);
  return items;
};
const fails = (promise, code, status) => assert.rejects(promise, (error) => {
  assert.equal(error.code, code, `${error.code}: ${error.message}`);
  if (status) assert.equal(error.statusCode, status);
  return true;
});

check("queues", async () => {
  const made = await admin.createQueue("queue", {
    lockDuration: "PT30S", maxDeliveryCount: 2, defaultMessageTimeToLive: "P1D", deadLetteringOnMessageExpiration: true, userMetadata: "<meta> & more",
    authorizationRules: [{ claimType: "SharedAccessKey", accessRights: ["Send", "Listen"], keyName: "some", primaryKey: "cHJpbWFyeQ==", secondaryKey: "c2Vjb25kYXJ5" }],
  });
  assert.deepEqual([made.name, made.lockDuration, made.maxDeliveryCount, made.defaultMessageTimeToLive, made.status], ["queue", "PT30S", 2, "P1D", "Active"]);
  assert.equal(made._response.status, 201);
  const got = await admin.getQueue("QUEUE");
  assert.deepEqual([got.name, got.userMetadata, got.authorizationRules?.[0].keyName, got.availabilityStatus], ["queue", "<meta> & more", "some", "Available"]);
  assert.deepEqual([got.requiresSession, got.requiresDuplicateDetection, got.maxSizeInMegabytes, got.enableBatchedOperations], [false, false, 1024, true]);
  const changed = await admin.updateQueue({ ...got, lockDuration: "PT1M", maxDeliveryCount: 7 });
  assert.deepEqual([changed.lockDuration, changed.maxDeliveryCount, changed.userMetadata], ["PT1M", 7, "<meta> & more"]);
  assert.equal(await admin.queueExists("queue"), true);
  assert.equal(await admin.queueExists("absent"), false);
  await admin.createQueue("sessions/with.slash", { requiresSession: true, lockDuration: "PT5M" });
  await admin.createQueue("dedup", { requiresDuplicateDetection: true, duplicateDetectionHistoryTimeWindow: "PT1M" });
  await admin.createQueue("tiny", { maxSizeInMegabytes: 1 });
  for (const number of [1, 2, 3]) await admin.createQueue(`page-${number}`);
  const names = (await all(admin.listQueues())).map((queue) => queue.name);
  assert.deepEqual(names.filter((name) => name !== "declared"), ["dedup", "page-1", "page-2", "page-3", "queue", "sessions/with.slash", "tiny"]);
  const pages = await all(admin.listQueues().byPage({ maxPageSize: 3 }));
  assert.deepEqual(pages.map((page) => page.length), [3, 3, 2]);
  assert.deepEqual(pages.flat().map((queue) => queue.name), names);
  assert.equal((await all(admin.listQueuesRuntimeProperties())).length, names.length);
  for (const number of [1, 2, 3]) await admin.deleteQueue(`page-${number}`);
  assert.equal(await admin.queueExists("page-1"), false);
});

check("topics, subscriptions and rules", async () => {
  const topic = await admin.createTopic("topic", { defaultMessageTimeToLive: "P2D", supportOrdering: true, enableBatchedOperations: false });
  assert.deepEqual([topic.name, topic.supportOrdering, topic.enableBatchedOperations], ["topic", true, false]);
  assert.equal((await admin.updateTopic({ ...(await admin.getTopic("topic")), userMetadata: "new" })).userMetadata, "new");
  assert.equal(await admin.topicExists("topic"), true);
  assert.equal(await admin.topicExists("queue-not-topic"), false);
  const some = await admin.createSubscription("topic", "some", {
    lockDuration: "PT20S", maxDeliveryCount: 3, defaultRuleOptions: { name: "only-red", filter: { applicationProperties: { color: "red", size: 5 }, subject: "s" } },
  });
  assert.deepEqual([some.topicName, some.subscriptionName, some.maxDeliveryCount, some.deadLetteringOnFilterEvaluationExceptions], ["topic", "some", 3, true]);
  await admin.createSubscription("topic", "every");
  assert.equal((await admin.updateSubscription({ ...(await admin.getSubscription("topic", "every")), maxDeliveryCount: 4 })).maxDeliveryCount, 4);
  assert.equal(await admin.subscriptionExists("topic", "every"), true);
  assert.equal(await admin.subscriptionExists("topic", "absent"), false);
  assert.deepEqual((await all(admin.listSubscriptions("topic"))).map((each) => each.subscriptionName), ["every", "some"]);
  const [red] = await all(admin.listRules("topic", "some"));
  assert.deepEqual([red.name, red.filter.subject, red.filter.applicationProperties], ["only-red", "s", { color: "red", size: 5 }]);
  const [standard] = await all(admin.listRules("topic", "every"));
  assert.deepEqual([standard.name, standard.filter.sqlExpression], ["$Default", "1=1"]);
  assert.equal((await admin.getRule("topic", "every", "$Default")).name, "$Default");
  const rule = await admin.createRule("topic", "some", "correlated", { correlationId: "c" });
  assert.deepEqual([rule.name, rule.filter.correlationId], ["correlated", "c"]);
  assert.equal((await admin.updateRule("topic", "some", { ...rule, filter: { correlationId: "d" } })).filter.correlationId, "d");
  assert.equal(await admin.ruleExists("topic", "some", "correlated"), true);
  assert.equal(await admin.ruleExists("topic", "some", "absent"), false);
  const topicSender = sender("topic");
  await topicSender.sendMessages([
    { body: "red", subject: "s", applicationProperties: { color: "red", size: 5.0 } },
    { body: "blue", subject: "s", applicationProperties: { color: "blue", size: 5 } },
    { body: "correlated", correlationId: "d" },
  ]);
  const receiving = receiver("topic", "some", { receiveMode: "receiveAndDelete" });
  assert.deepEqual((await receiving.receiveMessages(2, soon)).map((message) => message.body).sort(), ["correlated", "red"]);
  await admin.deleteRule("topic", "some", "correlated");
  assert.equal(await admin.ruleExists("topic", "some", "correlated"), false);
  const runtime = await admin.getSubscriptionRuntimeProperties("topic", "every");
  assert.deepEqual([runtime.totalMessageCount, runtime.activeMessageCount, runtime.deadLetterMessageCount], [3, 3, 0]);
  assert.equal((await all(admin.listSubscriptionsRuntimeProperties("topic"))).length, 2);
  await topicSender.scheduleMessages({ body: "later" }, new Date(Date.now() + 3600_000));
  const topicRuntime = await admin.getTopicRuntimeProperties("topic");
  assert.deepEqual([topicRuntime.subscriptionCount, topicRuntime.scheduledMessageCount, topicRuntime.sizeInBytes > 0], [2, 1, true]);
  assert.deepEqual((await all(admin.listTopics())).map((each) => each.name), ["topic"]);
  assert.equal((await all(admin.listTopicsRuntimeProperties())).length, 1);
  await topicSender.close();
  await receiving.close();
});

check("rules over AMQP", async () => {
  const manager = watch("ServiceBusRuleManager", client.createRuleManager("topic", "some"));
  await manager.createRule("sql", { sqlExpression: "size > 3 AND color LIKE 'bl%'" }, { sqlExpression: "SET seen = TRUE" });
  await manager.createRule("correlation", { subject: "special" });
  const rules = await all(manager.listRules());
  assert.deepEqual(rules.map((rule) => rule.name), ["only-red", "sql", "correlation"]);
  const [, sql] = rules;
  assert.deepEqual([sql.filter.sqlExpression, sql.action.sqlExpression], ["size > 3 AND color LIKE 'bl%'", "SET seen = TRUE"]);
  assert.equal((await admin.getRule("topic", "some", "sql")).action.sqlExpression, "SET seen = TRUE");
  await admin.createRule("topic", "some", "by-rest", { sqlExpression: "size = @wanted", sqlParameters: { "@wanted": 9 } }, { sqlExpression: "REMOVE color" });
  assert.equal((await all(manager.listRules())).length, 4);
  const topicSender = sender("topic");
  await topicSender.sendMessages([{ body: "sql", applicationProperties: { color: "blue", size: 4 } }, { body: "rest", applicationProperties: { color: "x", size: 9 } }]);
  const receiving = receiver("topic", "some", { receiveMode: "receiveAndDelete" });
  const received = await receiving.receiveMessages(2, soon);
  assert.deepEqual(received.map((message) => [message.body, message.applicationProperties]), [["sql", { color: "blue", size: 4, seen: true }], ["rest", { size: 9 }]]);
  await fails(manager.createRule("sql", { subject: "again" }), "MessagingEntityAlreadyExists");
  await fails(manager.deleteRule("absent"), "MessagingEntityNotFound");
  await fails(admin.createRule("topic", "some", "bad", { sqlExpression: "a = = 1" }), "ServiceError", 400);
  for (const name of ["sql", "correlation", "by-rest"]) await manager.deleteRule(name);
  await topicSender.close();
  await receiving.close();
});

check("send, batch, receive, settle", async () => {
  const sending = sender("queue");
  assert.equal(sending.entityPath, "queue");
  await sending.sendMessages({ body: { one: 1 }, messageId: "m1" });
  const batch = watch("ServiceBusMessageBatch", await sending.createMessageBatch());
  assert.equal(batch.tryAddMessage({ body: "b1" }), true);
  assert.equal(batch.tryAddMessage({ body: "x".repeat(2_000_000) }), false);
  await sending.sendMessages(batch);
  await sending.sendMessages([{ body: "list-1" }, { body: "list-2" }]);
  const receiving = receiver("queue");
  const [first, ...rest] = await receiving.receiveMessages(4, soon);
  assert.deepEqual([first.body, first.messageId, first.deliveryCount], [{ one: 1 }, "m1", 0]);
  assert.ok((await receiving.renewMessageLock(first)) > new Date());
  await receiving.completeMessage(first);
  let others = rest;
  while (others.length < 3) others = [...others, ...(await receiving.receiveMessages(3, soon))];
  const [abandoned, deferred, dead] = others;
  await receiving.abandonMessage(abandoned, { tried: 1 });
  await receiving.deferMessage(deferred);
  await receiving.deadLetterMessage(dead, { deadLetterReason: "why", deadLetterErrorDescription: "because" });
  const runtime = await admin.getQueueRuntimeProperties("queue");
  assert.deepEqual([runtime.activeMessageCount, runtime.deadLetterMessageCount, runtime.totalMessageCount], [1, 1, 3]);
  assert.ok(runtime.createdAt <= new Date() && runtime.accessedAt > new Date("2020-01-01") && runtime.sizeInBytes > 0);
  const [again] = await receiving.receiveMessages(1, soon);
  assert.deepEqual([again.deliveryCount, again.applicationProperties.tried], [1, 1]);
  await receiving.completeMessage(again);
  const [back] = await receiving.receiveDeferredMessages(deferred.sequenceNumber);
  await receiving.completeMessage(back);
  const deadLetters = receiver("queue", { subQueueType: "deadLetter" });
  const [letter] = await deadLetters.receiveMessages(1, soon);
  assert.deepEqual([letter.deadLetterReason, letter.deadLetterErrorDescription, letter.deadLetterSource], ["why", "because", "queue"]);
  await deadLetters.completeMessage(letter);
  const transfer = receiver("queue", { subQueueType: "transferDeadLetter" });
  assert.deepEqual(await transfer.receiveMessages(1, briefly), []);
  await Promise.all([sending.close(), receiving.close(), deadLetters.close(), transfer.close()]);
  assert.deepEqual([sending.isClosed, receiving.isClosed], [true, true]);
});

check("schedule, cancel, peek, iterate, subscribe", async () => {
  const sending = sender("queue");
  const numbers = await sending.scheduleMessages([{ body: "s1" }, { body: "s2" }], new Date(Date.now() + 3600_000));
  assert.equal((await admin.getQueueRuntimeProperties("queue")).scheduledMessageCount, 2);
  const receiving = receiver("queue");
  assert.deepEqual((await receiving.peekMessages(5)).map((message) => [message.body, message.state]), [["s1", "scheduled"], ["s2", "scheduled"]]);
  await sending.cancelScheduledMessages(numbers);
  await sending.sendMessages(["i1", "i2", "u1", "u2"].map((body) => ({ body })));
  for await (const message of receiving.getMessageIterator()) {
    await receiving.completeMessage(message);
    if (message.body === "i2") break;
  }
  const bodies = [];
  await new Promise((resolve, reject) => {
    const subscription = receiving.subscribe({
      processMessage: async (message) => {
        bodies.push(message.body);
        if (bodies.length === 2) setTimeout(() => subscription.close().then(resolve, reject), 0);
      },
      processError: async (args) => reject(args.error),
    }, { maxConcurrentCalls: 2 });
  });
  assert.deepEqual(bodies.sort(), ["u1", "u2"]);
  await Promise.all([sending.close(), receiving.close()]);
  const dedup = sender("dedup");
  await dedup.sendMessages([{ body: 1, messageId: "same" }, { body: 2, messageId: "same" }]);
  assert.equal((await admin.getQueueRuntimeProperties("dedup")).activeMessageCount, 1);
  await dedup.close();
});

check("forwarding", async () => {
  const made = await admin.createQueue("hop", { forwardTo: "queue" });
  assert.match(made.forwardTo, /\/queue$/);
  const hop = sender("hop");
  await hop.sendMessages({ body: "moved on" });
  const receiving = receiver("queue", { receiveMode: "receiveAndDelete" });
  assert.equal((await receiving.receiveMessages(1, soon))[0].body, "moved on");
  await fails(admin.createQueue("nowhere", { forwardTo: "absent" }), "ServiceError", 400);
  await Promise.all([hop.close(), receiving.close()]);
  await admin.deleteQueue("hop");
});

check("sessions", async () => {
  const entity = "sessions/with.slash";
  const sending = sender(entity);
  await sending.sendMessages([{ body: "a1", sessionId: "A" }, { body: "a2", sessionId: "A" }, { body: "b1", sessionId: "B" }]);
  const a = await session(client.acceptSession(entity, "A"));
  const next = await session(client.acceptNextSession(entity));
  assert.deepEqual([a.sessionId, next.sessionId], ["A", "B"]);
  assert.deepEqual((await a.peekMessages(5)).map((message) => message.body), ["a1", "a2"]);
  await a.setSessionState({ at: 1 });
  assert.deepEqual(await a.getSessionState(), { at: 1 });
  assert.ok((await a.renewSessionLock()) > new Date());
  const [one, two] = await a.receiveMessages(2, soon);
  await a.completeMessage(one);
  await a.deferMessage(two);
  const [back] = await a.receiveDeferredMessages(two.sequenceNumber);
  await a.deadLetterMessage(back);
  for await (const message of next.getMessageIterator()) {
    await next.abandonMessage(message);
    break;
  }
  await new Promise((resolve, reject) => {
    const subscription = next.subscribe({
      processMessage: async () => setTimeout(() => subscription.close().then(resolve, reject), 0),
      processError: async (args) => reject(args.error),
    });
  });
  await fails(client.acceptSession(entity, "A"), "SessionCannotBeLocked");
  await a.close();
  await next.close();
  const impatient = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 2000 } });
  await fails(impatient.acceptNextSession(entity), "ServiceTimeout");
  await impatient.close();
  await sending.close();
  await assert.rejects(a.renewSessionLock(), /closed|SessionLockLost/i);
});

check("error codes of messaging", async () => {
  await fails(sender("absent").sendMessages({ body: 1 }), "MessagingEntityNotFound");
  await fails(receiver("absent").receiveMessages(1, briefly), "MessagingEntityNotFound");
  await assert.rejects(receiver("sessions/with.slash").receiveMessages(1, briefly), /non-sessionful/);
  const queue = sender("queue");
  await fails(queue.sendMessages({ body: Buffer.alloc(1_100_000) }), "MessageSizeExceeded");
  const { default: Long } = await import("long");
  await fails(queue.cancelScheduledMessages(Long.fromNumber(999)), "MessageNotFound");
  await fails(receiver("queue").receiveDeferredMessages(Long.fromNumber(999)), "MessageNotFound");
  await queue.sendMessages({ body: "settled twice" });
  const receiving = receiver("queue");
  const [message] = await receiving.receiveMessages(1, soon);
  await receiving.completeMessage(message);
  await assert.rejects(receiving.completeMessage(message), (error) => error.code === "MessageLockLost" || /settled/.test(error.message));
  const tiny = sender("tiny");
  await assert.rejects(async () => {
    for (let number = 0; number < 4; number++) await tiny.sendMessages({ body: Buffer.alloc(400_000) });
  }, (error) => error.code === "QuotaExceeded");
  await admin.updateQueue({ ...(await admin.getQueue("tiny")), status: "SendDisabled" });
  await fails(sender("tiny").sendMessages({ body: 1 }), "MessagingEntityDisabled");
  await admin.updateQueue({ ...(await admin.getQueue("tiny")), status: "ReceiveDisabled" });
  await fails(receiver("tiny").receiveMessages(1, briefly), "MessagingEntityDisabled");
  await Promise.all([queue.close(), receiving.close()]);
});

check("error codes of administration", async () => {
  await fails(admin.getQueue("absent"), "MessageEntityNotFoundError");
  await fails(admin.deleteQueue("absent"), "MessageEntityNotFoundError", 404);
  await fails(admin.createQueue("queue"), "MessageEntityAlreadyExistsError", 409);
  await fails(admin.createTopic("queue"), "MessageEntityAlreadyExistsError", 409);
  await fails(admin.createSubscription("topic", "every"), "MessageEntityAlreadyExistsError", 409);
  await fails(admin.createRule("topic", "every", "$Default", { subject: "x" }), "MessageEntityAlreadyExistsError", 409);
  await fails(admin.createSubscription("absent", "s"), "MessageEntityNotFoundError", 404);
  await fails(admin.createQueue("bad", { lockDuration: "PT10M" }), "ServiceError", 400);
  await fails(admin.createQueue("bad", { maxDeliveryCount: 0 }), "ServiceError", 400);
  await fails(admin.updateQueue({ ...(await admin.getQueue("queue")), requiresSession: true }), "ServiceError", 400);
  await fails(admin.deleteRule("topic", "every", "absent"), "MessageEntityNotFoundError", 404);
});

check("deleted under a receiver", async () => {
  const receiving = receiver("dedup");
  const gone = new Promise((resolve) => {
    receiving.subscribe({ processMessage: async () => {}, processError: async (args) => resolve(args.error) });
  });
  const sending = sender("dedup");
  await sending.sendMessages({ body: "before" });
  await admin.deleteQueue("dedup");
  assert.equal((await gone).code, "MessagingEntityNotFound");
  await fails(sending.sendMessages({ body: "after" }), "MessagingEntityNotFound");
  await receiving.close();
  await admin.createQueue("dedup");
  const fresh = sender("dedup");
  await fresh.sendMessages({ body: "anew" });
  const other = receiver("dedup", { receiveMode: "receiveAndDelete" });
  const [message] = await other.receiveMessages(1, soon);
  assert.deepEqual([message.body, message.sequenceNumber.toNumber()], ["anew", 1]);
  await Promise.all([fresh.close(), other.close()]);
});

check("namespace and the end", async () => {
  const info = await admin.getNamespaceProperties();
  assert.deepEqual([info.messagingSku, typeof info.name, info.createdAt instanceof Date], ["Standard", "string", true]);
  await admin.deleteSubscription("topic", "every");
  await admin.deleteTopic("topic");
  assert.equal(await admin.subscriptionExists("topic", "some"), false);
  for (const queue of ["queue", "sessions/with.slash", "dedup", "tiny"]) await admin.deleteQueue(queue);
  await client.close();
});

check("nothing is missing", () => {
  const declarations = readFileSync(new URL("./node_modules/@azure/service-bus/types/latest/service-bus.d.ts", import.meta.url), "utf8");
  const kinds = ["ServiceBusClient", "ServiceBusSender", "ServiceBusReceiver", "ServiceBusSessionReceiver", "ServiceBusRuleManager", "ServiceBusMessageBatch", "ServiceBusAdministrationClient"];
  const operations = new Set();
  for (const kind of kinds) {
    const body = declarations.match(new RegExp(`^export declare (?:class|interface) ${kind}(?: [^{]*)?\\{$(.*?)^\\}`, "ms"));
    assert.ok(body, `${kind} is declared`);
    const names = [...body[1].matchAll(/^ {4}(?!private |constructor\b)([A-Za-z]\w*)\(/gm)].map((match) => match[1]);
    assert.ok(names.length > 0, `${kind} has operations`);
    names.forEach((name) => operations.add(`${kind}.${name}`));
  }
  const missing = [...operations].filter((operation) => !used.has(operation));
  assert.deepEqual(missing, [], "operations that no check calls");
  console.log(`${operations.size} public operations`);
});

try {
  for (const [name, run] of checks) {
    const started = Date.now();
    await run();
    console.log(`ok ${name} (${Date.now() - started} ms)`);
  }
  console.log(`${checks.length} checks passed`);
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
