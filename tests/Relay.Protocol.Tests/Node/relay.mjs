// A relay and a negotiation out of fixed keys, for vectors: whatever it is asked to sign it signs, lies too.
import { keyOf, toDer } from "./sign.mjs";
import { leafHash, nodeHash, sha256 } from "./formats.mjs";
import { fold, isText } from "./words.mjs";

export const version = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
export const origin = "relay.example/doha-2026";
export const start = 1795348800;
export const vaultKid = `https://kv.vault.azure.net/keys/relay-checkpoint/${version}`;
export const mediatorKid = (name) => `https://kv.vault.azure.net/keys/mediator-${name}/${version}`;
export const b64 = (bytes) => Buffer.from(bytes).toString("base64");
export const b64url = (bytes) => Buffer.from(bytes).toString("base64url");
export const jwkOf = (name, kid) => ({ ...keyOf(name).jwk, ...(kid ? { kid } : {}) });

// A key of ML-KEM-768 beside P-256 as a document has it; nobody has its private part, and a judge of wraps is only to see that it is none on P-256.
export function hybridJwkOf(name, kid) {
  const { x, y } = keyOf(name).jwk;
  return { kty: "AKP", alg: "HPKE-8-KE", pub: b64url(Buffer.concat([Buffer.alloc(1184), Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")])), kid };
}
const identity = (name, encryption) => ({
  topic: `delegation-${name}`,
  identityKeys: [jwkOf(`identity ${name}`, `${name}#1`)],
  ...(name === "iran" ? { encryptionKeys: [encryption] } : {}),
});
export const documentOf = ({ negotiation = "doha-2026", routes = [{ from: "us", to: ["iran"] }], quorum = 3, encryption = jwkOf("encryption iran", "iran#enc-1") } = {}) => JSON.stringify({
  negotiation,
  delegations: { us: identity("us"), iran: identity("iran", encryption), oman: identity("oman") },
  mediators: Object.fromEntries([["qatar", 2], ["oman", 1], ["swiss", 1]].map(([name, weight]) =>
    [name, { key: mediatorKid(name).slice(0, -33), weight }])),
  quorum,
  routes,
  version: 1,
});
export const document = documentOf();
export const policyOf = (text) => sha256(Buffer.from(text, "utf8"));

// Heads and entries.
export function headOf({ negotiation = "doha-2026", sender = "us", lane = "normal", sequence = 1, prev, aud = ["iran"], iat = start, seen, content = '{"ciphertext":"AAAA"}', more = {} } = {}) {
  return JSON.stringify({
    jti: `${negotiation}/${sender}/${lane}/${sequence}`,
    aud,
    ...(sequence === 1 ? {} : { prev: prev ?? b64url(sha256("another")) }),
    iat,
    exp: iat + 3600,
    ...(seen ? { seen } : {}),
    content: b64url(sha256(content)),
    ...more,
  });
}
export const headerOf = (name, alg = "ES256") => JSON.stringify({ alg, kid: mediatorKid(name), typ: "relay-envelope" });
export function signatureOf(head, name, by = name, header = headerOf(name)) {
  return { header, value: keyOf(`mediator ${by}`).sign(Buffer.from(`${b64url(header)}.${b64url(head)}`, "latin1")) };
}
export function judged(head, mediators = ["oman", "qatar"], policy = policyOf(document)) {
  const lines = mediators.map((one) => (typeof one === "string" ? signatureOf(head, one) : one)).map(({ header, value }) => `${b64(header)} ${b64(value)}\n`);
  return `${b64(policy)}\n${b64(head)}\n${lines.join("")}`;
}
export const at = (minutes) => (start + minutes * 60) * 1000;
export const entryOf = (head = headOf(), { minutes = 5, mediators, policy } = {}) => `relay/envelope/v2\n${at(minutes)}\n${judged(head, mediators, policy)}`;
export const evidenceOf = (shows, heads, { minutes = 5, mediators } = {}) => `relay/evidence/v2\n${at(minutes)}\n${shows}\n${heads.map((head) => judged(head, mediators)).join("")}`;
export function acknowledgementOf({ head = headOf(), id = JSON.parse(head).jti, digest = b64url(sha256(head)), state = "opened", reason, iat = start + 60, by = "iran", kid = `${by}#1`, header, more } = {}) {
  const parts = [
    header ?? JSON.stringify({ alg: "ES256", kid, typ: "relay-acknowledgement" }),
    JSON.stringify({ jti: id, digest, state, ...(reason === undefined ? {} : { reason }), iat, ...more }),
  ].map(b64url).join(".");
  return `${parts}.${b64url(keyOf(`identity ${by}`).sign(Buffer.from(parts, "latin1")))}`;
}
export const saidOf = (compact = acknowledgementOf(), { minutes = 6, policy = policyOf(document) } = {}) => `relay/acknowledgement/v1\n${at(minutes)}\n${b64(policy)}\n${compact}\n`;
export const heartbeat = (minutes) => `relay/heartbeat/v1\n${at(minutes)}\n`;
export function wireOf(head, signatures, content = '{"ciphertext":"AAAA"}') {
  return JSON.stringify({
    payload: b64url(head), signatures: signatures.map(({ header, value }) => ({ protected: b64url(header), signature: b64url(value) })), content: b64url(content),
  });
}

// Trees of entries; RFC 6962 section 2.1 as it is written there.
const split = (size) => { let k = 1; while (k * 2 < size) k *= 2; return k; };
export class Tree {
  constructor(entries) { this.entries = entries; this.leaves = entries.map((entry) => leafHash(Buffer.from(entry))); }
  root(from = 0, to = this.leaves.length) {
    if (to - from === 0) return sha256();
    if (to - from === 1) return this.leaves[from];
    const k = from + split(to - from);
    return nodeHash(this.root(from, k), this.root(k, to));
  }
  inclusion(index, from = 0, to = this.leaves.length) {
    if (to - from === 1) return [];
    const k = from + split(to - from);
    return index < k ? [...this.inclusion(index, from, k), this.root(k, to)] : [...this.inclusion(index, k, to), this.root(from, k)];
  }
  consistency(size, from = 0, to = this.leaves.length, isWhole = true) {
    if (size === to - from) return isWhole ? [] : [this.root(from, to)];
    const k = split(to - from);
    return size <= k
      ? [...this.consistency(size, from, from + k, isWhole), this.root(from + k, to)]
      : [...this.consistency(size - k, from + k, to, false), this.root(from, from + k)];
  }
}
export const filler = (size, entries = {}) => new Tree(Array.from({ length: size }, (_, i) => entries[i] ?? `filler ${i}\n`));

// What the relay signs.
export function certificateOf({ prefix = "relay.example/", nbf = start, seconds = 3600, by = "vault", key = "checkpoint", header, payload } = {}) {
  const parts = [
    header ?? JSON.stringify({ alg: "ES256", kid: vaultKid, typ: "relay-checkpoint-key" }),
    payload ?? JSON.stringify({ "origin-prefix": prefix, jwk: keyOf(key).jwk, nbf, exp: nbf + seconds }),
  ].map(b64url).join(".");
  return `${parts}.${b64url(keyOf(by).sign(Buffer.from(parts, "latin1")))}`;
}
export function noteOf(text, { name = text.split("\n")[0], key = "checkpoint", signature } = {}) {
  const value = Buffer.concat([sha256(keyOf(key).spki).subarray(0, 4), signature ?? toDer(keyOf(key).sign(Buffer.from(text, "utf8")))]);
  return `${text}\n\u2014 ${name} ${b64(value)}\n`;
}
export const checkpointOf = (tree, { of = origin, size = tree.leaves.length, root = tree.root(0, size) } = {}) => `${of}\n${size}\n${b64(root)}\n`;
export function receiptOf(tree, index, { certificate = certificateOf(), entry = tree.entries[index], note = noteOf(checkpointOf(tree)), extra, hashes = tree.inclusion(index) } = {}) {
  const line = extra ?? JSON.stringify({ entry, key: certificate });
  return `c2sp.org/tlog-proof@v1\nextra ${b64(line)}\nindex ${index}\n${hashes.map((hash) => `${b64(hash)}\n`).join("")}\n${note}`;
}

// Evidence files, in full until they are put together.
export function blockOf(content) {
  const bytes = Buffer.from(content);
  return isText(bytes) ? `\n${bytes.toString("latin1").split("\n").map((line) => ` ${line}\n`).join("")}` : ` ${b64(bytes)}\n`;
}
export function treeLines(tree, indices, { certificate = certificateOf(), note = noteOf(checkpointOf(tree)) } = {}) {
  const [, size, root, , line] = note.split("\n");
  const leaves = indices.map((index) => `leaf ${index}${blockOf(tree.entries[index])}${tree.inclusion(index).map((hash) => `${b64(hash)}\n`).join("")}`);
  return `tree ${size} ${root} ${line.split(" ")[2]} ${certificate.replaceAll(".", " ")}\n${leaves.join("")}`;
}
export const rootLines = (root, proof) => `root ${b64(root)}\n${proof.map((hash) => `${b64(hash)}\n`).join("")}`;
export const documentLines = (text) => `document${blockOf(text)}`;
export const fullFile = (kind, ...parts) => `relay/evidence-file/v2\n${kind}\n${origin}\n${parts.join("")}`;
export const evidenceFile = (kind, ...parts) => fold(fullFile(kind, ...parts));
