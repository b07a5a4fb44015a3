// Verifies what a relay shows of a ledger with nothing but WebCrypto: checkpoint, certificate of its key, every entry against the signed root, and the
// mediators' quorum of every envelope. Written from src/Relay.Protocol/README.md and the C2SP specifications. Runs in a browser and in Node.
const subtle = globalThis.crypto.subtle;
const utf8 = new TextEncoder();
const lineText = new TextDecoder("latin1");

export class Wrong extends Error {}

// What was expected and what came, and at which entry where it is one.
function expect(condition, message, index) {
  if (condition) return;
  const wrong = new Wrong(message);
  wrong.index = index;
  throw wrong;
}

const concat = (...parts) => {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { bytes.set(part, at); at += part.length; }
  return bytes;
};
export const same = (one, other) => one.length === other.length && one.every((byte, i) => byte === other[i]);
const sha256 = async (...parts) => new Uint8Array(await subtle.digest("SHA-256", concat(...parts)));
const leafHash = (entry) => sha256([0], entry);
const nodeHash = (left, right) => sha256([1], left, right);

// Text forms, each in its one spelling.
const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
export const toBase64url = (bytes) => toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const decode = (text) => { try { return Uint8Array.from(atob(text), (char) => char.charCodeAt(0)); } catch { return new Uint8Array(); } };
function base64(text) {
  const bytes = decode(text);
  expect(toBase64(bytes) === text, "expected base64, got something else");
  return bytes;
}
function base64url(text) {
  const bytes = decode(text.replaceAll("-", "+").replaceAll("_", "/"));
  expect(toBase64url(bytes) === text, "expected base64url, got something else");
  return bytes;
}
function number(text) {
  expect(/^(0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(Number(text)), "expected a number, got something else");
  return Number(text);
}
const json = (bytes) => { try { return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)); } catch { throw new Wrong("expected JSON, got something else"); } };

// Signatures. A key fixes its algorithm.
const hashes = { 256: "SHA-256", 384: "SHA-384", 512: "SHA-512" };
async function verifyJws(jwk, alg, signed, signature) {
  if (alg === "MT-ES256") return jwk.crv === "P-256" && verifyBatch(jwk, signed, signature);
  const hash = hashes[alg.slice(2)];
  if (jwk.kty === "EC") {
    if (alg !== { "P-256": "ES256", "P-384": "ES384", "P-521": "ES512" }[jwk.crv]) return false;
    return subtle.verify({ name: "ECDSA", hash }, await importEc(jwk), signature, signed);
  }
  if (jwk.kty !== "RSA" || !/^PS(256|384|512)$/.test(alg)) return false;
  const key = await subtle.importKey("jwk", { kty: "RSA", n: jwk.n, e: jwk.e }, { name: "RSA-PSS", hash }, false, ["verify"]);
  return subtle.verify({ name: "RSA-PSS", saltLength: Number(alg.slice(2)) / 8 }, key, signature, signed);
}
const keys = new Map();
async function importEc({ kty, crv, x, y }) {
  const id = `${crv} ${x} ${y}`;
  if (!keys.has(id)) keys.set(id, subtle.importKey("jwk", { kty, crv, x, y }, { name: "ECDSA", namedCurve: crv }, true, ["verify"]));
  return keys.get(id);
}
// One signature over the root of a tree of at most 4,096 leaves; the path says which half the leaf is in at each level, the topmost last.
async function verifyBatch(jwk, signed, value) {
  if (value.length < 105 || value[0] !== 1) return false;
  const view = new DataView(value.buffer, value.byteOffset);
  const [size, index] = [view.getUint32(1), view.getUint32(5)];
  if (size < 1 || size > 4096 || index >= size) return false;
  const turns = [];
  for (let [low, high] = [0, size]; high - low > 1;) {
    const middle = low + 2 ** Math.floor(Math.log2(high - low - 1));
    turns.push(index < middle);
    [low, high] = index < middle ? [low, middle] : [middle, high];
  }
  if (value.length !== 105 + 32 * turns.length) return false;
  let hash = await sha256([0], value.subarray(9, 41), await sha256(signed));
  turns.reverse();
  for (const [i, isLeft] of turns.entries()) {
    const beside = value.subarray(41 + 32 * i, 73 + 32 * i);
    hash = isLeft ? await nodeHash(hash, beside) : await nodeHash(beside, hash);
  }
  const root = concat(utf8.encode("relay-batch/v1\n"), value.subarray(1, 5), hash);
  return subtle.verify({ name: "ECDSA", hash: "SHA-256" }, await importEc(jwk), value.subarray(-64), root);
}
// DER of two integers, as C2SP notes have it, in the fixed form that WebCrypto takes.
function fromDer(der) {
  const fixed = new Uint8Array(64);
  let at = 2;
  expect(der[0] === 0x30 && der[1] === der.length - 2, "expected an ECDSA signature, got something else");
  for (const end of [32, 64]) {
    const length = der[at + 1];
    expect(der[at] === 2 && length >= 1 && length <= 33, "expected an ECDSA signature, got something else");
    const value = der.subarray(at + 2, at + 2 + length);
    const bytes = value.length === 33 ? value.subarray(1) : value;
    fixed.set(bytes, end - bytes.length);
    at += 2 + length;
  }
  expect(at === der.length, "expected an ECDSA signature, got something else");
  return fixed;
}

// C2SP signed-note and tlog-checkpoint, and the certificate of the key that signed it.
async function readCertificate(compact, origin, known) {
  const parts = compact.split(".");
  expect(parts.length === 3, "expected the certificate of the checkpoint's key as compact JWS");
  const [header, payload] = [json(base64url(parts[0])), json(base64url(parts[1]))];
  const prefix = payload["origin-prefix"];
  expect(header.typ === "relay-checkpoint-key" && payload.jwk?.crv === "P-256", "expected the certificate of a checkpoint's key");
  expect(prefix?.endsWith("/") && origin.startsWith(prefix) && !origin.slice(prefix.length).includes("/"), `expected a certificate for ${origin}`);
  expect(payload.exp > payload.nbf && payload.exp - payload.nbf <= 3600, "expected a certificate of at most an hour");
  const key = await importEc(payload.jwk);
  const id = (await sha256(new Uint8Array(await subtle.exportKey("spki", key)))).subarray(0, 4);
  const signer = known?.find((jwk) => jwk.kid?.toLowerCase() === header.kid.toLowerCase());
  if (!signer) return { key, id, signedBy: header.kid, isKnown: false };
  expect(signer.compromised === undefined, `expected a key version that the relay alone has, ${header.kid} was withdrawn as compromised`);
  const isSigned = await verifyJws(signer, header.alg, utf8.encode(`${parts[0]}.${parts[1]}`), base64url(parts[2]));
  expect(isSigned, `expected a certificate signed by ${header.kid}, its signature does not verify`);
  return { key, id, signedBy: header.kid, isKnown: true };
}
export async function readCheckpoint(bytes, compact, negotiation, known) {
  const text = new TextDecoder().decode(bytes);
  const end = text.lastIndexOf("\n\n");
  expect(end >= 0 && text.endsWith("\n"), "expected a checkpoint with its signature");
  const lines = text.slice(0, end + 1).split("\n");
  expect(lines.length === 4 && lines[0].endsWith(`/${negotiation}`), `expected a checkpoint of ${negotiation}`);
  const certificate = await readCertificate(compact, lines[0], known);
  const mine = text.slice(end + 2, -1).split("\n").map((line) => line.split(" ")).filter((parts) => parts[0] === "\u2014" && parts[1] === lines[0]);
  const values = mine.map((parts) => base64(parts[2])).filter((value) => same(value.subarray(0, 4), certificate.id));
  expect(values.length === 1, "expected the checkpoint signed once by its certified key");
  const signature = fromDer(values[0].subarray(4));
  const isSigned = await subtle.verify({ name: "ECDSA", hash: "SHA-256" }, certificate.key, signature, utf8.encode(text.slice(0, end + 1)));
  expect(isSigned, "expected a checkpoint signed by its certified key, its signature does not verify");
  return { origin: lines[0], size: number(lines[1]), root: base64(lines[2]), signedBy: certificate.signedBy, isKnown: certificate.isKnown };
}

// C2SP tlog-tiles.
export function tilePath(level, index, width) {
  let text = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) text = `x${String(rest % 1000).padStart(3, "0")}/${text}`;
  return `tile/${level}/${text}${width === 256 ? "" : `.p/${width}`}`;
}
function cutBundle(bytes, width, first) {
  const entries = [];
  for (let at = 0; entries.length < width;) {
    const length = at + 2 <= bytes.length ? bytes[at] * 256 + bytes[at + 1] : Infinity;
    expect(at + 2 + length <= bytes.length, "expected a whole entry in its bundle", first + entries.length);
    entries.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return entries;
}

// Entries: policy digest, head, signature lines.
function readHeads(lines) {
  const heads = [];
  for (let at = 0; at < lines.length;) {
    const [policy, bytes] = [toBase64url(base64(lines[at])), base64(lines[at + 1] ?? "")];
    const signatures = [];
    for (at += 2; at < lines.length && lines[at].includes(" "); at++) signatures.push(lines[at].split(" ").map(base64));
    const claims = json(bytes);
    const [negotiation, sender, lane, sequence] = claims.jti.split("/");
    heads.push({ policy, bytes, signatures, id: claims.jti, negotiation, sender, lane, sequence: Number(sequence), audience: claims.aud, due: Math.max(claims.iat, claims.nbf ?? 0), previous: claims.prev });
  }
  return heads;
}
export function readEntry(bytes, index) {
  const lines = lineText.decode(bytes).slice(0, -1).split("\n");
  const timed = (more) => ({ index, kind: lines[0], at: number(lines[1]), ...more });
  switch (lines[0]) {
    case "relay/envelope/v2": { const heads = readHeads(lines.slice(2)); return timed({ heads, head: heads[0] }); }
    case "relay/evidence/v2": { const heads = readHeads(lines.slice(3)); return timed({ shows: lines[2], heads, head: heads.at(-1) }); }
    case "relay/acknowledgement/v1": {
      const parts = lines[3].split(".");
      const [header, said] = parts.slice(0, 2).map((part) => json(base64url(part)));
      return timed({ said, policy: toBase64url(base64(lines[2])), keyId: header.kid, delegation: header.kid.split("#")[0], signed: utf8.encode(`${parts[0]}.${parts[1]}`), signature: base64url(parts[2]) });
    }
    case "relay/mode/v1": return { index, kind: lines[0], mode: lines[1], at: number(lines[2]) };
    case "relay/policy/v1": return { index, kind: lines[0], version: number(lines[1]), policy: toBase64url(base64(lines[2])), at: number(lines[3]) };
    case "relay/prekeys/v1": {
      const bundle = json(base64url(lines[4].split(".")[1]));
      return timed({ compact: lines[4], bundle: { delegation: bundle.delegation, number: bundle.number, expires: bundle.expires, count: bundle.oneTime.length } });
    }
    case "relay/claim/v1": return timed({ claimed: toBase64url(base64(lines[4])), number: number(lines[3]), left: number(lines[7]) });
    case "relay/heartbeat/v1": return timed({});
    default: throw new Wrong("expected an entry of a kind that is known");
  }
}

// Weight that verifies here, and weight whose keys are not at hand.
async function judge(head, document, known, at) {
  let [weight, untold] = [0, 0];
  const [vouched, points] = [[], new Set()];
  for (const [header, signature] of head.signatures) {
    const { alg, kid } = json(header);
    const key = kid.slice(0, kid.lastIndexOf("/")).toLowerCase();
    const found = Object.entries(document.mediators).find(([, mediator]) => mediator.key.toLowerCase() === key);
    expect(found, `expected signatures of mediators over ${head.id}, got one by ${kid}`);
    const [name, mediator] = found;
    expect(!vouched.includes(name), `expected each mediator once over ${head.id}, got ${name} again`);
    const jwk = known?.find((candidate) => candidate.kid?.toLowerCase() === kid.toLowerCase());
    const isInTime = jwk && at >= (jwk.nbf ?? 0) * 1000 && at < Math.min(jwk.exp ?? Infinity, jwk.compromised ?? Infinity) * 1000;
    vouched.push(name);
    if (!isInTime) { untold += mediator.weight; continue; }
    const signed = utf8.encode(`${toBase64url(header)}.${toBase64url(head.bytes)}`);
    expect(await verifyJws(jwk, alg, signed, signature), `expected a signature of ${name} over ${head.id}, its signature does not verify`);
    expect(!points.has(jwk.x ?? jwk.n), `expected each public key once over ${head.id}, got that of ${name} again`);
    points.add(jwk.x ?? jwk.n);
    weight += mediator.weight;
  }
  expect(weight + untold >= document.quorum, `expected weight ${document.quorum} for ${head.id}, got ${weight + untold}`);
  return { weight, untold, vouched, quorum: document.quorum };
}

// A ledger that is read again and again: what was read stays, so a relay that shows another past is found out.
export class LedgerProof {
  // read(path) answers the bytes below /api/negotiations/{negotiation}/, or throws; keys is what 'relay keys export' writes, or null.
  constructor(negotiation, read, keyFile) {
    this.negotiation = negotiation;
    this.read = read;
    this.known = keyFile?.keys ?? null;
    this.entries = [];
    this.leaves = [];
    this.documents = new Map();
    this.streams = new Map();
    // Prekeys as entries have them: by their bundle's digest, the newest of a delegation last.
    this.bundles = new Map();
    this.untold = 0;
  }

  // Takes the newest checkpoint with its certificate; returns it once every entry up to it is verified.
  async update(bytes, compact) {
    const checkpoint = await readCheckpoint(bytes, compact, this.negotiation, this.known);
    expect(checkpoint.size >= this.entries.length, `expected a ledger of at least ${this.entries.length} entries, as was seen, got ${checkpoint.size}: it has gone back`);
    const fresh = await this.fetch(checkpoint.size);
    const leaves = await Promise.all(fresh.map(({ bytes: entry }) => leafHash(entry)));
    const root = await rootOf([...this.leaves, ...leaves]);
    if (!same(root, checkpoint.root)) await this.locate(leaves, checkpoint);
    // All of it, or nothing: what does not hold is asked for again.
    const before = { streams: new Map(this.streams), untold: this.untold };
    try {
      for (const { bytes: entry, index } of fresh) await this.take(entry, index);
    } catch (error) {
      this.entries.length = this.leaves.length;
      Object.assign(this, before);
      throw error;
    }
    this.leaves.push(...leaves);
    this.checkpoint = checkpoint;
    this.signed = { note: bytes, compact };
    return checkpoint;
  }

  // The ledger as it was verified here, for whoever verifies it again without this relay: checkpoint, certificate, entries and documents.
  // Entries are asked for again, and are those that were verified or none.
  async export() {
    const { checkpoint, signed, leaves } = this;
    const entries = [];
    for (let bundle = 0; bundle * 256 < checkpoint.size; bundle++) {
      const [first, width] = [bundle * 256, Math.min(256, checkpoint.size - bundle * 256)];
      for (const [i, entry] of cutBundle(await this.read(tilePath("entries", bundle, width)), width, first).entries()) {
        expect(same(await leafHash(entry), leaves[first + i]), `expected entry ${first + i} as it was verified here, got another`, first + i);
        entries.push(toBase64(entry));
      }
    }
    const documents = [];
    for (const policy of this.documents.keys()) documents.push(toBase64(await this.read(`policies/${policy}`)));
    return { format: "relay-export/v1", negotiation: this.negotiation, checkpoint: new TextDecoder().decode(signed.note), certificate: signed.compact, entries, documents };
  }

  async fetch(size) {
    const fresh = [];
    for (let bundle = Math.floor(this.entries.length / 256); bundle * 256 < size; bundle++) {
      const [first, width] = [bundle * 256, Math.min(256, size - bundle * 256)];
      let bytes;
      try { bytes = await this.read(tilePath("entries", bundle, width)); } catch (error) { await this.refused(bundle, width, error); }
      for (const [i, entry] of cutBundle(bytes, width, first).entries()) if (first + i >= this.entries.length) fresh.push({ index: first + i, bytes: entry });
    }
    return fresh;
  }

  // What the relay itself does not show, since what it has stored does not verify: the first entry without which it shows the others.
  async refused(bundle, width, error) {
    if (error.isAway) throw error;
    let [good, bad] = [0, width];
    while (bad - good > 1) {
      const middle = (good + bad) >> 1;
      await this.read(tilePath("entries", bundle, middle)).then(() => { good = middle; }, () => { bad = middle; });
    }
    expect(false, `expected entry ${bundle * 256 + bad - 1} of entries ${bundle * 256} to ${bundle * 256 + width - 1}: ${error.message}`, bundle * 256 + bad - 1);
  }

  // Reads a bundle of what was verified again: what is stored may be another meanwhile.
  async again(bundle) {
    const [first, width] = [bundle * 256, Math.min(256, this.leaves.length - bundle * 256)];
    if (width <= 0) return;
    let bytes;
    try { bytes = await this.read(tilePath("entries", bundle, width)); } catch (error) { await this.refused(bundle, width, error); }
    for (const [i, entry] of cutBundle(bytes, width, first).entries()) {
      expect(same(await leafHash(entry), this.leaves[first + i]), `expected entry ${first + i} as it was verified here, got another`, first + i);
    }
  }

  // Which entry it is that does not hash to what the relay's own tree has.
  async locate(leaves, checkpoint) {
    const all = [...this.leaves, ...leaves];
    for (let tile = 0; tile * 256 < checkpoint.size; tile++) {
      const width = Math.min(256, checkpoint.size - tile * 256);
      const hashesOfTile = await this.read(tilePath(0, tile, width)).catch(() => null);
      for (let i = 0; hashesOfTile && i < width; i++) {
        const index = tile * 256 + i;
        const seen = index < this.leaves.length ? "the entry that was seen before" : "the entry shown";
        expect(same(hashesOfTile.subarray(32 * i, 32 * i + 32), all[index]), `expected ${seen} at ${index} to have the hash in the tree, it has another`, index);
      }
    }
    expect(false, `expected ${checkpoint.size} entries with the root that was signed, they have another`);
  }

  async take(bytes, index) {
    let entry;
    try {
      entry = readEntry(bytes, index);
      for (const head of entry.heads ?? []) {
        expect(head.negotiation === this.negotiation, `expected an envelope of ${this.negotiation}, got ${head.id}`);
        head.proof = await judge(head, await this.document(head.policy), this.known, entry.at);
        this.untold += head.proof.weight < head.proof.quorum ? 1 : 0;
      }
      if (entry.kind === "relay/envelope/v2") await this.follow(entry.head);
      if (entry.said) await this.answered(entry);
      if (entry.bundle) this.bundles.set(toBase64url(await sha256(utf8.encode(entry.compact))), { ...entry.bundle, left: entry.bundle.count, index });
      if (entry.claimed && this.bundles.has(entry.claimed)) Object.assign(this.bundles.get(entry.claimed), { left: entry.left, index });
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      error.index ??= index;
      throw error;
    }
    this.entries.push(entry);
  }

  // Each stream goes on by one, and names the digest of the one before.
  async follow(head) {
    const stream = `${head.sender}/${head.lane}`;
    const last = this.streams.get(stream) ?? { sequence: 0, digest: undefined };
    expect(head.sequence === last.sequence + 1 && head.previous === last.digest, `expected ${stream} to go on from ${last.sequence}, got ${head.id}`);
    head.digest = toBase64url(await sha256(head.bytes));
    this.streams.set(stream, { sequence: head.sequence, digest: head.digest });
  }

  // What a delegation says of an envelope it has signed itself.
  async answered(entry) {
    const document = await this.document(entry.policy);
    const jwk = Object.values(document.delegations).flatMap((delegation) => delegation.identityKeys ?? []).find((key) => key.kid === entry.keyId);
    expect(jwk, `expected an identity key of the document, got ${entry.keyId}`);
    expect(await verifyJws(jwk, "ES256", entry.signed, entry.signature), `expected what ${entry.delegation} says of ${entry.said.jti} signed by ${entry.keyId}, its signature does not verify`);
  }

  async document(policy) {
    if (!this.documents.has(policy)) {
      const bytes = await this.read(`policies/${policy}`);
      expect(toBase64url(await sha256(bytes)) === policy, `expected the negotiation's document of digest ${policy}, got another`);
      this.documents.set(policy, json(bytes));
    }
    return this.documents.get(policy);
  }
}

async function rootOf(leaves) {
  if (leaves.length === 0) return sha256();
  let level = leaves;
  while (level.length > 1) {
    const next = [];
    for (let i = 0; i < level.length; i += 2) next.push(i + 1 < level.length ? nodeHash(level[i], level[i + 1]) : level[i]);
    level = await Promise.all(next);
  }
  return level[0];
}
