// rhea as a plain AMQP 1.0 client. Argument: JSON { host, port, user, password, node, bytes }. Reads lines "send N" and "receive N", answers each with seconds.
import readline from "node:readline";
import rhea from "rhea";

const { host, port, user, password, node, bytes } = JSON.parse(process.argv[2]);
const container = rhea.create_container();
const connection = container.connect({ host, port, username: user ?? undefined, password: user ? password : undefined, reconnect: false });
connection.on("connection_error", (context) => { console.error(context.connection.error); process.exit(1); });
connection.on("disconnected", () => process.exit(1));
const body = rhea.message.data_section(Buffer.alloc(bytes, "x"));
const sender = connection.open_sender({ target: node });
let sent = 0;

function send(count) {
  return new Promise((resolve, reject) => {
    let left = count, unanswered = count;
    const pump = () => { while (left > 0 && sender.sendable()) { left--; sender.send({ durable: true, message_id: String(sent++), body }); } };
    const accepted = () => { if (--unanswered === 0) { sender.removeListener("sendable", pump); sender.removeListener("accepted", accepted); resolve(); } };
    sender.on("sendable", pump);
    sender.on("accepted", accepted);
    sender.once("rejected", (context) => reject(context.delivery.remote_state));
    pump();
  });
}

function receive(count) {
  return new Promise((resolve) => {
    let left = count;
    const receiver = connection.open_receiver({ source: node, credit_window: 0, autoaccept: true, autosettle: true });
    let credit = Math.min(1000, count);
    receiver.add_credit(credit);
    receiver.on("message", () => {
      left--;
      credit--;
      if (credit <= 500 && credit < left) { const more = Math.min(1000, left) - credit; credit += more; receiver.add_credit(more); }
      if (left === 0) setImmediate(() => receiver.close());
    });
    receiver.once("receiver_close", resolve);
  });
}

await new Promise((resolve) => (sender.sendable() ? resolve() : sender.once("sendable", resolve)));
console.log("ready");
for await (const line of readline.createInterface({ input: process.stdin })) {
  const [what, count] = line.split(" ");
  const started = process.hrtime.bigint();
  await (what === "send" ? send(Number(count)) : receive(Number(count)));
  console.log(Number(process.hrtime.bigint() - started) / 1e9);
}
process.exit(0);
