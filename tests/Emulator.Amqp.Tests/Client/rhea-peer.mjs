// Drives a broker with rhea, the AMQP library under the JavaScript Service Bus client: sends, receives with drain and settlement, refusal, large messages.
import rhea from 'rhea';

const port = Number(process.argv[2]);
const container = rhea.create_container();
const fail = text => { console.error(text); process.exit(1); };
const timer = setTimeout(() => fail('timed out'), 180_000);
const connection = container.connect({ port, host: '127.0.0.1', reconnect: false, username: 'anonymous', max_frame_size: 65536, idle_time_out: 60000 });
connection.on('connection_error', c => fail(`connection error ${c.connection.error}`));
connection.on('protocol_error', e => fail(`protocol error ${e}`));
connection.on('session_error', c => fail(`session error ${c.session.error}`));

const sizes = [1, 1000, 70000, 400000];
const sender = connection.open_sender({ target: 'rhea' });
let sent = 0;
let accepted = 0;
sender.on('sendable', () => {
  while (sent < 200 && sender.sendable()) {
    sender.send({ message_id: `m${sent}`, body: rhea.message.data_section(Buffer.alloc(sizes[sent % sizes.length], sent & 0xff)), application_properties: { n: sent } });
    sent++;
  }
});
sender.on('accepted', () => { if (++accepted === 200) receive(); });
sender.on('rejected', () => fail('rejected'));

function receive() {
  const receiver = connection.open_receiver({ source: 'rhea', credit_window: 0, autoaccept: false, autosettle: false, rcv_settle_mode: 1, snd_settle_mode: 0 });
  let got = 0;
  let settled = 0;
  receiver.on('receiver_open', () => { receiver.drain = true; receiver.add_credit(500); });
  receiver.on('message', c => {
    const n = c.message.application_properties.n;
    if (n !== got || c.message.body.content.length !== sizes[n % sizes.length]) fail(`message ${n} instead of ${got}, ${c.message.body.content.length} bytes`);
    got++;
    if (n >= 100) c.delivery.update(false, rhea.message.accepted().described()); else c.delivery.update(false, rhea.message.modified({ undeliverable_here: true }).described());
  });
  receiver.on('settled', () => { settled++; done(); });
  receiver.on('receiver_drained', () => { drained = true; done(); });
  let drained = false;
  const done = () => {
    if (!drained || settled < 200) return;
    if (got !== 200 || receiver.credit !== 0) fail(`drained after ${got}, credit ${receiver.credit}`);
    refused();
  };
}

function refused() {
  const receiver = connection.open_receiver({ source: 'missing' });
  receiver.on('receiver_error', c => {
    if (c.receiver.error.condition !== 'amqp:not-found') fail(`refused with ${c.receiver.error.condition}`);
    connection.close();
  });
}

connection.on('connection_close', () => { clearTimeout(timer); console.log('rhea is content'); });
