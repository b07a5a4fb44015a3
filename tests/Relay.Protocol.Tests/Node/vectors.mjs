// Writes and runs the published vectors.
//
//   node vectors.mjs write <folder>     the files below, byte for byte the same each time
//   node vectors.mjs run <folder>       judges every vector of every file in the folder, and says which it judges otherwise
//
// Each stated fault is what these files and src/Relay.Protocol have to agree on; they share no code.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makers } from "./make.mjs";
import { Fault, parseEnvelope, checkJws, signingInput } from "./formats.mjs";
import * as formats from "./formats.mjs";
import { judge } from "./evidence.mjs";
import { signHash } from "./sign.mjs";

const bytesOf = (vector, name = "text") => (vector[name] !== undefined ? Buffer.from(vector[name], "utf8") : Buffer.from(vector.bytes, "base64"));
const attempt = (action) => {
  try { return action() ?? "None"; } catch (error) { if (error instanceof Fault) return error.code; throw error; }
};
const hashes = (list) => list.map((text) => Buffer.from(text, "base64"));
const judges = {
  "names.json": ({ form, text }) => ({
    name: formats.isName(text), id: formats.parseId(text) !== null, kid: formats.parseKeyId(text) !== null, origin: formats.isOrigin(text),
  })[form] ? "None" : "BadName",
  "heads.json": (v) => attempt(() => { formats.parseHead(bytesOf(v)); }),
  "headers.json": (v) => attempt(() => { formats.parseHeader(bytesOf(v)); }),
  "wires.json": (v) => attempt(() => verifyAll(parseEnvelope(bytesOf(v)), v.keys)),
  "envelopes.json": (v) => attempt(() => verifyAll(parseEnvelope(Buffer.from(v.wire, "utf8")), v.keys)),
  "entries.json": (v) => attempt(() => { formats.parseEntry(bytesOf(v)); }),
  "notes.json": (v) => attempt(() => {
    const note = formats.parseNote(bytesOf(v));
    formats.parseCheckpoint(note.text);
    return formats.checkNote(note, v.origin, v.key);
  }),
  "certificates.json": (v) => attempt(() => {
    const certificate = formats.parseCertificate(v.text);
    if (checkJws(v.key, certificate.alg, certificate.signed, certificate.signature) !== "None") return "BadCertificateSignature";
    return formats.covers(certificate, v.origin) ? "None" : "CertificateForOtherOrigin";
  }),
  "receipts.json": (v, file) => attempt(() => {
    formats.checkReceipt(bytesOf(v), v.origin, file.keys, v.now, formats.parseHead(Buffer.from(v.head, "utf8")));
  }),
  "proofs.json": (v) => (v.leaf === undefined
    ? formats.checkConsistency(v.first, hashes([v.firstRoot])[0], v.size, hashes([v.root])[0], hashes(v.proof))
    : formats.checkInclusion(hashes([v.leaf])[0], v.index, v.size, hashes(v.proof), hashes([v.root])[0])) ? "None" : (v.leaf === undefined ? "NotConsistent" : "NotIncluded"),
  "bundles.json": (v) => attempt(() => { formats.parseBundle(bytesOf(v), v.width); }),
  "batches.json": (v) => checkJws(v.key, v.alg, v.input, Buffer.from(v.value, "base64")),
  "weights.json": (v) => (weigh(v) >= v.quorum ? "None" : "QuorumNotMet"),
  "quorum.json": (v) => (weigh(v) === v.weight && weigh(v) >= v.quorum ? "None" : "refused"),
  "evidence.json": (v, file) => judge(bytesOf(v), {
    relayKeys: v.without?.includes("relay") ? [] : file.relayKeys,
    mediatorKeys: file.mediatorKeys.filter((key) => !v.without?.some((name) => key.kid.includes(`mediator-${name}/`))),
    documents: v.without?.includes("document") ? [] : file.documents.map((text) => Buffer.from(text, "utf8")),
  }),
};
function verifyAll(envelope, keys) {
  for (const signature of envelope.signatures) {
    const jwk = keys[signature.header.kid.text];
    if (!jwk) return "UnknownKey";
    const fault = checkJws(jwk, signature.header.alg, signingInput(signature, envelope.head), signature.value);
    if (fault !== "None") return fault;
  }
  return "None";
}
function weigh({ weights, signatures }) {
  const counted = new Set(signatures.filter((s) => s.valid && Object.hasOwn(weights, s.mediator)).map((s) => s.mediator));
  return [...counted].reduce((sum, name) => sum + weights[name], 0);
}

// RFC 6979 appendix A.2.5: the nonces are the standard's, so whoever writes these files anew writes the same bytes.
const sample = signHash(0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n, formats.sha256("sample")).toString("hex");
if (!sample.startsWith("efd48b2aacb6a8fd") || !sample.endsWith("dc4ab2f843acda8")) throw new Error("expected the signature of RFC 6979, got another");

const [command, folder] = process.argv.slice(2);
if (command === "write") {
  for (const [name, make] of Object.entries(makers)) {
    const file = make();
    for (const vector of file.vectors) {
      const found = judges[name](vector, file);
      if (vector.fault !== undefined && vector.fault !== found) throw new Error(`${name}, ${vector.name}: stated ${vector.fault}, got ${found}`);
      vector.accept = found === "None";
      vector.fault = found;
    }
    // One line a vector: a change of one is a change of one line.
    const { vectors, ...rest } = file;
    const lines = vectors.map(({ name, accept, fault, ...more }) => JSON.stringify({ name, accept, ...(accept ? {} : { fault }), ...more }));
    writeFileSync(join(folder, name), `${JSON.stringify(rest).slice(0, -1)},"vectors":[\n${lines.join(",\n")}\n]}\n`);
  }
} else if (command === "run") {
  let [count, wrong] = [0, 0];
  for (const [name, judgeOne] of Object.entries(judges)) {
    const file = JSON.parse(readFileSync(join(folder, name), "utf8"));
    for (const vector of file.vectors) {
      const found = judgeOne(vector, file);
      const expected = vector.accept ? "None" : vector.fault ?? "refused";
      count++;
      if (found === expected) continue;
      wrong++;
      console.log(`${name}, ${vector.name}: expected ${expected}, got ${found}`);
    }
  }
  console.log(`${count} vectors, ${wrong} judged otherwise`);
  process.exitCode = wrong === 0 ? 0 : 1;
} else {
  console.log("expected: write|run <folder>");
  process.exitCode = 2;
}
