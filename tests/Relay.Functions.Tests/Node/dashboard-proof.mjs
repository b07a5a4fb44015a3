// What the dashboard's own script says of a ledger that is served, and of one that is changed on the way. Prints a line of JSON for each case.
//   node dashboard-proof.mjs <folder of proof.js> <https://host/api/negotiations/{negotiation}/> <negotiation> <keys.json>
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [folder, base, negotiation, keyFile] = process.argv.slice(2);
const { LedgerProof, tilePath } = await import(pathToFileURL(`${folder}/proof.mjs`));
const keys = JSON.parse(await readFile(keyFile, "utf8"));
const ask = async (path) => {
  const answer = await fetch(base + path, { headers: { "Test-Caller": "member" } });
  if (!answer.ok) throw new Error(`answers ${answer.status}`);
  return answer;
};
const read = async (path) => new Uint8Array(await (await ask(path)).arrayBuffer());
const answer = await ask("checkpoint");
const checkpoint = new Uint8Array(await answer.arrayBuffer());
const certificate = answer.headers.get("Relay-Checkpoint-Key");

async function told(name, proof, ...more) {
  try {
    const { size, isKnown } = await proof.update(...more);
    const last = proof.entries.at(-1).head;
    console.log(JSON.stringify({ name, holds: true, size, isKnown, entries: proof.entries.length, untold: proof.untold, weight: last.proof.weight, digest: last.digest }));
  } catch (error) {
    console.log(JSON.stringify({ name, holds: false, kind: error.constructor.name, index: error.index ?? null, message: error.message, entries: proof.entries.length }));
  }
}
const changed = (bytes, at, by = 1) => { const copy = new Uint8Array(bytes); copy[at] ^= by; return copy; };
// A byte in the middle of the last entry of the bundle, beyond its length and its kind.
const tampered = (bundle) => async (path) => { const bytes = await read(path); return path === bundle ? changed(bytes, bytes.length - 40) : bytes; };

const honest = new LedgerProof(negotiation, read, keys);
await told("honest", honest, checkpoint, certificate);
await told("again", honest, checkpoint, certificate);
// What the page exports is what it has verified, or nothing.
const file = await honest.export();
const digestOf = async (text) => Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(text, "base64"))).toString("base64url");
const leaf = async (text) => Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.concat([Buffer.from([0]), Buffer.from(text, "base64")]))).toString("hex");
const leaves = honest.leaves.map((hash) => Buffer.from(hash).toString("hex"));
console.log(JSON.stringify({
  name: "export", members: Object.keys(file).join(), format: file.format, negotiation: file.negotiation, entries: file.entries.length,
  isWhole: (await Promise.all(file.entries.map(leaf))).join() === leaves.join() && file.checkpoint === new TextDecoder().decode(checkpoint) && file.certificate === certificate,
  documents: (await Promise.all(file.documents.map(digestOf))).join() === [...honest.documents.keys()].join(),
}));
honest.read = tampered(tilePath("entries", 1, 44));
await honest.export().then(() => console.log(JSON.stringify({ name: "export tampered", holds: true })), (error) => console.log(JSON.stringify({ name: "export tampered", holds: false, kind: error.constructor.name, index: error.index, message: error.message })));

// An entry that the relay cannot show any more, and whatever is asked for with it.
const withheld = async (path) => {
  const [, bundle, width] = /^tile\/entries\/(\d+)(?:\.p\/(\d+))?$/.exec(path) ?? [];
  if (bundle === "000" && Number(width ?? 256) > 99) throw new Error("answers 500");
  return read(path);
};
const looked = async (name, look) => {
  honest.read = look;
  await honest.again(0).then(() => console.log(JSON.stringify({ name, holds: true })), (error) => console.log(JSON.stringify({ name, holds: false, kind: error.constructor.name, index: error.index, message: error.message })));
};
await looked("looked again", read);
await looked("withheld again", withheld);
await looked("tampered again", async (path) => changed(await read(path), 4));
await told("without keys", new LedgerProof(negotiation, read, null), checkpoint, certificate);
await told("tampered", new LedgerProof(negotiation, tampered(tilePath("entries", 1, 44)), keys), checkpoint, certificate);
await told("refused", new LedgerProof(negotiation, withheld, keys), checkpoint, certificate);
const other = new LedgerProof(negotiation, read, keys);
other.leaves = new Array(300).fill(new Uint8Array(32));
other.entries = new Array(300).fill({});
await told("another past", other, checkpoint, certificate);
const more = new LedgerProof(negotiation, read, keys);
more.entries = new Array(400).fill({});
await told("gone back", more, checkpoint, certificate);
await told("forged checkpoint", new LedgerProof(negotiation, read, keys), changed(checkpoint, checkpoint.indexOf(10) + 1), certificate);
const strangers = { keys: keys.keys.map((key) => ({ ...key, x: keys.keys.find((one) => one.kid !== key.kid).x, y: keys.keys.find((one) => one.kid !== key.kid).y })) };
await told("other keys", new LedgerProof(negotiation, read, strangers), checkpoint, certificate);
const mediatorless = { keys: keys.keys.filter((key) => key.kid.includes("relay-checkpoint")) };
await told("without mediators", new LedgerProof(negotiation, read, mediatorless), checkpoint, certificate);
const swapped = { keys: keys.keys.map((key) => key.kid.includes("mediator") ? { ...key, x: strangers.keys.find((one) => one.kid === key.kid).x, y: strangers.keys.find((one) => one.kid === key.kid).y } : key) };
await told("other mediator", new LedgerProof(negotiation, read, swapped), checkpoint, certificate);
const document = async (path) => path.startsWith("policies/") ? changed(await read(path), 10) : read(path);
await told("other document", new LedgerProof(negotiation, document, keys), checkpoint, certificate);
