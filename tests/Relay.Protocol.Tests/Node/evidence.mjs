// A second judge of evidence files, written from src/Relay.Protocol/README.md ("Evidence file") with nothing but Node. As a program:
//
//   node evidence.mjs <file> <keys.json> [<negotiation document>]
//
// keys.json: {"keys":[JWK...]}, the relay's and the mediators' vault keys, each with its identifier (with version) as kid and its time as nbf, exp and compromised. The relay's are those named
// relay-checkpoint; a version of it that was withdrawn as compromised accuses nobody, and a mediator's counts for entries of its time.
// Prints "proved <kind>", "not proved <fault>" or "not judged <fault>", and exits with 0, 1 or 2.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import {
  Fault, fail, base64, decimal, isOrigin, parseNote, parseCheckpoint, parseCertificate, parseEntry, knownKinds, parseJson, sha256, leafHash, maxSize,
  checkInclusion, checkConsistency, checkSigned, checkJws, signingInput, thumbprint,
} from "./formats.mjs";
import { checkProof, opens, readContent } from "./wrap.mjs";
import { isText, unfold } from "./words.mjs";

export const kinds = {
  fork: 0, rollback: 0, "unreadable-entry": 1, "foreign-entry": 1, "forbidden-entry": 1, "no-quorum": 1, "late-entry": 1, "false-evidence": 1,
  "broken-promise": 2, "logged-twice": 2, "broken-order": 2, "broken-chain": 2, "time-backwards": 2, "forged-acknowledgement": 1, "false-acknowledgement": 2, "acknowledged-twice": 2, "prekey-twice": 2, "broken-prekeys": 2,
  "forged-prekeys": 1,  accusation: 1, "wrong-wrap": 1,
};
const notJudged = ["UnknownRelayKey", "UnknownEntryKind", "NoDocument", "UnreadableDocument", "UnknownMediatorKey", "UnknownRecipientKey"];
export const standing = (fault) => (fault === "None" ? "proved" : notJudged.includes(fault) ? "not judged" : "not proved");
const malformed = (message) => fail("Malformed", message);
const nothing = () => fail("ShowsNothing");

export function parseEvidence(bytes) {
  if (bytes.length > 524288) malformed("length");
  const lines = linesOf(bytes.toString("latin1"));
  const [type, kind, origin] = lines.splice(0, 3);
  if (type !== "relay/evidence-file/v2" || !(Object.hasOwn(kinds, kind ?? "")) || !isOrigin(origin ?? "")) malformed("first lines");
  const file = { kind, origin, trees: [], root: null, document: null };
  // What follows a word: nothing, or a space and more.
  const take = (word) => (lines[0] === word || lines[0]?.startsWith(`${word} `) ? lines.shift().slice(word.length) : null);
  const hashes = () => {
    const read = [];
    while (lines[0]?.length === 44 && !lines[0].includes(" ")) {
      const hash = base64(lines.shift());
      if (read.length === 54 || hash?.length !== 32) malformed("hash");
      read.push(hash);
    }
    return read;
  };
  // Bytes: in base64 behind their name, or in the lines below it when they are text.
  const block = (rest) => {
    if (rest !== "") {
      const other = base64(rest.slice(1));
      return other === null || isText(other) ? malformed("block") : other;
    }
    const read = [];
    while (lines[0]?.startsWith(" ")) read.push(lines.shift().slice(1));
    return read.length === 0 ? malformed("block") : Buffer.from(read.join("\n"), "latin1");
  };
  for (let line; file.trees.length < 2 && (line = take("tree")) !== null;) {
    const [, size, root, signature, ...certificate] = line.split(" ");
    if (certificate.length !== 3 || certificate.some((part) => part.includes("."))) malformed("tree");
    const note = parseNote(Buffer.from(`${origin}\n${size}\n${root}\n\n\u2014 ${origin} ${signature}\n`, "utf8"));
    const tree = { note, checkpoint: parseCheckpoint(note.text), certificate: parseCertificate(certificate.join("."), "Malformed"), leaves: [] };
    for (let leaf; tree.leaves.length < 2 && (leaf = take("leaf")) !== null;) {
      const place = leaf.split(" ")[1] ?? "";
      const index = decimal(place, maxSize - 1);
      const entry = block(leaf.slice(1 + place.length));
      if (index === null || entry.length > 65535) malformed("leaf");
      tree.leaves.push({ index, entry, proof: hashes() });
    }
    file.trees.push(tree);
  }
  const root = take("root");
  if (root !== null) {
    const hash = base64(root.slice(1));
    if (hash?.length !== 32) malformed("root");
    file.root = { hash, proof: hashes() };
  }
  const document = take("document");
  if (document !== null) {
    file.document = block(document);
    if (file.document.length === 0) malformed("document");
  }
  const content = take("content");
  if (content !== null) {
    file.wrap = { content: block(content) };
    const [, kid, proof, ...more] = take("wrap")?.split(" ") ?? malformed("wrap");
    Object.assign(file.wrap, { kid, proof: base64(proof ?? "") });
    if (more.length > 0 || file.wrap.content.length === 0 || !/^[!-~]{1,256}$/.test(kid ?? "") || file.wrap.proof?.length !== 128) malformed("wrap");
  }
  if (lines.length > 0) malformed("more");
  checkShape(file);
  return file;
}
function linesOf(folded) {
  try {
    return unfold(folded).slice(0, -1).split("\n");
  } catch (error) {
    if (error instanceof SyntaxError) malformed(error.message);
    throw error;
  }
}
function checkShape({ kind, trees, root, document, wrap }) {
  const wanted = kinds[kind];
  const leaves = trees.reduce((sum, tree) => sum + tree.leaves.length, 0);
  const fits = [trees.length === 2, trees.length === 1, trees.length === 1 || trees.length === 2][wanted]
    && (trees.length === 1 || trees.every((tree) => tree.leaves.length === wanted / 2))
    && leaves === wanted
    && (root === null || kind === "fork" || kind === "false-evidence")
    && (document === null || ["forbidden-entry", "no-quorum", "forged-acknowledgement", "forged-prekeys", "accusation", "wrong-wrap"].includes(kind))
    && (wrap !== undefined) === (kind === "wrong-wrap");
  if (!fits) malformed("shape");
}

// What an entry is: its fields, null when it is none, and a Fault when nobody here knows its kind.
function readEntry(leaf) {
  const text = leaf.entry.toString("latin1");
  const first = text.slice(0, text.indexOf("\n"));
  const named = text.includes("\n") && /^relay\/[a-z-]+\/v[1-9][0-9]{0,15}$/.test(first);
  if (named && !knownKinds.includes(first)) fail("UnknownEntryKind", first);
  try {
    const entry = parseEntry(leaf.entry);
    for (const head of entry.heads) head.at = entry.at;
    return entry;
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

// inputs: { relayKeys, mediatorKeys, documents }, each a list; documents as bytes.
export function judge(bytes, inputs) {
  try {
    const file = parseEvidence(bytes);
    for (const tree of file.trees) {
      const fault = checkSigned(tree.note, tree.certificate, file.origin, inputs.relayKeys);
      if (fault !== "None") return fault;
      for (const leaf of tree.leaves) {
        if (!checkInclusion(leafHash(leaf.entry), leaf.index, tree.checkpoint.size, leaf.proof, tree.checkpoint.root)) return "NotIncluded";
      }
    }
    if (file.kind === "fork") judgeFork(file);
    else if (file.kind === "rollback") judgeRollback(file);
    else if (kinds[file.kind] === 2) judgePair(file);
    else judgeEntry(file, inputs);
    return "None";
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}
function judgeFork({ trees: [{ checkpoint: one }, { checkpoint: two }], root }) {
  if (one.size === two.size && root === null) {
    if (one.root.equals(two.root)) nothing();
    return;
  }
  if (root === null) nothing();
  if (!checkConsistency(one.size, root.hash, two.size, two.root, root.proof)) fail("NotConsistent");
  if (root.hash.equals(one.root)) nothing();
}
function judgeRollback({ trees: [larger, smaller] }) {
  if (smaller.checkpoint.size >= larger.checkpoint.size || smaller.certificate.nbf <= larger.certificate.exp + 120) nothing();
}
// Entries about prekeys: each names the one of its delegation before it, and goes on where that one ended.
const givenBy = (entry) => [...entry.marks].filter((mark) => mark === "n").length;
const keysOf = (entry) => entry.bundle?.delegation ?? entry.claim?.target;
function isBroken(before, after, i, j) {
  if (after.previous === undefined) return false;
  const isLink = keysOf(before) === keysOf(after) && (before.bundle !== undefined || givenBy(before) > 0);
  if (after.previous >= j) return true;
  if (i > after.previous) return isLink;
  if (i < after.previous || i === 0) return false;
  if (!isLink) return true;
  const { number, digest, next, left } = before.bundle
    ? { number: before.bundle.number, digest: before.bundle.digest, next: before.bundle.first, left: before.bundle.count }
    : { number: before.number, digest: before.digest, next: before.first + givenBy(before), left: before.left };
  if (after.bundle) return after.bundle.number <= number || (after.bundle.count > 0 && after.bundle.first < next + left);
  return after.number !== number || !after.digest.equals(digest) || after.left !== left - givenBy(after) || (givenBy(after) > 0 && after.first !== next);
}
function judgePair({ kind, trees }) {
  const leaves = trees.flatMap((tree) => tree.leaves);
  const [one, two] = leaves[0].index <= leaves[1].index ? leaves : [leaves[1], leaves[0]];
  if (kind === "broken-promise") {
    if (one.index !== two.index || one.entry.equals(two.entry)) nothing();
    return;
  }
  const read = leaves.map(readEntry);
  const [before, after] = one === leaves[0] ? read : [read[1], read[0]];
  if (one.index === two.index || before === null || after === null) nothing();
  if (kind === "time-backwards") {
    if (after.at >= before.at) nothing();
    return;
  }
  if (kind === "acknowledged-twice") {
    if (!before.said || before.said.id.text !== after.said?.id.text || before.said.delegation !== after.said.delegation) nothing();
    return;
  }
  if (kind === "prekey-twice") {
    const [a, b] = [before, after].map((entry) => (entry.claim ? { of: entry.claim.target, first: entry.first, end: entry.first + givenBy(entry) } : null));
    if (a === null || b === null || a.of !== b.of || a.first === a.end || b.first === b.end || a.first >= b.end || b.first >= a.end) nothing();
    return;
  }
  if (kind === "broken-prekeys") {
    if (!isBroken(before, after, one.index, two.index)) nothing();
    return;
  }
  if (kind === "false-acknowledgement") {
    const envelope = (before.said ? after : before).heads[0];
    const said = before.said ?? after.said;
    if (!said || [before.kind, after.kind].indexOf("relay/envelope/v2") !== (before.said ? 1 : 0)) nothing();
    // What comes after it was not there for it, nor was anything that follows that in its stream.
    const isFalse = before.said
      ? envelope.id.stream === said.id.stream && envelope.id.sequence <= said.id.sequence
      : envelope.jti === said.id.text && !(envelope.digest.equals(said.digest) && envelope.aud.includes(said.delegation));
    if (!isFalse) nothing();
    return;
  }
  if (before.kind !== "relay/envelope/v2" || after.kind !== "relay/envelope/v2") nothing();
  const [a, b] = [before.heads[0], after.heads[0]];
  const isOneStream = a.id.stream === b.id.stream;
  const shown = {
    "logged-twice": a.jti === b.jti,
    "broken-order": isOneStream && b.id.sequence < a.id.sequence,
    "broken-chain": isOneStream && a.id.sequence + 1 === b.id.sequence && !b.prev?.equals(a.digest),
  };
  if (!shown[kind]) nothing();
}
function judgeEntry(file, inputs) {
  const [tree] = file.trees;
  const [leaf] = tree.leaves;
  const entry = readEntry(leaf);
  const heads = entry?.heads ?? [];
  const negotiation = file.origin.slice(file.origin.lastIndexOf("/") + 1);
  if (file.kind === "unreadable-entry") { if (entry !== null) nothing(); }
  else if (file.kind === "late-entry") { if (entry === null || entry.at <= tree.certificate.exp * 1000) nothing(); }
  else if (file.kind === "foreign-entry") { if (negotiationsOf(entry, heads).every((own) => own === negotiation)) nothing(); }
  else if (file.kind === "false-evidence") judgeFalseEvidence(file, tree.checkpoint, leaf, entry);
  else if (file.kind === "forged-acknowledgement") judgeForged(file, entry, entry?.said, inputs);
  else if (file.kind === "forged-prekeys") judgeForged(file, entry, entry?.bundle ?? entry?.claim, inputs);
  else if (file.kind === "forbidden-entry" && entry?.claim) {
    const { negotiation: own, delegation, target } = entry.claim;
    judgeRoute({ id: { negotiation: own, sender: delegation }, aud: [target] }, findDocument(file, entry, inputs));
  }
  else if (file.kind === "accusation") judgeAccusation(file, entry, inputs);
  else if (file.kind === "wrong-wrap") judgeWrap(file, entry, inputs);
  else {
    const judgeOne = file.kind === "no-quorum" ? judgeQuorum : judgeRoute;
    const faults = heads.map((head) => attempt(() => judgeOne(head, findDocument(file, head, inputs), inputs)));
    if (faults.includes("None")) return;
    fail(faults.find((fault) => standing(fault) === "not judged") ?? "ShowsNothing");
  }
}
function judgeFalseEvidence({ root }, checkpoint, leaf, entry) {
  if (entry === null && root === null && leaf.entry.toString("latin1").startsWith("relay/evidence/v2\n")) return;
  const seen = entry?.shows === "fork-seen" ? entry.heads[0].seen : null;
  if (!seen || root === null || !root.hash.equals(seen.root) || seen.size > leaf.index) nothing();
  if (!checkConsistency(seen.size, seen.root, checkpoint.size, checkpoint.root, root.proof)) fail("NotConsistent");
}
const negotiationsOf = (entry, heads) => [...heads, entry?.said].filter(Boolean).map(({ id }) => id.negotiation).concat([entry?.bundle, entry?.claim].filter(Boolean).map((one) => one.negotiation));
// An acknowledgement, a bundle of prekeys or a claim: compact JWS by an identity key of the document that the entry names.
function judgeForged(file, entry, said, inputs) {
  if (!said) nothing();
  const document = findDocument(file, entry, inputs);
  const own = Object.hasOwn(document.delegations, said.delegation) ? document.delegations[said.delegation].identityKeys ?? [] : [];
  const jwk = own.find((key) => key.kid === said.kid);
  const negotiation = said.negotiation ?? said.id.negotiation;
  if (document.negotiation === negotiation && jwk && checkJws(jwk, "ES256", said.signed, said.signature) === "None") nothing();
}
function judgeAccusation(file, entry, inputs) {
  if (entry?.kind !== "relay/evidence/v2") nothing();
  let open = null;
  for (const head of entry.heads) {
    const found = attempt(() => { findDocument(file, head, inputs); });
    if (found !== "None") { open ??= found; continue; }
    const document = findDocument(file, head, inputs);
    for (const judgeOne of [judgeRoute, judgeQuorum]) {
      const fault = attempt(() => judgeOne(head, document, inputs));
      if (fault === "None") nothing();
      if (standing(fault) === "not judged") open ??= fault;
    }
  }
  if (open !== null) fail(open);
}
function judgeWrap(file, entry, inputs) {
  if (entry?.kind !== "relay/envelope/v2") nothing();
  const [head] = entry.heads;
  const { content, kid, proof } = file.wrap;
  if (!sha256(content).equals(head.content)) fail("OtherContent");
  const document = findDocument(file, head, inputs);
  const quorum = attempt(() => judgeQuorum(head, document, inputs));
  if (quorum !== "ShowsNothing") fail(quorum === "None" ? "ShowsNothing" : quorum);
  const jwk = head.aud.filter((name) => Object.hasOwn(document.delegations, name)).flatMap((name) => document.delegations[name].encryptionKeys ?? []).find((key) => key.kid === kid);
  if (!jwk) fail("UnknownRecipientKey");
  const read = readContent(content, head.jti, kid);
  if (read === null || jwk.kty !== "EC") nothing();
  if (!checkProof(proof, jwk, read.epk, head.digest)) fail("BadWrapProof");
  if (opens(read, proof.subarray(0, 32), head.jti)) nothing();
}
const attempt = (action) => {
  try { action(); return "None"; } catch (error) { if (error instanceof Fault) return error.code; throw error; }
};
function findDocument(file, head, inputs) {
  const bytes = [...inputs.documents, ...(file.document === null ? [] : [file.document])].find((bytes) => sha256(bytes).equals(head.policy));
  if (bytes === undefined) fail("NoDocument");
  const document = parseJson(bytes, "UnreadableDocument", 262144);
  if (typeof document !== "object" || document === null || typeof document.delegations !== "object" || typeof document.mediators !== "object") fail("UnreadableDocument");
  return document;
}
// "None" means here that the lie is shown.
function judgeRoute(head, document) {
  const from = head.id.sender;
  const mayAddress = (to) => Object.hasOwn(document.delegations, from) && Object.hasOwn(document.delegations, to)
    && (document.routes === undefined || document.routes.some((route) => route.from === from && route.to.includes(to)));
  if (document.negotiation === head.id.negotiation && head.aud.every(mayAddress)) nothing();
}
const isOfTime = ({ nbf = 0, exp = Infinity, compromised = Infinity }, at) => at >= nbf * 1000 && at < exp * 1000 && at < compromised * 1000;
function judgeQuorum(head, document, inputs) {
  const byKey = new Map(Object.entries(document.mediators).map(([name, { key, weight }]) => [key.toLowerCase(), { name, weight }]));
  const [counted, keys, rows] = [new Set(), new Set(), []];
  let weight = 0;
  for (const signature of head.signatures) {
    const { kid, alg } = signature.header;
    const mediator = byKey.get(kid.key.toLowerCase());
    const row = { mediator, weight: 0, outcome: "UnknownMediator" };
    rows.push(row);
    if (!mediator) continue;
    const jwk = inputs.mediatorKeys.find((key) => key.kid?.toLowerCase() === kid.text.toLowerCase() && isOfTime(key, head.at));
    row.outcome = jwk ? checkJws(jwk, alg, signingInput(signature, head), signature.value) : "KeyUnavailable";
    if (row.outcome !== "None" || counted.has(mediator.name) || keys.has(thumbprint(jwk))) continue;
    counted.add(mediator.name);
    keys.add(thumbprint(jwk));
    row.weight = mediator.weight;
    weight += mediator.weight;
  }
  const names = rows.filter((row) => row.mediator).map((row) => row.mediator.name);
  if (names.some((name, i) => i > 0 && name < names[i - 1])) return;
  if (rows.some((row) => row.weight === 0 && row.outcome !== "KeyUnavailable")) return;
  const open = new Map(rows.filter((row) => row.outcome === "KeyUnavailable").map((row) => [row.mediator.name, row.mediator.weight]));
  const more = [...open].filter(([name]) => !counted.has(name)).reduce((sum, [, own]) => sum + own, 0);
  if (weight < document.quorum && (more === 0 || weight + more < document.quorum)) return;
  if (open.size > 0) fail("UnknownMediatorKey");
  nothing();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [path, keysPath, document] = process.argv.slice(2);
  const { keys } = JSON.parse(readFileSync(keysPath, "utf8"));
  const isRelay = (key) => /\/keys\/relay-checkpoint\//i.test(key.kid ?? "");
  const bytes = readFileSync(path);
  const fault = judge(bytes, {
    relayKeys: keys.filter((key) => isRelay(key) && key.compromised === undefined), mediatorKeys: keys.filter((key) => !isRelay(key)), documents: document ? [readFileSync(document)] : [],
  });
  const verdict = standing(fault);
  console.log(fault === "None" ? `proved ${parseEvidence(bytes).kind}` : `${verdict} ${fault}`);
  process.exit(["proved", "not proved", "not judged"].indexOf(verdict));
}
