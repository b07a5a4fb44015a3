// A second verifier of ledgers and receipts, written from src/Relay.Protocol/README.md and the C2SP specifications alone, with nothing but Node: what it and the relay
// agree on, no common code makes them agree on. Prints "ok ..." and exits with 0, or says what was expected and what came, and exits with 1; with 2 where a key that is
// not there, was not good then, or was withdrawn as compromised leaves it open ("not proved").
//
//   node ledger-verifier.mjs folder <folder of the store> <negotiation> <keys.json>
//   node ledger-verifier.mjs served <https://host/api/negotiations/{negotiation}> <keys.json>     client certificate: RELAY_CLIENT_CERT, RELAY_CLIENT_KEY (PEM files), RELAY_CA
//   node ledger-verifier.mjs exported <file that the dashboard exports> <keys.json>
//   node ledger-verifier.mjs receipt <receipt file> <envelope file> <origin> <negotiation document> <keys.json>
//   node ledger-verifier.mjs acknowledgement <receipt file> <envelope file> <origin> <negotiation document> <keys.json>
//
// keys.json: {"keys":[JWK...]}, the relay's and the mediators' vault keys, each with its identifier (with version) as kid and its time as nbf, exp and compromised.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { readFileSync, existsSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { join } from "node:path";

class Refused extends Error {}
class NotProved extends Error {}
// What is left open of an entry is told when nothing in all the others is wrong.
let notProved;
const expect = (condition, message) => { if (!condition) throw new Refused(message); };
const sha256 = (...parts) => { const h = createHash("sha256"); for (const p of parts) h.update(p); return h.digest(); };
const leafHash = (entry) => sha256(Buffer.from([0]), entry);
const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right);

// Text forms, each in its one spelling.
function base64(text) {
  const bytes = Buffer.from(text, "base64");
  expect(bytes.toString("base64") === text, `expected base64, got '${text.slice(0, 40)}'`);
  return bytes;
}
function base64url(text) {
  const bytes = Buffer.from(text, "base64url");
  expect(bytes.toString("base64url") === text, `expected base64url, got '${text.slice(0, 40)}'`);
  return bytes;
}
function number(text) {
  expect(/^(0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(Number(text)), `expected a number, got '${text}'`);
  return Number(text);
}
const name = /^[a-z0-9][a-z0-9-]{0,49}$/;
function digest(text) {
  const bytes = base64(text);
  expect(bytes.length === 32, `expected a hash, got ${bytes.length} bytes`);
  return bytes;
}
// C2SP signed-note.
function parseNote(bytes) {
  const text = bytes.toString("utf8");
  expect(Buffer.from(text, "utf8").equals(bytes), "expected UTF-8 in a note");
  const end = text.lastIndexOf("\n\n");
  expect(end >= 0 && text.endsWith("\n"), "expected a note with signature lines");
  const signatures = text.slice(end + 2, -1).split("\n").map((line) => {
    const parts = line.split(" ");
    expect(parts.length === 3 && parts[0] === "\u2014", `expected a signature line, got '${line.slice(0, 40)}'`);
    const value = base64(parts[2]);
    expect(value.length > 4, "expected key id and signature");
    return { name: parts[1], keyId: value.subarray(0, 4).toString("hex"), signature: value.subarray(4) };
  });
  return { text: text.slice(0, end + 1), signatures };
}
function verifyNote(note, origin, certificate) {
  const mine = note.signatures.filter((s) => s.name === origin && s.keyId === certificate.keyId);
  expect(mine.length === 1, `expected one signature by ${origin}+${certificate.keyId}, got ${mine.length}`);
  expect(verify("sha256", Buffer.from(note.text, "utf8"), { key: certificate.key, dsaEncoding: "der" }, mine[0].signature), `expected a signature by ${certificate.keyId} that verifies, got another`);
}
function parseCheckpoint(note) {
  const lines = note.text.split("\n");
  expect(lines.length === 4 && lines[3] === "", "expected a checkpoint of three lines");
  return { origin: lines[0], size: number(lines[1]), root: digest(lines[2]) };
}

// The relay's vault key certifies the short-lived key that signs notes.
function verifyCertificate(compact, keys, origin) {
  const parts = compact.split(".");
  expect(parts.length === 3, "expected a certificate as compact JWS");
  const header = JSON.parse(base64url(parts[0]).toString("utf8"));
  const payload = JSON.parse(base64url(parts[1]).toString("utf8"));
  expect(header.typ === "relay-checkpoint-key" && Object.keys(header).sort().join() === "alg,kid,typ", "expected exactly alg, kid, typ in a certificate's header");
  expect(Object.keys(payload).sort().join() === "exp,jwk,nbf,origin-prefix", "expected exactly origin-prefix, jwk, nbf, exp in a certificate");
  const jwk = keys.keys.find((key) => key.kid === header.kid);
  expect(jwk, `expected a certificate by a key of the relay, got one by ${header.kid}`);
  // Whoever else has had the key may have certified it.
  if (jwk.compromised !== undefined) throw new NotProved(`expected a certificate by a key version that the relay alone has, ${header.kid} was withdrawn as compromised`);
  expect(header.alg !== "MT-ES256", "expected a certificate signed by itself, got one of a batch");
  expect(verifyJws(jwk, header.alg, `${parts[0]}.${parts[1]}`, base64url(parts[2])), `expected a certificate signed by ${header.kid}, got another`);
  const prefix = payload["origin-prefix"];
  expect(prefix.endsWith("/") && origin.startsWith(prefix) && name.test(origin.slice(prefix.length)), `expected a certificate for ${origin}, got one for ${prefix}`);
  expect(payload.exp > payload.nbf && payload.exp - payload.nbf <= 3600, "expected a certificate of at most an hour");
  const key = createPublicKey({ key: payload.jwk, format: "jwk" });
  expect(payload.jwk.kty === "EC" && payload.jwk.crv === "P-256", "expected a P-256 key in a certificate");
  return { key, keyId: sha256(key.export({ type: "spki", format: "der" })).subarray(0, 4).toString("hex"), notBefore: payload.nbf, expires: payload.exp };
}

// A signature by a vault key: the key fixes the algorithm.
function verifyJws(jwk, alg, signed, signature) {
  if (alg === "MT-ES256") return jwk.crv === "P-256" && verifyBatch(jwk, signed, signature);
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const fits = jwk.kty === "EC" ? alg === { "P-256": "ES256", "P-384": "ES384", "P-521": "ES512" }[jwk.crv] : /^PS(256|384|512)$/.test(alg);
  const options = jwk.kty === "EC" ? { key, dsaEncoding: "ieee-p1363" } : { key, padding: 6, saltLength: -1 };
  return fits && verify(`sha${alg.slice(2)}`, Buffer.from(signed, "ascii"), options, signature);
}

// One of many signatures of a mediator under one, over the root of a tree of at most 4,096 leaves (RFC 6962): the path says which half the leaf is in at each level, the topmost last.
function verifyBatch(jwk, signed, value) {
  if (value.length < 105 || value[0] !== 1) return false;
  const [size, index] = [value.readUInt32BE(1), value.readUInt32BE(5)];
  if (size < 1 || size > 4096 || index >= size) return false;
  const turns = [];
  for (let [low, high] = [0, size]; high - low > 1;) {
    const middle = low + 2 ** Math.floor(Math.log2(high - low - 1));
    turns.push(index < middle);
    [low, high] = index < middle ? [low, middle] : [middle, high];
  }
  if (value.length !== 105 + 32 * turns.length) return false;
  let hash = sha256(Buffer.concat([Buffer.from([0]), value.subarray(9, 41), sha256(Buffer.from(signed, "ascii"))]));
  turns.reverse().forEach((isLeft, i) => {
    const beside = value.subarray(41 + 32 * i, 73 + 32 * i);
    hash = sha256(Buffer.concat([Buffer.from([1]), ...(isLeft ? [hash, beside] : [beside, hash])]));
  });
  const root = Buffer.concat([Buffer.from("relay-batch/v1\n", "ascii"), value.subarray(1, 5), hash]);
  return verify("sha256", root, { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" }, value.subarray(-64));
}

// A delegation's own word of an envelope: compact JWS by an identity key.
function parseAcknowledgement(compact, negotiation) {
  const parts = compact.split(".");
  expect(parts.length === 3 && compact.length <= 1024, "expected an acknowledgement as compact JWS");
  const header = JSON.parse(base64url(parts[0]).toString("utf8"));
  const said = JSON.parse(base64url(parts[1]).toString("utf8"));
  expect(header.alg === "ES256" && header.typ === "relay-acknowledgement" && Object.keys(header).sort().join() === "alg,kid,typ", "expected exactly alg, kid, typ in an acknowledgement's header");
  expect(/^[a-z0-9][a-z0-9-]{0,49}#[1-9][0-9]{0,8}$/.test(header.kid), `expected an identity key, got '${header.kid}'`);
  const members = Object.keys(said).sort().join();
  const whole = { opened: "digest,iat,jti,state", refused: "digest,iat,jti,reason,state" }[said.state];
  expect(members === whole, `expected the members of an acknowledgement, got ${members} with state '${said.state}'`);
  expect(said.state === "opened" || (said.reason.length <= 64 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(said.reason)), "expected a code as reason");
  const id = said.jti.split("/");
  expect(id.length === 4 && id[0] === negotiation, `expected an envelope id of ${negotiation}, got '${said.jti}'`);
  expect(Number.isSafeInteger(said.iat) && said.iat >= 0, "expected 'iat' in whole seconds");
  return { id: said.jti, stream: `${id[1]}-${id[2]}`, sequence: number(id[3]), digest: said.digest, state: said.state, keyId: header.kid, delegation: header.kid.split("#")[0], signed: `${parts[0]}.${parts[1]}`, signature: base64url(parts[2]) };
}
// A bundle of keys that are used once, or a request for some of another's: compact JWS by an identity key.
function parsePrekeys(compact, type, members, longest) {
  const parts = compact.split(".");
  expect(parts.length === 3 && compact.length <= longest, `expected ${type} as compact JWS`);
  const [header, body] = parts.slice(0, 2).map((part) => JSON.parse(base64url(part).toString("utf8")));
  expect(header.alg === "ES256" && header.typ === type && Object.keys(header).sort().join() === "alg,kid,typ", `expected exactly alg, kid, typ in the header of ${type}`);
  expect(/^[a-z0-9][a-z0-9-]{0,49}#[1-9][0-9]{0,8}$/.test(header.kid), `expected an identity key, got '${header.kid}'`);
  expect(Object.keys(body).sort().join() === members, `expected the members of ${type}, got ${Object.keys(body).sort().join()}`);
  return { body, keyId: header.kid, delegation: header.kid.split("#")[0], digest: sha256(Buffer.from(compact, "latin1")), signed: `${parts[0]}.${parts[1]}`, signature: base64url(parts[2]) };
}
function parseBundle(compact, negotiation) {
  const bundle = parsePrekeys(compact, "relay-prekeys", "delegation,expires,issued,negotiation,number,oneTime,session", 32768);
  const { body, delegation } = bundle;
  expect(body.negotiation === negotiation && body.delegation === delegation && Number.isSafeInteger(body.number) && body.number > 0, `expected a bundle of ${delegation} in ${negotiation}, got another's`);
  const idOf = (jwk, kind) => (jwk.kty === body.session.kty && jwk.kid.startsWith(`${delegation}#${kind}-`) ? number(jwk.kid.slice(delegation.length + kind.length + 2)) : 0);
  expect(idOf(body.session, "session") === body.number, "expected the session key of the bundle's number");
  const ids = body.oneTime.map((jwk) => idOf(jwk, "once"));
  expect(ids.length <= 100 && ids.every((id, i) => id > 0 && id === ids[0] + i), "expected one-time keys with ids in a row");
  return { ...bundle, number: body.number, first: ids[0] ?? 0, count: ids.length };
}
function parseClaim(compact, negotiation) {
  const claim = parsePrekeys(compact, "relay-claim", "envelopes,iat,target", 20480);
  const { envelopes, target } = claim.body;
  expect(name.test(target) && target !== claim.delegation && envelopes.every((id) => id.startsWith(`${negotiation}/${claim.delegation}/`)) && new Set(envelopes).size === envelopes.length, "expected a claim of another's keys for one's own envelopes");
  return { ...claim, target, count: envelopes.length };
}
// Each names the one of its delegation before it that gave keys away, and goes on where that ended.
function takePrekeys(chains, entry, index) {
  if (entry.bundle) {
    const { delegation, number: own, first, count, digest: hash } = entry.bundle;
    const last = chains.get(delegation);
    expect(entry.previous === (last?.index ?? 0) && own > (last?.number ?? 0) && (count === 0 || first >= (last?.end ?? 1)), `expected entry ${index} to go on from ${delegation}'s prekeys, it does not`);
    const end = count === 0 ? last?.end ?? 1 : first + count;
    chains.set(delegation, { index, number: own, hash, left: count, end });
    return;
  }
  const { claim, marks } = entry;
  const last = chains.get(claim.target);
  const given = marks.split("n").length - 1;
  expect(/^[nr]*[sr]*$/.test(marks) && marks.length === claim.count && (given > 0 || marks.includes("s")), `expected a mark for each envelope in entry ${index}, got ${marks}`);
  expect(last && entry.previous === last.index && entry.number === last.number && entry.hash.equals(last.hash), `expected entry ${index} to go on from ${claim.target}'s prekeys, it does not`);
  expect(entry.left === last.left - given && entry.first === (given > 0 ? last.end - last.left : 0) && (entry.left === 0 || !marks.includes("s")), `expected the next of ${claim.target}'s ${last.left} keys at entry ${index}, got others`);
  if (given > 0) chains.set(claim.target, { ...last, index, left: entry.left });
}
function verifySaid(said, policy) {
  const jwk = policy?.identities.get(said.keyId);
  expect(jwk, `expected an identity key of the document in force, got ${said.keyId}`);
  expect(verifyJws(jwk, "ES256", said.signed, said.signature), `expected a signature by ${said.keyId}, got one that does not verify`);
}

// A document of the negotiation, and what it makes of the signatures over a head.
function parsePolicy(bytes, digest, negotiation) {
  expect(sha256(bytes).equals(digest), "expected the document that the ledger names by its digest, got another");
  const document = JSON.parse(bytes.toString("utf8"));
  expect(document.negotiation === negotiation, `expected a document of ${negotiation}, got one of ${document.negotiation}`);
  const mediators = new Map(Object.entries(document.mediators).map(([name, { key, weight }]) => [key.toLowerCase(), { name, weight }]));
  const identities = new Map(Object.values(document.delegations).flatMap((delegation) => delegation.identityKeys ?? []).map((jwk) => [jwk.kid, jwk]));
  return { mediators, identities, quorum: document.quorum };
}
function judge(head, policy, keys, at) {
  let [weight, open] = [0, 0];
  let untold;
  let before = "";
  const seen = new Set();
  for (const { header, signature } of head.signatures) {
    const { alg, kid, typ } = JSON.parse(header.toString("utf8"));
    const mediator = policy.mediators.get(kid.slice(0, kid.lastIndexOf("/")).toLowerCase());
    expect(typ === "relay-envelope" && mediator, `expected signatures of mediators over ${head.id}, got one by ${kid}`);
    expect(before < mediator.name, `expected the mediators of ${head.id} once each and by name, got ${mediator.name}`);
    before = mediator.name;
    const jwk = keys.keys.find((key) => key.kid?.toLowerCase() === kid.toLowerCase());
    // A version counts for what it signed in its time: not before nbf, before exp and before it was withdrawn as compromised.
    if (!jwk || at < (jwk.nbf ?? 0) * 1000 || at >= Math.min(jwk.exp ?? Infinity, jwk.compromised ?? Infinity) * 1000) {
      untold ??= kid;
      open += mediator.weight;
      continue;
    }
    const signed = `${header.toString("base64url")}.${head.bytes.toString("base64url")}`;
    expect(verifyJws(jwk, alg, signed, signature), `expected a signature of ${mediator.name} over ${head.id}, got one that does not verify`);
    const point = `${jwk.x ?? jwk.n}`;
    expect(!seen.has(point), `expected one public key once over ${head.id}, got it under two names`);
    seen.add(point);
    weight += mediator.weight;
  }
  expect(weight + open >= policy.quorum, `expected weight ${policy.quorum} for ${head.id}, got ${weight + open}`);
  if (untold) notProved ??= `expected the key ${untold} at hand and in its time, whether ${head.id} has its quorum cannot be told`;
}

// Policy digest, head, signature lines: what follows from them follows from what mediators signed.
function readHeads(lines, negotiation) {
  const heads = [];
  for (let at = 0; at < lines.length;) {
    expect(at + 2 < lines.length, "expected a policy digest, a head and signatures");
    const policy = digest(lines[at]);
    const bytes = base64(lines[at + 1]);
    const signatures = [];
    for (at += 2; at < lines.length && lines[at].includes(" "); at++) {
      const [header, signature, ...more] = lines[at].split(" ").map(base64);
      expect(more.length === 0 && signatures.length < 32, "expected a protected header and a signature a line");
      signatures.push({ header, signature });
    }
    expect(signatures.length > 0, "expected a signature");
    const claims = JSON.parse(bytes.toString("utf8"));
    const parts = claims.jti.split("/");
    expect(parts.length === 4 && parts[0] === negotiation && name.test(parts[1]) && ["normal", "urgent"].includes(parts[2]) && number(parts[3]) > 0, `expected an envelope id of ${negotiation}, got '${claims.jti}'`);
    expect(claims.aud.length > 0 && !claims.aud.includes(parts[1]) && (claims.prev === undefined) === (parts[3] === "1"), `expected an audience and a chain in ${claims.jti}`);
    heads.push({ policy, bytes, signatures, id: claims.jti, stream: `${parts[1]}-${parts[2]}`, sequence: Number(parts[3]), audience: claims.aud, previous: claims.prev, seen: claims.seen, from: Math.max(claims.iat, claims.nbf ?? 0), until: claims.exp, digest: sha256(bytes).toString("base64url") });
  }
  return heads;
}
function parseEntry(bytes, negotiation) {
  const text = bytes.toString("latin1");
  expect(text.endsWith("\n") && /^[\n -~]*$/.test(text), "expected an entry in lines of ASCII");
  const lines = text.slice(0, -1).split("\n");
  const heads = (count, from) => {
    const list = readHeads(lines.slice(from), negotiation);
    expect(list.length === count, `expected ${count} heads, got ${list.length}`);
    return { at: number(lines[1]), heads: list, head: list.at(-1) };
  };
  const kinds = {
    "relay/envelope/v2": () => heads(1, 2),
    "relay/evidence/v2": () => ({ shows: lines[2], ...heads(lines[2] === "fork-seen" ? 1 : 2, 3) }),
    "relay/acknowledgement/v1": () => ({ lines: 4, at: number(lines[1]), policy: digest(lines[2] ?? ""), said: parseAcknowledgement(lines[3] ?? "", negotiation) }),
    "relay/prekeys/v1": () => ({ lines: 5, at: number(lines[1]), policy: digest(lines[2] ?? ""), previous: number(lines[3]), bundle: parseBundle(lines[4] ?? "", negotiation) }),
    "relay/claim/v1": () => ({ lines: 10, at: number(lines[1]), policy: digest(lines[2] ?? ""), number: number(lines[3]), hash: digest(lines[4] ?? ""), previous: number(lines[5]), first: number(lines[6]), left: number(lines[7]), marks: lines[8], claim: parseClaim(lines[9] ?? "", negotiation) }),
    "relay/policy/v1": () => ({ lines: 4, version: number(lines[1]), policy: digest(lines[2]) }),
    "relay/mode/v1": () => ({ lines: 3, mode: lines[1] }),
    "relay/heartbeat/v1": () => ({ lines: 2 }),
  };
  const kind = kinds[lines[0]];
  expect(kind, `expected an entry, got '${lines[0]}'`);
  const entry = { kind: lines[0], ...kind() };
  expect(entry.heads || entry.lines === lines.length, `expected an entry, got '${lines[0]}' of ${lines.length} lines`);
  if (entry.kind === "relay/evidence/v2") checkEvidence(entry);
  // No envelope is logged before it was written, clocks apart, or once it has expired.
  if (entry.kind === "relay/envelope/v2") expect(entry.at >= (entry.head.from - 120) * 1000 && entry.at < entry.head.until * 1000, `expected ${entry.head.id} logged from ${entry.head.from} on and before ${entry.head.until}, got ${entry.at}`);
  return { at: entry.at ?? number(lines.at(-1)), ...entry };
}
function checkEvidence({ shows, heads: [held], head: came }) {
  const shown = {
    "equivocation": held.id === came.id && held.digest !== came.digest,
    "broken-chain": held.stream === came.stream && held.sequence + 1 === came.sequence && came.previous !== held.digest,
    "fork-seen": came.seen !== undefined,
  };
  expect(shown[shows], `expected heads that show ${shows}, got ${came.id}`);
}

// C2SP tlog-tiles.
function tilePath(level, index, width) {
  let text = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) text = `x${String(rest % 1000).padStart(3, "0")}/${text}`;
  return `tile/${level}/${text}${width === 256 ? "" : `.p/${width}`}`;
}
const cut = (bytes, size) => Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
function rootOf(hashes) {
  if (hashes.length === 0) return sha256();
  let level = hashes;
  while (level.length > 1) {
    const next = [];
    for (let i = 0; i < level.length; i += 2) next.push(i + 1 < level.length ? nodeHash(level[i], level[i + 1]) : level[i]);
    level = next;
  }
  return level[0];
}
async function entriesOf(read, size) {
  const entries = [];
  for (let first = 0; first < size; first += 256) {
    const width = Math.min(256, size - first);
    let bundle = await read(tilePath("entries", first / 256, width));
    for (let i = 0; i < width; i++) {
      const length = bundle.length < 2 ? -1 : bundle.readUInt16BE(0);
      expect(length >= 0 && bundle.length >= 2 + length, `expected entry ${first + i} whole in its bundle`);
      entries.push(bundle.subarray(2, 2 + length));
      bundle = bundle.subarray(2 + length);
    }
    expect(bundle.length === 0, `expected nothing after entry ${first + width - 1} of its bundle`);
  }
  return entries;
}
// Full subtrees of 256 carry on to the next level; every tile of every level must say the same.
async function checkTiles(read, leaves) {
  let hashes = leaves;
  for (let level = 0; hashes.length > 0; level++) {
    const next = [];
    for (let first = 0; first < hashes.length; first += 256) {
      const part = hashes.slice(first, first + 256);
      const tile = await read(tilePath(level, first / 256, part.length));
      expect(tile.equals(Buffer.concat(part)), `expected the hashes of the entries in ${tilePath(level, first / 256, part.length)}, got others`);
      if (part.length === 256) next.push(rootOf(part));
    }
    hashes = next;
  }
}
// Every envelope by the document that it names, which an entry before it put in force.
async function checkOrder(texts, negotiation, readPolicy, keys) {
  const streams = new Map();
  const digests = new Map();
  const policies = new Map();
  const envelopes = new Map();
  const acknowledged = new Map();
  const chains = new Map();
  let inForce;
  let at = 0;
  let version = 0;
  for (const [index, text] of texts.entries()) {
    const entry = parseEntry(text, negotiation);
    expect(entry.at >= at, `expected entry ${index} not before ${at}, got ${entry.at}`);
    at = entry.at;
    if (entry.kind === "relay/policy/v1") {
      expect(entry.version > version, `expected a policy above version ${version}, got ${entry.version}`);
      version = entry.version;
      inForce = entry.policy.toString("hex");
      policies.set(inForce, parsePolicy(await readPolicy(entry.policy), entry.policy, negotiation));
    }
    for (const head of entry.heads ?? []) {
      const policy = policies.get(head.policy.toString("hex"));
      expect(policy, `expected a policy of the ledger in entry ${index}, got another`);
      judge(head, policy, keys, entry.at);
    }
    if (entry.said) {
      const { said } = entry;
      const key = `${said.stream}/${said.sequence}-${said.delegation}`;
      expect(envelopes.get(said.id)?.digest === said.digest, `expected the digest of the ledger's ${said.id} at entry ${index}, got ${said.digest}`);
      expect(envelopes.get(said.id).audience.includes(said.delegation), `expected an addressee of ${said.id} at entry ${index}, got ${said.delegation}`);
      expect(entry.policy.toString("hex") === inForce, `expected the document in force at entry ${index}, got another`);
      verifySaid(said, policies.get(inForce));
      expect(!acknowledged.has(key), `expected ${said.delegation} to acknowledge ${said.id} once, got it again at entry ${index}`);
      acknowledged.set(key, index);
    }
    if (entry.bundle ?? entry.claim) {
      expect(entry.policy.toString("hex") === inForce, `expected the document in force at entry ${index}, got another`);
      verifySaid(entry.bundle ?? entry.claim, policies.get(inForce));
      takePrekeys(chains, entry, index);
    }
    if (entry.kind !== "relay/envelope/v2") continue;
    envelopes.set(entry.head.id, entry.head);
    const { stream, sequence, previous, digest: own } = entry.head;
    const indices = streams.get(stream) ?? [];
    expect(sequence === indices.length + 1, `expected sequence ${indices.length + 1} of ${stream} at entry ${index}, got ${sequence}`);
    expect(previous === digests.get(stream), `expected entry ${index} to continue its stream, its 'prev' is another`);
    indices.push(index);
    streams.set(stream, indices);
    digests.set(stream, own);
  }
  return { streams, acknowledged };
}

async function checkLedger(read, negotiation, keys, policyPath, hasTiles = true) {
  const note = parseNote(await read("checkpoint"));
  const checkpoint = parseCheckpoint(note);
  expect(checkpoint.origin.endsWith(`/${negotiation}`), `expected a checkpoint of ${negotiation}, got one of ${checkpoint.origin}`);
  const certificate = verifyCertificate((await read(`certificate/${note.signatures[0].keyId}`)).toString("latin1").trim(), keys, checkpoint.origin);
  verifyNote(note, checkpoint.origin, certificate);
  const texts = await entriesOf(read, checkpoint.size);
  const leaves = texts.map(leafHash);
  expect(rootOf(leaves).equals(checkpoint.root), `expected entries with the root that was signed at size ${checkpoint.size}, got others`);
  if (hasTiles) await checkTiles(read, leaves);
  return { checkpoint, leaves, ...(await checkOrder(texts, negotiation, (policy) => read(policyPath(policy)), keys)) };
}

// Folder store: "RELAYLB1" | length u32 BE | SHA-256 | content.
async function readFrame(path) {
  const bytes = await readFile(path).catch(() => { throw new Refused(`expected the file ${path}, got none`); });
  expect(bytes.length >= 44 && bytes.subarray(0, 8).toString("latin1") === "RELAYLB1" && bytes.readUInt32BE(8) === bytes.length - 44, `expected a whole frame in ${path}`);
  expect(sha256(bytes.subarray(44)).equals(bytes.subarray(12, 44)), `expected the content that was put in ${path}, got other bytes`);
  return bytes.subarray(44);
}
// What stands behind a head: "relay staged v2\n" | commit u64 | puts, each: name, name of what it grew from and its SHA-256, content |
// names to be deleted later | names to be deleted. Counts and lengths big endian, of four bytes, of names two.
function parseStaged(bytes, commit, negotiation) {
  let rest = bytes.subarray(16);
  const take = (length) => {
    expect(rest.length >= length, "expected more of what is staged behind the head");
    const taken = rest.subarray(0, length);
    rest = rest.subarray(length);
    return taken;
  };
  const name = () => take(take(2).readUInt16BE(0)).toString("latin1");
  const count = () => take(4).readUInt32BE(0);
  const own = (text) => { expect(text.startsWith(`${negotiation}/`), `expected names of ${negotiation}, got ${text}`); return text.slice(negotiation.length + 1); };
  expect(Number(take(8).readBigUInt64BE(0)) === commit, `expected what commit ${commit} has staged, got another's`);
  const puts = new Map();
  for (let left = count(); left > 0; left--) {
    const path = own(name());
    const after = name();
    const digest = after && take(32);
    puts.set(path, { after: after && own(after), digest, content: take(count()) });
  }
  for (let lists = 2; lists > 0; lists--) for (let left = count(); left > 0; left--) name();
  expect(rest.length === 0, "expected nothing after what is staged behind the head");
  return puts;
}
async function checkFolder(folder, negotiation, keys) {
  const stored = (path) => readFrame(join(folder, negotiation, path));
  const blob = await stored("head");
  const line = blob.indexOf("\nrelay staged v2\n");
  const note = parseNote(line < 0 ? blob : blob.subarray(0, line + 1));
  const behind = line < 0 ? Buffer.alloc(0) : blob.subarray(line + 1);
  const lines = note.text.split("\n");
  expect(lines.length === 4 && lines[0] === "relay head v2", "expected the lines of a head");
  const head = JSON.parse(lines[2]);
  verifyNote(note, lines[1], verifyCertificate(head.certificate, keys, lines[1]));
  expect(head.staged === null ? behind.length === 0 : base64url(head.staged).equals(sha256(behind)), "expected behind the head what it says is staged");
  const staged = head.staged === null ? new Map() : parseStaged(behind, head.commit, negotiation);
  const read = async (path) => {
    if (path === "checkpoint") return base64(head.checkpoint);
    const put = staged.get(path);
    if (!put || !put.after) return put?.content ?? stored(path);
    const start = await stored(put.after);
    expect(sha256(start).equals(put.digest), `expected ${put.after} as ${path} grew from it, got other bytes`);
    return Buffer.concat([start, put.content]);
  };
  const { checkpoint, leaves, streams, acknowledged } = await checkLedger(read, negotiation, keys, (policy) => `policy/${policy.toString("hex")}`);
  expect(lines[1] === checkpoint.origin && head.size === checkpoint.size && base64url(head.root).equals(checkpoint.root), "expected a head of its own checkpoint");
  if (staged.size === 0 || existsSync(join(folder, negotiation, "checkpoint"))) {
    const older = parseNote(await stored("checkpoint"));
    const published = parseCheckpoint(older);
    const certificate = await read(`certificate/${older.signatures[0].keyId}`);
    verifyNote(older, checkpoint.origin, verifyCertificate(certificate.toString("latin1").trim(), keys, checkpoint.origin));
    expect(published.origin === checkpoint.origin && published.size <= checkpoint.size, "expected a published checkpoint of this ledger, not beyond its head");
    expect(rootOf(leaves.slice(0, published.size)).equals(published.root), `expected the published root at size ${published.size} in the head's tree`);
    expect(staged.size > 0 || published.size === head.size, "expected the head's own checkpoint to be published");
  }
  // The index of a stream is as the head has it.
  for (const [stream, indices] of streams) {
    for (let first = 0; first < indices.length; first += 256) {
      const part = indices.slice(first, first + 256);
      const path = `stream/${stream}/${String(first / 256).padStart(8, "0")}${part.length === 256 ? "" : `.p/${part.length}`}`;
      const chunk = cut(await read(path), 8).map((bytes) => Number(bytes.readBigUInt64BE(0)));
      expect(chunk.length === part.length && chunk.every((index, i) => index === part[i]), `expected the entries of ${stream} in ${path}, got others`);
    }
    const state = head.streams.find((s) => `${s.sender}-${s.lane}` === stream);
    expect(state && state.last === indices.length, `expected ${stream} in the head up to ${indices.length}`);
  }
  for (const [key, index] of acknowledged) {
    const place = await read(`acknowledged/${key}`);
    expect(place.length === 8 && Number(place.readBigUInt64BE(0)) === index, `expected index ${index} in acknowledged/${key}, got another`);
  }
  return `ok ${checkpoint.origin} ${checkpoint.size}`;
}

function fetchServed(url) {
  const file = (variable) => (process.env[variable] ? readFileSync(process.env[variable]) : undefined);
  return new Promise((resolve, reject) => {
    const options = { cert: file("RELAY_CLIENT_CERT"), key: file("RELAY_CLIENT_KEY"), ca: file("RELAY_CA") };
    (url.startsWith("https:") ? https : http).request(url, options, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part)).on("error", reject).on("end", () => {
        if (response.statusCode === 200) resolve(Buffer.concat(parts));
        else reject(new Refused(`expected ${url}, got ${response.statusCode}`));
      });
    }).on("error", reject).end();
  });
}
async function checkServed(base, keys) {
  const { checkpoint } = await checkLedger((path) => fetchServed(`${base}/${path}`), base.split("/").at(-1), keys, (policy) => `policies/${policy.toString("base64url")}`);
  return `ok ${checkpoint.origin} ${checkpoint.size}`;
}

// A ledger in one file: entries without hashes of its tree, and the documents that they name.
async function checkExported(file, keys) {
  const content = JSON.parse(readFileSync(file, "utf8"));
  expect(content.format === "relay-export/v1" && /^[a-z0-9][a-z0-9-]{0,49}$/.test(content.negotiation), `expected relay-export/v1, got ${content.format}`);
  const entries = content.entries.map(base64);
  const documents = new Map(content.documents.map(base64).map((bytes) => [sha256(bytes).toString("base64url"), bytes]));
  const cut = (first) => Buffer.concat(entries.slice(first, first + 256).flatMap((entry) => [Buffer.from([entry.length >> 8, entry.length & 255]), entry]));
  const bundles = new Map();
  for (let first = 0; first < entries.length; first += 256) bundles.set(tilePath("entries", first / 256, Math.min(256, entries.length - first)), cut(first));
  const read = (path) => {
    const found = path === "checkpoint" ? Buffer.from(content.checkpoint) : path.startsWith("certificate/") ? Buffer.from(content.certificate) : bundles.get(path) ?? documents.get(path);
    expect(found, `expected ${path} in the file, it is not there`);
    return found;
  };
  const { checkpoint } = await checkLedger(read, content.negotiation, keys, (policy) => policy.toString("base64url"), false);
  expect(entries.length === checkpoint.size, `expected ${checkpoint.size} entries, got ${entries.length}`);
  return `ok ${checkpoint.origin} ${checkpoint.size}`;
}

// C2SP tlog-proof; RFC 6962 section 2.1.1 for the path.
function checkProof(receipt, origin, keys) {
  const text = receipt.toString("utf8");
  const split = text.indexOf("\n\n");
  const lines = text.slice(0, split).split("\n");
  expect(split > 0 && lines[0] === "c2sp.org/tlog-proof@v1" && lines[1].startsWith("extra ") && lines[2].startsWith("index "), "expected a tlog-proof with extra and index");
  const extra = JSON.parse(base64(lines[1].slice(6)).toString("utf8"));
  let index = number(lines[2].slice(6));
  const note = parseNote(Buffer.from(text.slice(split + 2), "utf8"));
  const checkpoint = parseCheckpoint(note);
  expect(checkpoint.origin === origin, `expected a checkpoint of ${origin}, got one of ${checkpoint.origin}`);
  const certificate = verifyCertificate(extra.key, keys, origin);
  verifyNote(note, origin, certificate);
  expect(index < checkpoint.size, `expected an index below ${checkpoint.size}, got ${index}`);
  let hash = leafHash(Buffer.from(extra.entry, "latin1"));
  let last = checkpoint.size - 1;
  for (const sibling of lines.slice(3).map(digest)) {
    expect(last > 0, "expected a shorter proof");
    if (index % 2 === 1 || index === last) {
      hash = nodeHash(sibling, hash);
      while (index % 2 === 0 && index > 0) { index = Math.floor(index / 2); last = Math.floor(last / 2); }
    } else hash = nodeHash(hash, sibling);
    index = Math.floor(index / 2);
    last = Math.floor(last / 2);
  }
  expect(last === 0 && hash.equals(checkpoint.root), "expected a proof that leads to the root, got another");
  const negotiation = origin.slice(origin.lastIndexOf("/") + 1);
  const entry = parseEntry(Buffer.from(extra.entry, "latin1"), negotiation);
  expect(Math.floor(entry.at / 1000) <= certificate.expires, "expected a key that was valid when the entry was written");
  return { entry, negotiation, place: `${lines[2].slice(6)} of ${checkpoint.size}` };
}
function readEnvelope(envelope) {
  const wire = JSON.parse(envelope.toString("utf8"));
  const head = base64url(wire.payload);
  const claims = JSON.parse(head.toString("utf8"));
  expect(base64url(claims.content).equals(sha256(base64url(wire.content))), `expected the content that the head of ${claims.jti} names, got another`);
  return { head, claims, digest: sha256(head).toString("base64url") };
}
function checkReceipt(receipt, envelope, origin, document, keys) {
  const { entry, negotiation, place } = checkProof(receipt, origin, keys);
  const { head, claims } = readEnvelope(envelope);
  expect(entry.kind === "relay/envelope/v2" && entry.head.bytes.equals(head), `expected the entry of ${claims.jti}, got ${entry.head?.id} or other content`);
  judge(entry.head, parsePolicy(document, entry.head.policy, negotiation), keys, entry.at);
  return `ok ${entry.head.id} ${place}`;
}
// What a delegation said of an envelope, shown to somebody who has neither the relay nor its ledger.
function checkAcknowledgement(receipt, envelope, origin, document, keys) {
  const { entry, negotiation, place } = checkProof(receipt, origin, keys);
  const { claims, digest } = readEnvelope(envelope);
  const { said } = entry;
  expect(said, `expected the entry of an acknowledgement, got ${entry.kind}`);
  expect(said.id === claims.jti && said.digest === digest, `expected an acknowledgement of ${claims.jti}, got one of ${said.id} or of other content`);
  expect(claims.aud.includes(said.delegation), `expected an addressee of ${said.id}, got ${said.delegation}`);
  verifySaid(said, parsePolicy(document, entry.policy, negotiation));
  return `ok ${said.id} ${said.state} by ${said.delegation} ${place}`;
}

const [command, ...rest] = process.argv.slice(2);
try {
  const keysFile = rest.at(-1);
  expect(keysFile && existsSync(keysFile), "expected: folder|served|exported|receipt|acknowledgement ... <keys.json>");
  const keys = JSON.parse(readFileSync(keysFile, "utf8"));
  const commands = {
    folder: () => checkFolder(rest[0], rest[1], keys),
    served: () => checkServed(rest[0], keys),
    exported: () => checkExported(rest[0], keys),
    receipt: () => checkReceipt(readFileSync(rest[0]), readFileSync(rest[1]), rest[2], readFileSync(rest[3]), keys),
    acknowledgement: () => checkAcknowledgement(readFileSync(rest[0]), readFileSync(rest[1]), rest[2], readFileSync(rest[3]), keys),
  };
  expect(Object.hasOwn(commands, command), `expected folder, served, exported, receipt or acknowledgement, got '${command}'`);
  const verdict = await commands[command]();
  if (notProved !== undefined) throw new NotProved(notProved);
  console.log(verdict);
} catch (error) {
  // A form that a parser of the platform refuses is refused like any other; it is not a fault of this program.
  const isOpen = error instanceof NotProved;
  console.log(`${isOpen ? "not proved" : "refused"}: ${error.message.split("\n")[0]}`);
  process.exit(isOpen ? 2 : 1);
}
