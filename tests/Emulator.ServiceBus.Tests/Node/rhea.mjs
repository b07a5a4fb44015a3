// A plain AMQP 1.0 client (rhea): no Service Bus conventions, PLAIN or ANONYMOUS, no token. Arguments: host, port.
import assert from "node:assert/strict";
import rhea from "rhea";

const [host, port] = process.argv.slice(2);
const container = rhea.create_container();
const connection = container.connect({ host, port: Number(port), username: "any", password: "any", reconnect: false });
const once = (emitter, name) => new Promise((resolve, reject) => {
  emitter.once(name, resolve);
  for (const bad of ["connection_error", "disconnected"]) connection.once(bad, (context) => reject(context.connection?.error ?? bad));
});
const deadline = setTimeout(() => { console.error("no end within 180 s"); process.exit(1); }, 180_000);

try {
  // Send more than the first credit window, settle each, one sent in several frames.
  const sender = connection.open_sender("q1");
  const total = 3000;
  let sent = 0, accepted = 0;
  await new Promise((resolve, reject) => {
    sender.on("sendable", () => { while (sender.sendable() && sent < total) sender.send({ message_id: sent++, body: "x".repeat(sent === 7 ? 200000 : 100) }); });
    sender.on("accepted", () => { if (++accepted === total) resolve(); });
    sender.on("rejected", (context) => reject(context.delivery.remote_state.error));
  });

  // Two receivers on one session, window credit, every outcome a plain client has.
  const seen = new Set();
  let released = false, rejected = 0;
  const session = connection.create_session();
  session.open();
  await new Promise((resolve, reject) => {
    for (const name of ["one", "two"]) {
      const receiver = session.open_receiver({ name, source: "q1", credit_window: 50, autoaccept: false, autosettle: true });
      receiver.on("message", ({ message, delivery }) => {
        if (message.message_id === 5 && !released) { released = true; delivery.release({ delivery_failed: false, undeliverable_here: false }); return; }
        if (message.message_id === 6) { rejected++; seen.add(6); delivery.reject({ condition: "my:reason", description: "not wanted" }); }
        else { if (seen.has(message.message_id)) reject(new Error(`twice: ${message.message_id}`)); seen.add(message.message_id); delivery.accept(); }
        if (seen.size === total) resolve();
      });
      receiver.on("receiver_error", (context) => reject(context.receiver.error));
    }
  });
  assert.ok(released && rejected === 1);

  // What it rejected is in the dead-letter queue, with the error as reason.
  const dead = connection.open_receiver({ source: "q1/$DeadLetterQueue", credit_window: 1 });
  const { message } = await once(dead, "message");
  assert.equal(message.application_properties.DeadLetterReason, "my:reason");
  assert.equal(message.application_properties.DeadLetterErrorDescription, "not wanted");

  // A wrong address is refused on its own link; the connection lives on.
  const wrong = connection.open_sender("nope");
  const { sender: refused } = await once(wrong, "sender_error");
  assert.equal(refused.error.condition, "amqp:not-found");
  assert.match(refused.error.description, /The messaging entity 'sb:\/\/.*nope' could not be found/);
  const topicReceiver = connection.open_receiver("t1");
  assert.equal((await once(topicReceiver, "receiver_error")).receiver.error.condition, "amqp:not-allowed");
  connection.close();
  await once(connection, "connection_close");
  clearTimeout(deadline);
  console.log("ok");
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
