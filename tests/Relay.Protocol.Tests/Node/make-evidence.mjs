// Vectors of evidence files: every kind of lie told, the same of an honest ledger, and what a judge lacks.
import { sha256 } from "./formats.mjs";
import {
  vaultKid, mediatorKid, b64, b64url, jwkOf, documentOf, document, headOf, signatureOf, entryOf, evidenceOf, heartbeat, judged, at, start, policyOf, filler, certificateOf, noteOf, checkpointOf,
  treeLines, rootLines, blockOf, documentLines, evidenceFile, origin,
} from "./relay.mjs";
import { batched } from "./make-batch.mjs";
import { acknowledgements } from "./make-acknowledgement.mjs";
import { prekeyLies } from "./make-prekey-lies.mjs";
import { kinds } from "./evidence.mjs";
import { wraps } from "./make-wrap.mjs";
import { words } from "./make-words.mjs";

const one = (kind, entry, { size = 9, index = 4, parts = [], ...more } = {}) => evidenceFile(kind, treeLines(filler(size, { [index]: entry }), [index], more), ...parts);
const apart = (kind, [i, first], [j, second]) => evidenceFile(kind, treeLines(filler(9, { [i]: first }), [i]), treeLines(filler(9, { [j]: second }), [j]));
const together = (kind, first, second) => evidenceFile(kind, treeLines(filler(9, { 3: first, 5: second }), [3, 5]));

export function evidence() {
  const vectors = [];
  const put = (fault, name, text, more = {}) => vectors.push({ name, fault, ...more, text });
  const [first, second, unchained] = [headOf(), headOf({ sequence: 2, prev: b64url(sha256(headOf())) }), headOf({ sequence: 2 })];
  const [e1, e2, e2x] = [first, second, unchained].map((head) => entryOf(head));
  const foreign = headOf({ negotiation: "oslo-2026" });
  const forbidden = headOf({ aud: ["iran", "oman"] });
  const none = "None";
  const nothing = "ShowsNothing";
  forks(put);
  // One entry.
  const cases = {
    "unreadable-entry": [[none, "an entry with more", `${e1}x`], [none, "bytes", "\u0001\u0002"], [none, "an entry cut short", e1.slice(0, -1)], [none, "a heartbeat of no time", "relay/heartbeat/v1\nsoon\n"],
      [none, "evidence that shows nothing", evidenceOf("equivocation", [first, first])], [none, "a kind of no form", "relay/Envelope/v2\n1\n"], [nothing, "an entry", e1], [nothing, "a heartbeat", heartbeat(1)],
      ["UnknownEntryKind", "a newer kind", "relay/handshake/v7\nx\n"], ["UnknownEntryKind", "a newer version", e1.replace("/v2", "/v3")]],
    "foreign-entry": [[none, "an envelope of oslo-2026", entryOf(foreign)], [none, "evidence of oslo-2026", evidenceOf("fork-seen", [headOf({ negotiation: "oslo-2026", seen: { size: 1, root: b64url(sha256("x")) } })])],
      [nothing, "an envelope", e1], [nothing, "a heartbeat", heartbeat(1)], [nothing, "no entry", "x"], ["UnknownEntryKind", "a newer kind", "relay/handshake/v7\nx\n"]],
    "forbidden-entry": [[none, "an addressee of no route", entryOf(forbidden)], [none, "an addressee that is nobody", entryOf(headOf({ aud: ["nobody-at-all"] }))], [none, "a sender of no route", entryOf(headOf({ sender: "iran", aud: ["us"] }))],
      [none, "a sender that is nobody", entryOf(headOf({ sender: "nobody", aud: ["us"] }))], [none, "another negotiation", entryOf(foreign)], [nothing, "an envelope", e1], [nothing, "a heartbeat", heartbeat(1)],
      ["NoDocument", "a document that is not at hand", entryOf(forbidden, { policy: sha256("other") })], ["UnknownEntryKind", "a newer kind", "relay/handshake/v7\nx\n"]],
    "no-quorum": [[none, "one signature", entryOf(first, { mediators: ["qatar"] })], [none, "two light ones", entryOf(first, { mediators: ["oman", "swiss"] })], [none, "one mediator twice", entryOf(first, { mediators: ["oman", "qatar", "qatar"] })],
      [none, "signatures out of order", entryOf(first, { mediators: ["qatar", "oman"] })], [none, "a forged signature", entryOf(first, { mediators: ["oman", signatureOf(first, "qatar", "oman")] })],
      [none, "a signature over another head", entryOf(first, { mediators: ["oman", signatureOf(second, "qatar")] })], [none, "a stranger among them", entryOf(first, { mediators: ["oman", "qatar", signatureOf(first, "stranger")] })],
      [none, "one of another mediator's batch", entryOf(first, { mediators: ["oman", batched("qatar", 1, "oman")] })], [none, "one of a batch over another head", entryOf(first, { mediators: ["oman", batched("qatar", 2)] })],
      [none, "a signature of its own as one of a batch", entryOf(first, { mediators: ["oman", { ...batched("qatar", 1), value: signatureOf(first, "qatar").value }] })],
      [none, "one of a batch as ES256", entryOf(first, { mediators: ["oman", { ...batched("qatar", 1), header: signatureOf(first, "qatar").header }] })],
      [nothing, "two of batches", entryOf(first, { mediators: [batched("oman", 1), batched("qatar", 1)] })], [nothing, "one of a batch", entryOf(first, { mediators: ["oman", batched("qatar", 1)] })],
      [none, "evidence without quorum", evidenceOf("equivocation", [first, headOf({ iat: start + 1 })], { mediators: ["qatar"] })], [nothing, "a quorum", e1], [nothing, "all three", entryOf(first, { mediators: ["oman", "qatar", "swiss"] })],
      [nothing, "evidence with quorum", evidenceOf("equivocation", [first, headOf({ iat: start + 1 })])], [nothing, "a heartbeat", heartbeat(1)], ["NoDocument", "a document that is not at hand", entryOf(first, { policy: sha256("other") })]],
    "late-entry": [[none, "an entry after its key", entryOf(first, { minutes: 61 })], [none, "a heartbeat after its key", heartbeat(61)], [none, "50 years ahead", heartbeat(60 * 24 * 365 * 50)], [nothing, "at the last moment", heartbeat(60)],
      [nothing, "before its key", heartbeat(-1)], [nothing, "no entry", "x"], ["UnknownEntryKind", "a newer kind", "relay/handshake/v7\nx\n"]],
    "false-evidence": [[none, "an equivocation of one head", evidenceOf("equivocation", [first, first])], [none, "a whole chain", evidenceOf("broken-chain", [first, second])], [none, "a fork that nobody saw", evidenceOf("fork-seen", [first])],
      [none, "other streams", evidenceOf("broken-chain", [first, headOf({ sequence: 2, lane: "urgent" })])], [nothing, "an equivocation", evidenceOf("equivocation", [first, headOf({ iat: start + 1 })])],
      [nothing, "a broken chain", evidenceOf("broken-chain", [first, unchained])], [nothing, "an envelope", e1], [nothing, "no entry", "x"]],
    accusation: [[none, "an equivocation", evidenceOf("equivocation", [first, headOf({ iat: start + 1 })])], [none, "a broken chain", evidenceOf("broken-chain", [first, unchained])],
      [none, "a fork seen", evidenceOf("fork-seen", [headOf({ seen: { size: 3, root: b64url(sha256("x")) } })])], [nothing, "without quorum", evidenceOf("equivocation", [first, headOf({ iat: start + 1 })], { mediators: ["qatar"] })],
      [nothing, "for whom it must not be", evidenceOf("equivocation", [first, forbidden])], [nothing, "an envelope", e1], [nothing, "one that shows nothing", evidenceOf("equivocation", [first, first])]],
  };
  for (const [kind, rows] of Object.entries(cases)) for (const [fault, name, entry] of rows) put(fault, `${kind}: ${name}`, one(kind, entry));
  // Two entries.
  const pairs = {
    "broken-promise": [[none, apart, [3, e1], [3, e2]], [none, apart, [3, e1], [3, "x"]], [nothing, apart, [3, e1], [3, e1]], [nothing, apart, [3, e1], [5, e2]], [nothing, together, e1, e2]],
    "logged-twice": [[none, apart, [3, e1], [5, e1]], [none, together, e1, e1], [none, together, e2, e2x], [nothing, apart, [3, e1], [3, e1]], [nothing, together, e1, e2], [nothing, together, e1, entryOf(headOf({ lane: "urgent" }))], [nothing, together, e1, "x"]],
    "broken-order": [[none, apart, [3, e2], [5, e1]], [none, apart, [5, e1], [3, e2]], [none, together, e2, e1], [nothing, together, e1, e2], [nothing, apart, [5, e2], [3, e1]], [nothing, together, entryOf(headOf({ sequence: 2, lane: "urgent" })), e1], [nothing, together, entryOf(headOf({ sequence: 2, sender: "iran", aud: ["us"] })), e1],
      [nothing, together, entryOf(headOf({ sequence: 2, negotiation: "oslo-2026" })), e1]],
    "broken-chain": [[none, apart, [3, e1], [5, e2x]], [none, apart, [5, e2x], [3, e1]], [none, together, e1, e2x], [nothing, together, e1, e2], [nothing, together, e1, entryOf(headOf({ sequence: 3 }))], [nothing, together, e1, entryOf(headOf({ sequence: 2, lane: "urgent" }))],
      [nothing, together, e1, entryOf(headOf({ sequence: 2, sender: "iran", aud: ["us"] }))], [nothing, together, e2x, e1], [nothing, together, e1, heartbeat(6)], ["UnknownEntryKind", together, e1, "relay/handshake/v7\nx\n"]],
    "time-backwards": [[none, together, heartbeat(2), heartbeat(1)], [none, apart, [5, heartbeat(1)], [3, heartbeat(2)]], [none, together, e1, heartbeat(1)], [nothing, together, heartbeat(1), heartbeat(2)], [nothing, together, heartbeat(1), heartbeat(1)], [nothing, together, heartbeat(2), "x"],
      ["UnknownEntryKind", together, heartbeat(2), "relay/handshake/v7\nx\n"]],
  };
  for (const [kind, rows] of Object.entries(pairs)) rows.forEach(([fault, make, a, b], i) => put(fault, `${kind}: case ${i + 1}`, make(kind, a, b)));
  falseForks(put);
  trueEvidence(put);
  secondHeads(put, first, forbidden);
  wraps(put);
  acknowledgements(put);
  prekeyLies(put);
  lacking(put, first, e1, forbidden);
  forged(put, e1);
  shapes(put, e1);
  words(put, e1, one("no-quorum", entryOf(first, { mediators: ["qatar"] })));
  // Every kind of name over one honest statement.
  for (const kind of Object.keys(kinds).filter((kind) => kinds[kind] === 1 && !["accusation", "wrong-wrap"].includes(kind))) put(nothing, `${kind}: an honest entry of a ledger of 17`, one(kind, e1, { size: 17, index: 16 }));
  const lie = one("no-quorum", entryOf(first, { mediators: ["qatar"] }));
  for (let i = 0; i < 60; i++) {
    const place = Math.floor(((i + 0.5) * lie.length) / 60);
    const changed = Buffer.from(lie, "latin1");
    changed[place] ^= 1 << (i % 7);
    vectors.push({ name: `no-quorum: bit ${i % 7} of byte ${place} changed`, bytes: b64(changed) });
  }
  return {
    description: "Evidence files. The judge has the relay's keys, the mediators' keys and the documents below, less what 'without' names.",
    relayKeys: [jwkOf("vault", vaultKid)],
    mediatorKeys: ["qatar", "oman", "swiss"].map((name) => jwkOf(`mediator ${name}`, mediatorKid(name))),
    documents: [document],
    vectors,
  };
}

function forks(put) {
  const other = (size) => filler(size, { 0: "other\n" });
  for (const [small, large] of [[1, 1], [5, 5], [1, 2], [3, 8], [4, 8], [5, 9], [7, 17]]) {
    const [a, b] = [filler(small), other(large)];
    const root = small === large ? [] : [rootLines(b.root(0, small), b.consistency(small))];
    put("None", `fork: ${small} and ${large}`, evidenceFile("fork", treeLines(a, []), treeLines(b, []), ...root));
    const honest = filler(large);
    const fits = small === large ? [] : [rootLines(honest.root(0, small), honest.consistency(small))];
    put("ShowsNothing", `fork: ${small} and ${large} of one tree`, evidenceFile("fork", treeLines(a, []), treeLines(honest, []), ...fits));
    if (small < large) {
      put("ShowsNothing", `fork: ${small} and ${large} without a root`, evidenceFile("fork", treeLines(a, []), treeLines(b, [])));
      put("NotConsistent", `fork: ${small} and ${large} with a root that nobody had`, evidenceFile("fork", treeLines(a, []), treeLines(b, []), rootLines(sha256("x"), b.consistency(small))));
      put("NotConsistent", `fork: ${large} and ${small}, the larger first`, evidenceFile("fork", treeLines(b, []), treeLines(a, []), rootLines(sha256("x"), b.consistency(small))));
    }
  }
  for (const [fault, seconds, small, large] of [["None", 3721, 5, 8], ["ShowsNothing", 3720, 5, 8], ["ShowsNothing", 0, 5, 8], ["None", 7200, 0, 1], ["ShowsNothing", 7200, 8, 8], ["ShowsNothing", 7200, 9, 8], ["ShowsNothing", -7200, 5, 8]]) {
    put(fault, `rollback: from ${large} to ${small}, ${seconds} s later`, evidenceFile("rollback", treeLines(filler(large), []), treeLines(filler(small), [], { certificate: certificateOf({ nbf: start + seconds }) })));
  }
}
function falseForks(put) {
  const seen = (size, root) => evidenceOf("fork-seen", [headOf({ seen: { size, root: b64url(root) } })]);
  const base = filler(9);
  for (const [fault, name, size, root, index, shown] of [
    ["None", "a root of the ledger", 3, base.root(0, 3), 4], ["None", "the root before it", 4, base.root(0, 4), 4], ["ShowsNothing", "a root that is not the ledger's", 3, sha256("x"), 4, base.root(0, 3)],
    ["NotConsistent", "a root that is not the ledger's, as if it were", 3, sha256("x"), 4], ["ShowsNothing", "more entries than there were", 5, base.root(0, 5), 4], ["None", "the empty ledger", 0, sha256(), 4], ["NotConsistent", "another empty ledger", 0, sha256("x"), 4],
  ]) {
    const tree = filler(9, { [index]: seen(size, root) });
    const proof = size === 0 ? [] : tree.consistency(size);
    put(fault, `false-evidence: a fork seen, ${name}`, evidenceFile("false-evidence", treeLines(tree, [index]), rootLines(shown ?? root, proof)));
    if (size === 3) put("ShowsNothing", `false-evidence: a fork seen, ${name}, without its root`, evidenceFile("false-evidence", treeLines(tree, [index])));
  }
}
// One head that must not be there is enough, whatever is said of the other.
function secondHeads(put, first, forbidden) {
  const twice = headOf({ iat: start + 1 });
  const two = (one, other) => `relay/evidence/v2\n${at(5)}\nequivocation\n${one}${other}`;
  put("None", "no-quorum: the second head of two", one("no-quorum", two(judged(first), judged(twice, ["qatar"]))));
  put("None", "no-quorum: the first head of two", one("no-quorum", two(judged(first, ["qatar"]), judged(twice))));
  put("None", "no-quorum: beside a head whose document is not at hand", one("no-quorum", two(judged(first, ["oman", "qatar"], sha256("other")), judged(twice, ["qatar"]))));
  put("NoDocument", "no-quorum: only a document that is not at hand", one("no-quorum", two(judged(first, ["oman", "qatar"], sha256("other")), judged(twice))));
  put("None", "forbidden-entry: the second head of two", one("forbidden-entry", two(judged(first), judged(forbidden))));
}
// True evidence of another kind whose heads have seen the ledger's own root accuses nobody.
function trueEvidence(put) {
  const base = filler(9);
  const seeing = (more) => headOf({ seen: { size: 3, root: b64url(base.root(0, 3)) }, ...more });
  for (const [shows, heads] of [["equivocation", [headOf(), seeing({ iat: start + 1 })]], ["broken-chain", [headOf(), seeing({ sequence: 2 })]]]) {
    const tree = filler(9, { 4: evidenceOf(shows, heads) });
    put("ShowsNothing", `false-evidence: ${shows} by one who has seen the ledger's root`, evidenceFile("false-evidence", treeLines(tree, [4]), rootLines(base.root(0, 3), tree.consistency(3))));
  }
}
function lacking(put, first, e1, forbidden) {
  const light = entryOf(first, { mediators: ["qatar"] });
  put("UnknownRelayKey", "the relay's key is not at hand", one("no-quorum", light), { without: ["relay"] });
  put("UnknownRelayKey", "the relay's key is not at hand, of a fork", evidenceFile("fork", treeLines(filler(1), []), treeLines(filler(1, { 0: "x" }), [])), { without: ["relay"] });
  for (const kind of ["no-quorum", "forbidden-entry", "accusation"]) {
    const entry = { "no-quorum": light, "forbidden-entry": entryOf(forbidden), accusation: evidenceOf("equivocation", [first, headOf({ iat: start + 1 })]) }[kind];
    put("NoDocument", `${kind}: no document`, one(kind, entry), { without: ["document"] });
    put("None", `${kind}: the document inside`, one(kind, entry, { parts: [documentLines(document)] }), { without: ["document"] });
    put("NoDocument", `${kind}: another document inside`, one(kind, entry, { parts: [documentLines(documentOf({ routes: [{ from: "us", to: ["iran", "oman"] }] }))] }), { without: ["document"] });
    put("None", `${kind}: another document inside and the right one at hand`, one(kind, entry, { parts: [documentLines(documentOf({ routes: [{ from: "us", to: ["iran", "oman"] }] }))] }));
  }
  const odd = "{\"negotiation\":\"doha-2026\"";
  put("UnreadableDocument", "no-quorum: a document that cannot be read", one("no-quorum", entryOf(first, { policy: policyOf(odd) }), { parts: [documentLines(odd)] }));
  for (const [fault, missing, ...mediators] of [["None", "swiss", "oman", "swiss"], ["UnknownMediatorKey", "swiss", "qatar", "swiss"], ["UnknownMediatorKey", "qatar", "oman", "qatar"], ["UnknownMediatorKey", "swiss", "oman", "qatar", "swiss"], ["None", "oman", "oman"], ["None", "qatar", "qatar"], ["None", "qatar", "qatar", "oman"]]) {
    put(fault, `no-quorum: ${mediators.join(" ")} without the key of ${missing}`, one("no-quorum", entryOf(first, { mediators })), { without: [missing] });
  }
  put("None", "no-quorum: a forged signature beside a key that is missing", one("no-quorum", entryOf(first, { mediators: [signatureOf(first, "oman", "qatar"), "qatar", "swiss"] })), { without: ["swiss"] });
  put("UnknownMediatorKey", "accusation: without a mediator's key", one("accusation", evidenceOf("equivocation", [first, headOf({ iat: start + 1 })])), { without: ["oman"] });
}
function idChanged(note) {
  const bytes = Buffer.from(note.split(" ").at(-1), "base64");
  bytes[0] ^= 1;
  return `${note.slice(0, note.lastIndexOf(" "))} ${b64(bytes)}\n`;
}
function forged(put, e1) {
  const tree = filler(9, { 4: `${e1}x` });
  const of = (more) => evidenceFile("unreadable-entry", treeLines(tree, [4], more));
  put("None", "signatures: all hold", of({}));
  put("None", "signatures: a certificate of other times", of({ certificate: certificateOf({ nbf: start + 10 ** 8 }) }));
  put("BadCertificate", "signatures: certificate by another key", of({ certificate: certificateOf({ by: "other" }) }));
  put("CertificateForOtherOrigin", "signatures: certificate for another relay", of({ certificate: certificateOf({ prefix: "relay.other/" }) }));
  put("CheckpointNotSigned", "signatures: checkpoint by another key", of({ note: noteOf(checkpointOf(tree), { key: "other" }) }));
  put("CheckpointNotSigned", "signatures: checkpoint under another key id", of({ note: idChanged(noteOf(checkpointOf(tree))) }));
  put("BadCheckpointSignature", "signatures: checkpoint of another negotiation", of({ note: noteOf(checkpointOf(tree, { of: "relay.example/oslo-2026" })) }));
  put("BadCheckpointSignature", "signatures: checkpoint with a forged signature", of({ note: noteOf(checkpointOf(tree), { signature: Buffer.from("3006020101020101", "hex") }) }));
  put("UnknownRelayKey", "signatures: certificate by a mediator", of({ certificate: certificateOf({ by: "mediator qatar", header: JSON.stringify({ alg: "ES256", kid: mediatorKid("qatar"), typ: "relay-checkpoint-key" }) }) }));
  put("NotIncluded", "signatures: entry of another tree", of({ note: noteOf(checkpointOf(filler(9))) }));
  put("NotIncluded", "signatures: entry at another place", of({}).replace("leaf 4", "leaf 5"));
  put("NotIncluded", "signatures: entry beyond the tree", of({}).replace("leaf 4", "leaf 9"));
  const fork = (more) => evidenceFile("fork", treeLines(filler(5), []), treeLines(filler(5, { 0: "x" }), [], more));
  put("None", "signatures: second tree holds", fork({}));
  put("BadCertificate", "signatures: second certificate by another key", fork({ certificate: certificateOf({ by: "other" }) }));
  put("CheckpointNotSigned", "signatures: second checkpoint by another key", fork({ certificate: certificateOf({ key: "other" }) }));
}
function shapes(put, e1) {
  const tree = filler(9, { 4: e1 });
  const [bare, leaf] = [treeLines(tree, []), treeLines(tree, [4])];
  const both = treeLines(tree, [4, 5]);
  const root = rootLines(sha256("x"), []);
  const file = (kind, ...parts) => evidenceFile(kind, ...parts);
  const [note, empty] = [noteOf(checkpointOf(tree)), ""];
  const words = bare.split(" ");
  const without = (text, place) => text.split(" ").filter((_, i) => i !== place).join(" ");
  const rows = [
    ["no tree", file("fork")], ["one tree of a fork", file("fork", bare)], ["a leaf in a fork", file("fork", bare, leaf)], ["three trees", file("fork", bare, bare, bare)], ["no leaf", file("no-quorum", bare)], ["two leaves for one", file("no-quorum", both)],
    ["two trees for one leaf", file("no-quorum", leaf, bare)], ["one leaf for two", file("logged-twice", leaf)], ["three leaves", file("logged-twice", both, leaf)], ["two leaves and a bare tree", file("logged-twice", both, bare)], ["a root in a rollback", file("rollback", bare, bare, root)],
    ["a root of one entry", file("no-quorum", leaf, root)], ["a document of a fork", file("fork", bare, bare, documentLines("x"))], ["an empty document", file("no-quorum", leaf, documentLines(empty))], ["a document of no lines", file("no-quorum", leaf, "document\n")],
    ["a document of no base64", file("no-quorum", leaf, "document \n")], ["two documents", file("no-quorum", leaf, documentLines("x"), documentLines("x"))], ["two roots", file("fork", bare, bare, root, root)],
    ["a document before a root", file("false-evidence", leaf, documentLines("x"), root)], ["an unknown kind", file("lie", leaf)], ["a kind in capitals", file("Fork", bare, bare)], ["the version before", file("fork", bare, bare).replace("/v2", "/v1")], ["a version after", file("fork", bare, bare).replace("/v2", "/v3")],
    ["an unknown line", file("fork", bare, bare, "note x\n")], ["an empty line", file("fork", bare, bare, "\n")], ["a line of one space", file("fork", bare, bare, " \n")], ["no newline at the end", file("fork", bare, bare).slice(0, -1)], ["carriage returns", file("fork", bare, bare).replaceAll("\n", "\r\n")],
    ["an origin with a space", file("fork", bare, bare).replace(origin, "relay example")], ["an origin with a plus", file("fork", bare, bare).replace(origin, "relay+example")], ["no origin", file("fork", bare, bare).replace(`${origin}\n`, "")], ["no certificate", file("fork", `${words.slice(0, 4).join(" ")}\n`, bare)],
    ["a certificate of no form", file("fork", `${words.slice(0, 4).join(" ")} x y z\n`, bare)], ["a certificate with its dots", file("fork", `${words.slice(0, 4).join(" ")} ${certificateOf()}\n`, bare)], ["a certificate of two parts", file("fork", without(bare, 6).trimEnd() + "\n", bare)],
    ["a certificate of four parts", file("fork", `${bare.trimEnd()} x\n`, bare)], ["a tree without its size", file("fork", without(bare, 1), bare)], ["a tree without its root", file("fork", without(bare, 2), bare)], ["a tree without its signature", file("fork", without(bare, 3), bare)],
    ["a tree of nothing", file("fork", "tree\n", bare)], ["a tree with a space", file("fork", bare.replace("tree ", "tree  "), bare)], ["a size with a zero", file("fork", bare.replace("tree 9", "tree 09"), bare)], ["a size of 2^53", file("fork", bare.replace("tree 9", "tree 9007199254740992"), bare)],
    ["a root of 31 bytes", file("fork", bare.replace(words[2], b64(Buffer.alloc(31))), bare)], ["a signature of four bytes", file("fork", bare.replace(words[3], b64(Buffer.alloc(4))), bare)], ["a signature with more padding", file("fork", bare.replace(words[3], `${words[3]}=`), bare)],
    ["a whole note", file("fork", `tree ${b64(note)} ${certificateOf()}\n`, bare)], ["an empty tree with a root", file("fork", bare.replace("tree 9", "tree 0"), bare)],
    ["an index with a zero", file("no-quorum", leaf).replace("leaf 4", "leaf 04")], ["an index of 2^53 - 1", file("no-quorum", leaf).replace("leaf 4", "leaf 9007199254740991")], ["a leaf without entry", file("no-quorum", leaf.replace(/leaf 4\n( .*\n)+/, "leaf 4\n"))], ["a leaf without index", file("no-quorum", leaf.replace("leaf 4", "leaf"))],
    ["an entry in base64 that is text", file("no-quorum", `${bare}leaf 4 ${b64(e1)}\n`)], ["an entry in base64 and in lines", file("no-quorum", leaf.replace("leaf 4", `leaf 4 ${b64("\u0001")}`))], ["an entry of nothing in base64", file("no-quorum", `${bare}leaf 4 \n`)], ["a document in base64 that is text", file("no-quorum", leaf, `document ${b64(document)}\n`)],
    ["an entry with more padding", file("no-quorum", `${bare}leaf 4 ${b64("\u0001\u0002")}=\n`)], ["a hash before the entry", file("no-quorum", leaf.replace("leaf 4\n", `leaf 4\n${b64(sha256("x"))}\n`))], ["a hash behind a space", file("no-quorum", leaf.replace(/\n([^\n ]{44}\n)$/, "\n $1"), " \n")],
    ["a hash of 31 bytes", file("no-quorum", `${leaf}${b64(Buffer.alloc(31))}\n`)], ["a hash with a word behind it", file("no-quorum", leaf.replace(/\n$/, " x\n"))], ["55 hashes", file("no-quorum", leaf + `${b64(sha256("x"))}\n`.repeat(55 - tree.inclusion(4).length))], ["an entry of 65,536 bytes", file("no-quorum", `${bare}leaf 4${blockOf(Buffer.alloc(65536))}`)],
    ["a text of 65,536 bytes", file("no-quorum", `${bare}leaf 4${blockOf("x".repeat(65536))}`)], ["nothing", ""], ["a newline", "\n"], ["a line", "relay/evidence-file/v2\n"], ["the line before", "relay/evidence-file/v1\n"], ["a receipt", "c2sp.org/tlog-proof@v1\n"],
  ];
  for (const [name, text] of rows) put("Malformed", `shape: ${name}`, text);
  put("NotIncluded", "shape: 54 hashes", file("no-quorum", leaf + `${b64(sha256("x"))}\n`.repeat(54 - tree.inclusion(4).length)));
  put("NotIncluded", "shape: an entry of 65,535 bytes", file("no-quorum", `${bare}leaf 4${blockOf(Buffer.alloc(65535))}`));
  put("NotIncluded", "shape: a text of 65,535 bytes", file("no-quorum", `${bare}leaf 4${blockOf("x\n".repeat(32767))}`.replace(/ \n$/, " x\n")));
  put("NotIncluded", "shape: an entry of nothing", file("no-quorum", `${bare}leaf 4${blockOf("")}`));
  put("BadCheckpointSignature", "shape: another origin above", file("fork", bare, bare).replace(origin, "relay.example/oslo-2026"));
  put("CertificateForOtherOrigin", "shape: another relay above", file("fork", bare, bare).replace(origin, "relay.other/doha-2026"));
}
