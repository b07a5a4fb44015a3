// The formats of src/Relay.Protocol/README.md, read and judged with nothing but Node: written from that page, RFC 6962, 7515, 7518, 9162 and the C2SP specifications alone.
// Every refusal is a Fault with the code that the published vectors name.
import { createHash, createPublicKey, verify } from "node:crypto";
import { isOnCurve } from "./curve.mjs";
import { Fault, JsonReader, parseJson } from "./json.mjs";

export { Fault, parseJson };
export const fail = (code, message) => { throw new Fault(code, message); };
const need = (condition, code, message) => { if (!condition) fail(code, message); };
export const sha256 = (...parts) => { const h = createHash("sha256"); for (const p of parts) h.update(p); return h.digest(); };
export const leafHash = (entry) => sha256(Buffer.from([0]), entry);
export const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right);
export const maxSize = 2 ** 53 - 1;
const maxTime = 253402300799n;
const skew = 120;

// Text forms, each in its one spelling; null when it is none.
export function base64(text) {
  const bytes = Buffer.from(text, "base64");
  return text.length % 4 === 0 && bytes.toString("base64") === text ? bytes : null;
}
export function base64url(text) {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : null;
}
const hashOf = (text) => { const bytes = base64(text); return bytes?.length === 32 ? bytes : null; };
export function decimal(text, max = maxSize) {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = BigInt(text);
  return value <= BigInt(max) ? Number(value) : null;
}
export const isName = (text) => /^[a-z0-9][a-z0-9-]{0,49}$/.test(text);
export function parseId(text) {
  const parts = text.split("/");
  if (parts.length !== 4 || text.length > 125 || !isName(parts[0]) || !isName(parts[1]) || !["normal", "urgent"].includes(parts[2])) return null;
  const sequence = /^[1-9]/.test(parts[3]) ? decimal(parts[3]) : null;
  return sequence === null ? null : { text, negotiation: parts[0], sender: parts[1], stream: parts.slice(0, 3).join("/"), sequence };
}
export function parseKeyId(text) {
  if (text === null || text.length > 512) return null;
  const match = /^(https:\/\/([a-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?\/keys\/([A-Za-z0-9-]{1,127}))\/[A-Za-z0-9]{1,64}$/.exec(text);
  if (!match || /^[.-]|[.-]$/.test(match[2]) || match[3] === "443" || Number(match[3] ?? 1) > 65535) return null;
  return { text, key: match[1], name: match[4] };
}

// Head, protected header, envelope.
const json = { syntax: "NotJson", duplicate: "DuplicateMember", complex: "TooComplex" };
export function parseHead(bytes) {
  need(bytes.length <= 8192, "OversizeHead");
  const reader = new JsonReader(bytes, json);
  const head = { bytes, digest: sha256(bytes) };
  need(reader.read().type === "{", "BadMember", "head");
  while (reader.read().type === "name") readHeadMember(reader, head);
  reader.read();
  for (const member of ["jti", "aud", "iat", "exp", "content"]) need(head[member] !== undefined, "MissingMember", member);
  need(!head.aud.includes(head.id.sender), "BadAudience");
  need((head.id.sequence === 1) === (head.prev === undefined), "BadPrevious");
  need(head.exp > head.iat && head.exp - head.iat <= 30n * 86400n, "BadTimes", "exp");
  need(head.nbf === undefined || head.nbf < head.exp, "BadTimes", "nbf");
  return head;
}
function readHeadMember(reader, head) {
  const member = reader.token.text;
  reader.read();
  const digest = () => {
    const bytes = reader.token.type === "string" && reader.token.value.length === 43 ? base64url(reader.token.value.toString("latin1")) : null;
    return bytes?.length === 32 ? bytes : null;
  };
  if (member === "jti") {
    head.jti = reader.ascii(125);
    head.id = head.jti === null ? null : parseId(head.jti);
    need(head.id, "BadId");
  } else if (member === "aud") {
    need(reader.token.type === "[", "BadMember", "aud");
    head.aud = [];
    while (reader.read().type !== "]") {
      const name = reader.ascii(50);
      need(name !== null && isName(name) && head.aud.length < 64 && !head.aud.includes(name), "BadAudience");
      head.aud.push(name);
    }
    need(head.aud.length > 0, "BadAudience");
  } else if (member === "prev") {
    head.prev = digest() ?? fail("BadPrevious");
  } else if (["iat", "nbf", "exp"].includes(member)) {
    head[member] = reader.integer();
    need(head[member] !== null && head[member] <= maxTime, "BadTimes", member);
  } else if (member === "seen") {
    need(reader.token.type === "{", "BadMember", "seen");
    const seen = {};
    while (reader.read().type === "name") {
      const inner = reader.token.text;
      reader.read();
      if (inner === "size") {
        const size = reader.integer();
        need(size !== null && size <= BigInt(maxSize), "BadMember", "seen.size");
        seen.size = Number(size);
      } else if (inner === "root") seen.root = digest() ?? fail("BadMember", "seen.root");
      else fail("UnknownMember", inner);
    }
    need(seen.size !== undefined && seen.root !== undefined, "MissingMember", "seen");
    head.seen = seen;
  } else if (member === "content") head.content = digest() ?? fail("BadMember", "content");
  else fail("UnknownMember", member);
}
const algorithms = ["ES256", "ES384", "ES512", "PS256", "PS384", "PS512"];
const broken = { syntax: "BadHeader", duplicate: "DuplicateMember", complex: "TooComplex" };
export function parseHeader(bytes) {
  need(bytes.length <= 2048, "BadHeader");
  const reader = new JsonReader(bytes, broken);
  const header = { bytes };
  need(reader.read().type === "{", "BadHeader");
  while (reader.read().type === "name") {
    const member = reader.token.text;
    reader.read();
    const text = reader.ascii(512);
    if (member === "alg") header.alg = algorithms.includes(text) || text === "MT-ES256" ? text : fail("UnsupportedAlgorithm");
    else if (member === "kid") header.kid = parseKeyId(text) ?? fail("BadKeyId");
    else if (member === "typ") header.typ = text === "relay-envelope" ? text : fail("WrongType");
    else fail(["crit", "jwk", "jku", "x5u", "x5c", "b64"].includes(member) ? "ForbiddenHeader" : "UnknownMember", member);
  }
  reader.read();
  for (const member of ["alg", "kid", "typ"]) need(header[member] !== undefined, "MissingMember", member);
  return header;
}
export function parseSignature(header, value) {
  const parsed = parseHeader(header);
  need(value.length > 0 && value.length <= 512, "BadMember", "signature");
  return { header: parsed, value };
}
export function parseEnvelope(bytes) {
  need(bytes.length <= 262144, "Oversize");
  const reader = new JsonReader(bytes, json);
  const envelope = {};
  need(reader.read().type === "{", "BadMember", "envelope");
  const text = (member) => {
    need(reader.token.type === "string", "BadMember", member);
    need(!reader.token.escaped, "BadBase64Url", member);
    return reader.token.value.toString("latin1");
  };
  while (reader.read().type === "name") {
    const member = reader.token.text;
    reader.read();
    if (member === "payload" || member === "content") envelope[member] = text(member);
    else if (member === "signatures") envelope.signatures = readSignatures(reader, text);
    else if (["protected", "header", "signature"].includes(member)) fail("BadMember", "flattened");
    else reader.skip();
  }
  reader.read();
  need(envelope.payload !== undefined, "MissingMember", "payload");
  need(envelope.signatures !== undefined, "MissingMember", "signatures");
  const length = (t) => Math.floor(t.length * 3 / 4);
  need(length(envelope.payload) <= 8192, "OversizeHead");
  const head = base64url(envelope.payload) ?? fail("BadBase64Url", "payload");
  need(envelope.signatures.reduce((sum, s) => sum + s.header.bytes.length + s.value.length, head.length) <= 14336, "OversizeHead");
  envelope.head = parseHead(head);
  need(envelope.content !== undefined, "MissingMember", "content");
  const content = base64url(envelope.content) ?? fail("BadBase64Url", "content");
  need(sha256(content).equals(envelope.head.content), "WrongContent");
  return envelope;
}
function readSignatures(reader, text) {
  need(reader.token.type === "[", "BadMember", "signatures");
  const signatures = [];
  while (reader.read().type !== "]") {
    need(signatures.length < 32, "SignatureCount");
    need(reader.token.type === "{", "BadMember", "signatures");
    const one = {};
    while (reader.read().type === "name") {
      const member = reader.token.text;
      reader.read();
      if (member === "protected" || member === "signature") one[member] = text(member);
      else if (member === "header") fail("ForbiddenHeader", member);
      else reader.skip();
    }
    for (const member of ["protected", "signature"]) need(one[member] !== undefined, "MissingMember", member);
    need(Math.floor(one.protected.length * 3 / 4) <= 2048, "BadHeader");
    const header = parseHeader(base64url(one.protected) ?? fail("BadBase64Url", "protected"));
    const length = Math.floor(one.signature.length * 3 / 4);
    need(length > 0 && length <= 512, "BadMember", "signature");
    signatures.push({ header, value: base64url(one.signature) ?? fail("BadBase64Url", "signature") });
  }
  need(signatures.length > 0, "SignatureCount");
  return signatures;
}

// Keys and signatures: "None", "AlgorithmMismatch", "WrongLength", "MalformedBatch" or "Invalid".
const curves = { "P-256": ["ES256", 64], "P-384": ["ES384", 96], "P-521": ["ES512", 132] };
const opened = new Map();
const open = (jwk) => {
  const { kty, crv, x, y, n, e } = jwk;
  const name = JSON.stringify([kty, crv, x, y, n, e]);
  if (!opened.has(name)) opened.set(name, createPublicKey({ key: kty === "RSA" ? { kty, n, e } : { kty, crv, x, y }, format: "jwk" }));
  return opened.get(name);
};
export const thumbprint = (jwk) => `${jwk.kty} ${jwk.crv ?? jwk.e} ${jwk.x ?? jwk.n} ${jwk.y ?? ""}`;
export function checkJws(jwk, alg, signed, signature) {
  const isRsa = jwk.kty === "RSA";
  if (alg === "MT-ES256") return jwk.crv === "P-256" ? checkBatch(jwk, signed, signature) : "AlgorithmMismatch";
  if (isRsa ? !alg.startsWith("PS") : curves[jwk.crv][0] !== alg) return "AlgorithmMismatch";
  if (signature.length !== (isRsa ? Buffer.from(jwk.n, "base64url").length : curves[jwk.crv][1])) return "WrongLength";
  const key = open(jwk);
  const options = isRsa ? { key, padding: 6, saltLength: Number(alg.slice(2)) / 8 } : { key, dsaEncoding: "ieee-p1363" };
  return verify(`sha${alg.slice(2)}`, Buffer.from(signed, "latin1"), options, signature) ? "None" : "Invalid";
}
// One of many under one signature: version, size, index, blinder, path and an ES256 signature over the root. RFC 6962 as it is written there, from the root down.
const largest = (size) => { let k = 1; while (k * 2 < size) k *= 2; return k; };
const depth = (index, size) => (size === 1 ? 0 : 1 + (index < largest(size) ? depth(index, largest(size)) : depth(index - largest(size), size - largest(size))));
function climb(leaf, index, size, path) {
  if (size === 1) return leaf;
  const [k, beside, rest] = [largest(size), path.at(-1), path.slice(0, -1)];
  return index < k ? nodeHash(climb(leaf, index, k, rest), beside) : nodeHash(beside, climb(leaf, index - k, size - k, rest));
}
export const batchSigned = (size, root) => { const of = Buffer.alloc(4); of.writeUInt32BE(size); return Buffer.concat([Buffer.from("relay-batch/v1\n", "ascii"), of, root]); };
function checkBatch(jwk, signed, value) {
  if (value.length < 105 || value[0] !== 1) return "MalformedBatch";
  const [size, index] = [value.readUInt32BE(1), value.readUInt32BE(5)];
  if (size === 0 || size > 4096 || index >= size || value.length !== 105 + 32 * depth(index, size)) return "MalformedBatch";
  const path = Array.from({ length: depth(index, size) }, (_, i) => value.subarray(41 + 32 * i, 73 + 32 * i));
  const leaf = leafHash(Buffer.concat([value.subarray(9, 41), sha256(Buffer.from(signed, "latin1"))]));
  return checkJws(jwk, "ES256", batchSigned(size, climb(leaf, index, size, path)).toString("latin1"), value.subarray(-64));
}
export const signingInput = (signature, head) => `${signature.header.bytes.toString("base64url")}.${head.bytes.toString("base64url")}`;

// C2SP signed-note and tlog-checkpoint.
export function parseNote(bytes, code = "Malformed") {
  const text = bytes.toString("utf8");
  need(bytes.length <= 131072 && Buffer.from(text, "utf8").equals(bytes) && !/[\x00-\x09\x0b-\x1f]/.test(text), code, "text");
  const end = text.lastIndexOf("\n\n");
  need(end >= 0 && text.endsWith("\n"), code, "no signature lines");
  const lines = text.slice(end + 2, -1).split("\n");
  need(end + 2 < text.length && lines.length <= 32, code, "signature lines");
  const signatures = lines.map((line) => {
    const space = line.indexOf(" ", 2);
    const value = line.startsWith("\u2014 ") && space > 0 ? base64(line.slice(space + 1)) : null;
    const name = line.slice(2, space);
    need(value?.length > 4 && name.length > 0 && !/[+\s\u0085\x00-\x1f]/u.test(name), code, "signature line");
    return { name, keyId: value.subarray(0, 4).toString("hex"), signature: value.subarray(4) };
  });
  return { bytes, text: text.slice(0, end + 1), signatures };
}
export const isOrigin = (text) => /^[!-*,-~]{1,255}$/.test(text);
export function parseCheckpoint(text, code = "Malformed") {
  const lines = text.split("\n");
  need(lines.length === 4 && lines[3] === "" && isOrigin(lines[0]), code, "checkpoint");
  const [size, root] = [decimal(lines[1]), hashOf(lines[2])];
  need(size !== null && root !== null && (size > 0 || root.equals(sha256())), code, "checkpoint");
  return { origin: lines[0], size, root };
}
// DER of r and s, each in its shortest form and at most 32 bytes.
function isDer(bytes) {
  if (bytes.length < 2 || bytes[0] !== 0x30 || bytes[1] > 0x7f || bytes[1] !== bytes.length - 2) return false;
  let rest = bytes.subarray(2);
  for (let i = 0; i < 2; i++) {
    if (rest.length < 3 || rest[0] !== 2 || rest[1] === 0 || rest[1] > 33 || rest.length - 2 < rest[1]) return false;
    const value = rest.subarray(2, 2 + rest[1]);
    rest = rest.subarray(2 + value.length);
    if (value[0] > 0x7f || (value[0] === 0 && value.length > 1 && value[1] <= 0x7f) || (value.length === 33 && value[0] !== 0)) return false;
  }
  return rest.length === 0;
}
export function checkNote(note, name, jwk) {
  const key = open(jwk);
  const keyId = sha256(key.export({ type: "spki", format: "der" })).subarray(0, 4).toString("hex");
  const mine = note.signatures.filter((s) => s.name === name && s.keyId === keyId);
  if (mine.length === 0) return "NotSigned";
  if (mine.length > 1) return "SignedTwice";
  if (!isDer(mine[0].signature)) return "BadSignatureForm";
  return verify("sha256", Buffer.from(note.text, "utf8"), { key, dsaEncoding: "der" }, mine[0].signature) ? "None" : "BadSignature";
}

// The relay's vault key certifies the short-lived key that signs notes.
export function parseCertificate(text, code = "BadCertificate") {
  const parts = text.split(".");
  need(text.length <= 4096 && parts.length === 3, code, "compact JWS");
  const [header, payload, signature] = parts.map((part) => base64url(part) ?? fail(code, "base64url"));
  need(signature.length > 0 && signature.length <= 512, code, "signature");
  const head = parseJson(header, code, 4096);
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  need(isObject(head) && Object.keys(head).sort().join() === "alg,kid,typ" && head.typ === "relay-checkpoint-key", code, "header");
  need(algorithms.includes(head.alg), code, "alg");
  const signedBy = parseKeyId(typeof head.kid === "string" ? head.kid : null) ?? fail(code, "kid");
  const body = parseJson(payload, code, 4096);
  need(isObject(body) && Object.keys(body).sort().join() === "exp,jwk,nbf,origin-prefix", code, "payload");
  const prefix = body["origin-prefix"];
  need(typeof prefix === "string" && prefix.length >= 2 && prefix.length <= 205 && prefix.endsWith("/") && isOrigin(prefix), code, "origin-prefix");
  for (const member of ["nbf", "exp"]) need(Number.isSafeInteger(body[member]) && body[member] >= 0 && body[member] <= Number(maxTime), code, member);
  need(plain(payload, "nbf") && plain(payload, "exp"), code, "time");
  const { jwk } = body;
  need(isObject(jwk) && Object.keys(jwk).sort().join() === "crv,kty,x,y" && jwk.kty === "EC" && jwk.crv === "P-256", code, "jwk");
  try { open(jwk); } catch { fail(code, "jwk"); }
  need(base64url(jwk.x)?.length === 32 && base64url(jwk.y)?.length === 32, code, "jwk");
  need(body.exp > body.nbf && body.exp - body.nbf <= 3600, code, "lifetime");
  return { text, signedBy, alg: head.alg, prefix, jwk, nbf: body.nbf, exp: body.exp, signed: `${parts[0]}.${parts[1]}`, signature };
}
// As digits and nothing else: 1e3 is a number of another text.
const plain = (payload, member) => new RegExp(`"${member}"[ \\t\\r\\n]*:[ \\t\\r\\n]*(0|[1-9][0-9]{0,15})[ \\t\\r\\n]*[,}]`).test(payload.toString("latin1"));
export const covers = (certificate, origin) => origin.startsWith(certificate.prefix) && isName(origin.slice(certificate.prefix.length));

// RFC 6962 sections 2.1.1 and 2.1.2, as RFC 9162 checks them. Numbers to 2^53 - 1: no bit operators.
const isOdd = (n) => n % 2 === 1;
const half = (n) => Math.floor(n / 2);
export function checkInclusion(leaf, index, size, proof, root) {
  if (index < 0 || index >= size || size > maxSize) return false;
  let [node, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else hash = nodeHash(hash, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && hash.equals(root);
}
export function checkConsistency(first, firstRoot, second, secondRoot, proof) {
  if (first < 0 || first > second || second > maxSize) return false;
  if (second === 0 && !secondRoot.equals(sha256())) return false;
  if (first === 0) return proof.length === 0 && firstRoot.equals(sha256());
  if (first === second) return proof.length === 0 && firstRoot.equals(secondRoot);
  if (proof.length === 0) return false;
  let [node, last] = [first - 1, second - 1];
  while (isOdd(node)) [node, last] = [half(node), half(last)];
  const isFull = Number.isInteger(Math.log2(first)) && 2 ** Math.log2(first) === first;
  let one = isFull ? firstRoot : proof[0];
  let two = one;
  for (const hash of isFull ? proof : proof.slice(1)) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      one = nodeHash(hash, one);
      two = nodeHash(hash, two);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else two = nodeHash(two, hash);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && one.equals(firstRoot) && two.equals(secondRoot);
}

// Entries: "BadEntry" for whatever is none, with kind null when nobody here knows the kind.
export function parseEntry(bytes) {
  need(bytes.length <= 40960, "BadEntry", "length");
  const text = bytes.toString("latin1");
  need(text.endsWith("\n"), "BadEntry", "newline");
  const lines = text.slice(0, -1).split("\n");
  const time = (line) => decimal(line ?? "", 253402300799999) ?? fail("BadEntry", "time");
  const count = (n) => need(lines.length === n, "BadEntry", "lines");
  const entry = { kind: lines[0], heads: [] };
  if (entry.kind === "relay/envelope/v2") {
    entry.at = time(lines[1]);
    entry.heads = readJudged(lines.slice(2), 1);
  } else if (entry.kind === "relay/evidence/v2") {
    entry.at = time(lines[1]);
    entry.shows = lines[2];
    need(["equivocation", "broken-chain", "fork-seen"].includes(entry.shows), "BadEntry", "shows");
    entry.heads = readJudged(lines.slice(3), entry.shows === "fork-seen" ? 1 : 2);
    need(isShown(entry), "BadEntry", "shows nothing");
  } else if (entry.kind === "relay/acknowledgement/v1") {
    count(4);
    entry.at = time(lines[1]);
    entry.policy = hashOf(lines[2]) ?? fail("BadEntry", "policy digest");
    entry.said = parseAcknowledgement(lines[3], "BadEntry");
  } else if (entry.kind === "relay/prekeys/v1") {
    count(5);
    entry.at = time(lines[1]);
    entry.policy = hashOf(lines[2]) ?? fail("BadEntry", "policy digest");
    entry.previous = decimal(lines[3]) ?? fail("BadEntry", "previous");
    entry.bundle = parsePrekeys(lines[4], "BadEntry");
  } else if (entry.kind === "relay/claim/v1") {
    count(10);
    entry.at = time(lines[1]);
    entry.policy = hashOf(lines[2]) ?? fail("BadEntry", "policy digest");
    [entry.number, entry.previous, entry.first, entry.left] = [lines[3], lines[5], lines[6], lines[7]].map((line) => decimal(line) ?? fail("BadEntry", "number"));
    entry.digest = hashOf(lines[4]) ?? fail("BadEntry", "bundle digest");
    need(entry.number > 0 && entry.previous > 0 && entry.left <= 100, "BadEntry", "bundle");
    entry.marks = lines[8];
    entry.claim = parseClaim(lines[9], "BadEntry");
    // One-time keys before the session's, that one only when none is left, and one of the two at least.
    need(/^[nr]*[sr]*$/.test(entry.marks) && /[ns]/.test(entry.marks) && entry.marks.length === entry.claim.envelopes.length, "BadEntry", "marks");
    need(!(entry.marks.includes("s") && entry.left > 0) && entry.first > 0 === entry.marks.includes("n"), "BadEntry", "keys");
  } else if (entry.kind === "relay/policy/v1") {
    count(4);
    need(decimal(lines[1]) !== null && hashOf(lines[2]) !== null, "BadEntry", "policy");
    entry.at = time(lines[3]);
  } else if (entry.kind === "relay/mode/v1") {
    count(3);
    need(["open", "read-only", "closed"].includes(lines[1]), "BadEntry", "mode");
    entry.at = time(lines[2]);
  } else if (entry.kind === "relay/heartbeat/v1") {
    count(2);
    entry.at = time(lines[1]);
  } else fail("BadEntry", "kind");
  return entry;
}
const has = (value, members) => typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).sort().join() === members;
// A compact JWS by an identity key: its payload as read, and as bytes.
function openJws(text, longest, typ, code) {
  const parts = text.split(".");
  need(text.length <= longest && parts.length === 3, code, "compact JWS");
  const [header, payload, signature] = parts.map((part) => base64url(part) ?? fail(code, "base64url"));
  need(signature.length === 64, code, "signature");
  const head = parseJson(header, code);
  need(has(head, "alg,kid,typ") && head.alg === "ES256" && head.typ === typ, code, "header");
  need(typeof head.kid === "string" && /^[a-z0-9][a-z0-9-]{0,49}#[1-9][0-9]{0,8}$/.test(head.kid), code, "kid");
  return { kid: head.kid, delegation: head.kid.split("#")[0], body: parseJson(payload, code), payload, signed: `${parts[0]}.${parts[1]}`, signature };
}
const whole = (body, payload, name, least, most) => Number.isSafeInteger(body[name]) && body[name] >= least && body[name] <= Number(most) && plain(payload, name);
// 12 bits each, two in three bytes; all have to be below the modulus of ML-KEM.
const isCanonical = (bytes) => {
  for (let i = 0; i < bytes.length; i += 3) {
    if ((bytes[i] | ((bytes[i + 1] & 15) << 8)) >= 3329 || ((bytes[i + 1] >> 4) | (bytes[i + 2] << 4)) >= 3329) return false;
  }
  return true;
};
// The point of a key on P-256, or of one of ML-KEM-768 beside P-256; and what tells keys apart.
function pointOfKey(jwk, code) {
  if (jwk?.kty === "AKP") {
    need(has(jwk, "alg,kid,kty,pub") && jwk.alg === "HPKE-8-KE", code, "hybrid key");
    const pub = typeof jwk.pub === "string" ? base64url(jwk.pub) : null;
    need(pub?.length === 1249 && isCanonical(pub.subarray(0, 1152)) && pub[1184] === 4, code, "pub");
    return { x: pub.subarray(1185, 1217), y: pub.subarray(1217), name: jwk.pub };
  }
  need(has(jwk, "crv,kid,kty,x,y") && jwk.kty === "EC" && jwk.crv === "P-256", code, "key");
  const [x, y] = [jwk.x, jwk.y].map((one) => (typeof one === "string" ? base64url(one) : null));
  need(x?.length === 32 && y?.length === 32, code, "point");
  return { x, y, name: jwk.x + jwk.y };
}
// Keys that a delegation has its content sealed to.
export function parsePrekeys(text, code) {
  const { kid, delegation, body, payload, signed, signature } = openJws(text, 32768, "relay-prekeys", code);
  need(has(body, "delegation,expires,issued,negotiation,number,oneTime,session"), code, "payload");
  need(typeof body.negotiation === "string" && /^[a-z0-9][a-z0-9-]{0,49}$/.test(body.negotiation) && body.delegation === delegation, code, "names");
  need(whole(body, payload, "number", 1, Number.MAX_SAFE_INTEGER) && whole(body, payload, "issued", 0, maxTime) && whole(body, payload, "expires", 0, maxTime), code, "numbers");
  need(body.expires > body.issued && body.expires - body.issued <= 14 * 86400, code, "times");
  const points = new Set();
  const readKey = (jwk, kind) => {
    const { x, y, name } = pointOfKey(jwk, code);
    need(isOnCurve([x, y].map((one) => BigInt(`0x${one.toString("hex")}`))), code, "point");
    need(jwk.kty === body.session.kty, code, "keys of one kind");
    need(!points.has(name), code, "a point twice");
    points.add(name);
    const prefix = `${delegation}#${kind}-`;
    const id = typeof jwk.kid === "string" && jwk.kid.startsWith(prefix) ? decimal(jwk.kid.slice(prefix.length)) : null;
    return id || fail(code, "kid");
  };
  need(readKey(body.session, "session") === body.number, code, "session");
  need(Array.isArray(body.oneTime) && body.oneTime.length <= 100, code, "one-time keys");
  const ids = body.oneTime.map((jwk) => readKey(jwk, "once"));
  need(ids.every((id, i) => id === ids[0] + i), code, "ids");
  return { kid, delegation, negotiation: body.negotiation, number: body.number, first: ids[0] ?? 0, count: ids.length, digest: sha256(Buffer.from(text, "latin1")), signed, signature };
}
// A delegation's request for another's keys.
export function parseClaim(text, code) {
  const { kid, delegation, body, payload, signed, signature } = openJws(text, 20480, "relay-claim", code);
  need(has(body, "envelopes,iat,target"), code, "payload");
  need(typeof body.target === "string" && /^[a-z0-9][a-z0-9-]{0,49}$/.test(body.target) && body.target !== delegation, code, "target");
  need(Array.isArray(body.envelopes) && body.envelopes.length >= 1 && body.envelopes.length <= 100 && new Set(body.envelopes).size === body.envelopes.length, code, "envelopes");
  const ids = body.envelopes.map((id) => (typeof id === "string" ? parseId(id) : null) ?? fail(code, "id"));
  need(body.envelopes.every((id) => id.startsWith(`${body.envelopes[0].split("/")[0]}/${delegation}/`)), code, "of the claimer");
  need(whole(body, payload, "iat", 0, maxTime), code, "iat");
  return { kid, delegation, target: body.target, envelopes: ids, negotiation: body.envelopes[0].split("/")[0], signed, signature };
}
// What a delegation says of an envelope: compact JWS by one of its identity keys.
export function parseAcknowledgement(text, code) {
  const { kid, delegation, body, payload, signed, signature } = openJws(text, 1024, "relay-acknowledgement", code);
  const isRefusal = body?.state === "refused";
  need(has(body, isRefusal ? "digest,iat,jti,reason,state" : "digest,iat,jti,state") && (isRefusal || body.state === "opened"), code, "payload");
  need(!isRefusal || (typeof body.reason === "string" && body.reason.length <= 64 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(body.reason)), code, "reason");
  const id = (typeof body.jti === "string" ? parseId(body.jti) : null) ?? fail(code, "jti");
  const digest = typeof body.digest === "string" ? base64url(body.digest) : null;
  need(digest?.length === 32, code, "digest");
  need(Number.isSafeInteger(body.iat) && body.iat >= 0 && body.iat <= Number(maxTime) && plain(payload, "iat"), code, "iat");
  return { id, digest, kid, delegation, signed, signature };
}
export const knownKinds = ["relay/envelope/v2", "relay/evidence/v2", "relay/acknowledgement/v1", "relay/prekeys/v1", "relay/claim/v1", "relay/policy/v1", "relay/mode/v1", "relay/heartbeat/v1"];
function isShown({ shows, heads }) {
  const [held, came] = [heads[0], heads.at(-1)];
  if (shows === "fork-seen") return came.seen !== undefined;
  if (shows === "equivocation") return held.jti === came.jti && !held.digest.equals(came.digest);
  return held.id.stream === came.id.stream && held.id.sequence + 1 === came.id.sequence && !came.prev?.equals(held.digest);
}
function readJudged(lines, wanted) {
  const heads = [];
  let at = 0;
  while (heads.length < wanted) {
    const policy = hashOf(lines[at] ?? "") ?? fail("BadEntry", "policy digest");
    const bytes = base64(lines[at + 1] ?? "") ?? fail("BadEntry", "head");
    const pairs = [];
    for (at += 2; lines[at]?.includes(" "); at++) {
      const space = lines[at].indexOf(" ");
      const [header, value] = [base64(lines[at].slice(0, space)), base64(lines[at].slice(space + 1))];
      need(header && value, "BadEntry", "signature line");
      pairs.push([header, value]);
    }
    need(pairs.length > 0 && pairs.length <= 32, "BadEntry", "signatures");
    try {
      heads.push({ policy, ...parseHead(bytes), signatures: pairs.map(([header, value]) => parseSignature(header, value)) });
    } catch (error) {
      fail("BadEntry", error.message);
    }
  }
  need(at === lines.length, "BadEntry", "more");
  return heads;
}

// C2SP tlog-proof with the relay's extra.
export function parseProof(bytes) {
  need(bytes.length <= 196608, "Malformed", "length");
  const split = bytes.indexOf("\n\n");
  need(split >= 0, "Malformed", "no checkpoint");
  const lines = bytes.subarray(0, split).toString("latin1").split("\n");
  need(lines.shift() === "c2sp.org/tlog-proof@v1", "Malformed", "version");
  let extra = null;
  if (lines[0]?.startsWith("extra ")) {
    extra = base64(lines.shift().slice(6));
    need(extra?.length > 0, "Malformed", "extra");
  }
  const index = lines[0]?.startsWith("index ") ? decimal(lines.shift().slice(6), maxSize - 1) : null;
  need(index !== null, "Malformed", "index");
  need(lines.length <= 54, "Malformed", "hashes");
  const hashes = lines.map((line) => hashOf(line) ?? fail("Malformed", "hash"));
  return { extra, index, hashes, note: parseNote(bytes.subarray(split + 2)) };
}
export function checkReceipt(bytes, origin, vaultKeys, now, head) {
  const proof = parseProof(bytes);
  const checkpoint = parseCheckpoint(proof.note.text);
  need(proof.extra !== null, "BadExtra");
  const extra = parseJson(proof.extra, "BadExtra", 32768);
  need(typeof extra === "object" && extra !== null && typeof extra.entry === "string" && typeof extra.key === "string", "BadExtra");
  const text = Buffer.from(extra.entry, "utf8");
  const entry = parseEntry(text);
  need(entry.kind === "relay/envelope/v2", "BadEntry");
  const certificate = parseCertificate(extra.key);
  need(checkpoint.origin === origin, "WrongOrigin");
  const fault = checkSigned(proof.note, certificate, origin, vaultKeys);
  const codes = { UnknownRelayKey: "UnknownVaultKey", BadCertificate: "BadCertificateSignature", ...Object.fromEntries(["CertificateForOtherOrigin"].map((c) => [c, c])) };
  need(!(fault in codes), codes[fault]);
  need(certificate.nbf <= now + skew, "CertificateNotYetValid");
  need(entry.at <= certificate.exp * 1000, "CertificateExpired");
  need(fault === "None", fault);
  need(checkInclusion(leafHash(text), proof.index, checkpoint.size, proof.hashes, checkpoint.root), "NotIncluded");
  need(entry.at <= (now + skew) * 1000, "EntryInFuture");
  need(entry.heads[0].jti === head.jti, "EntryForOtherEnvelope");
  need(entry.heads[0].digest.equals(head.digest), "EntryForOtherContent");
  return { entry, checkpoint };
}
// Certificate, origin, note: the first that fails.
export function checkSigned(note, certificate, origin, vaultKeys) {
  const jwk = vaultKeys.find((key) => key.kid?.toLowerCase() === certificate.signedBy.text.toLowerCase());
  if (!jwk) return "UnknownRelayKey";
  if (checkJws(jwk, certificate.alg, certificate.signed, certificate.signature) !== "None") return "BadCertificate";
  if (!covers(certificate, origin)) return "CertificateForOtherOrigin";
  const fault = checkNote(note, origin, certificate.jwk);
  if (fault === "None") return "None";
  return fault === "NotSigned" ? "CheckpointNotSigned" : "BadCheckpointSignature";
}

// Bundles of entries, C2SP tlog-tiles.
export function parseBundle(bytes, width) {
  const entries = [];
  let rest = bytes;
  while (entries.length < width) {
    const length = rest.length < 2 ? 0 : rest.readUInt16BE(0);
    need(rest.length >= 2 + length, "BadBundle");
    entries.push(rest.subarray(2, 2 + length));
    rest = rest.subarray(2 + length);
  }
  need(rest.length === 0, "BadBundle");
  return entries;
}
