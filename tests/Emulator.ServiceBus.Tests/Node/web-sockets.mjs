// The official JavaScript client over WebSockets (TLS), which is what `webSocketOptions` makes it use. Argument: the admin port's connection string.
import assert from "node:assert/strict";
import { ServiceBusClient } from "@azure/service-bus";
import WebSocket from "ws";

const [connectionString] = process.argv.slice(2);
const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 15000 }, webSocketOptions: { webSocket: WebSocket } });
try {
  const sender = client.createSender("q1");
  const large = Buffer.alloc(700_000, 7);
  await sender.sendMessages([{ body: "one" }, { body: "two" }]);
  await sender.sendMessages({ body: large });
  const receiver = client.createReceiver("q1");
  const messages = [];
  while (messages.length < 3) messages.push(...(await receiver.receiveMessages(3, { maxWaitTimeInMs: 10000 })));
  assert.deepEqual(messages.slice(0, 2).map((message) => message.body), ["one", "two"]);
  assert.ok(large.equals(messages[2].body));
  for (const message of messages) await receiver.completeMessage(message);
  assert.deepEqual(await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 }), []);
  const session = client.acceptNextSession("sq");
  await client.createSender("sq").sendMessages({ body: "s", sessionId: "S" });
  const [message] = await (await session).receiveMessages(1, { maxWaitTimeInMs: 10000 });
  await (await session).completeMessage(message);
  await client.close();
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
