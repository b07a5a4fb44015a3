// Vectors of evidence about bundles of prekeys and claims: that nobody signed, that were not allowed, that gave a key twice or go on from nothing.
import { sha256 } from "./formats.mjs";
import { bundleOf, claimOf, claimedOf, publishedOf } from "./make-prekeys.mjs";
import { b64, document, documentLines, documentOf, entryOf, evidenceFile, evidenceOf, filler, headOf, heartbeat, policyOf, saidOf, start, treeLines } from "./relay.mjs";

const [none, nothing, newer] = ["None", "ShowsNothing", "relay/handshake/v7\nx\n"];
const one = (kind, entry, ...parts) => evidenceFile(kind, treeLines(filler(9, { 4: entry }), [4]), ...parts);
const mixed = (text, other) => [...text.split(".").slice(0, 2), other.split(".")[2]].join(".");
// Signed with another delegation's key under this one's name.
const bundleBy = (by, more) => bundleOf({ by, header: JSON.stringify({ alg: "ES256", kid: "iran#1", typ: "relay-prekeys" }), more: { delegation: "iran", session: JSON.parse(payloadOf(bundleOf())).session, oneTime: [], ...more } });
const claimBy = (by, more) => claimOf({ by, ids: ["doha-2026/us/normal/1", "doha-2026/us/normal/2", "doha-2026/us/normal/3"], header: JSON.stringify({ alg: "ES256", kid: "us#1", typ: "relay-claim" }), ...more });
const payloadOf = (compact) => Buffer.from(compact.split(".")[1], "base64url").toString("utf8");
const oslo = ["oslo-2026/us/normal/1", "oslo-2026/us/normal/2", "oslo-2026/us/normal/3"];

export function prekeyLies(put) {
  signatures(put);
  documents(put);
  routes(put);
  pairs(put);
  const lie = one("forged-prekeys", claimedOf(claimBy("oman")));
  for (let i = 0; i < 40; i++) {
    const bytes = Buffer.from(lie, "latin1");
    const place = Math.floor(((i + 0.5) * bytes.length) / 40);
    bytes[place] ^= 1 << (i % 7);
    put(undefined, `forged-prekeys: bit ${i % 7} of byte ${place} changed`, undefined, { bytes: b64(bytes) });
  }
  const leaf = treeLines(filler(9, { 4: publishedOf() }), [4]);
  put("Malformed", "shape: two leaves of forged prekeys", evidenceFile("forged-prekeys", treeLines(filler(9, { 3: publishedOf(), 5: claimedOf() }), [3, 5])));
  put("Malformed", "shape: no leaf of forged prekeys", evidenceFile("forged-prekeys", treeLines(filler(9), [])));
  put("Malformed", "shape: one leaf of a key given twice", evidenceFile("prekey-twice", leaf));
  put("Malformed", "shape: a document of broken prekeys", evidenceFile("broken-prekeys", treeLines(filler(9, { 3: publishedOf(), 5: claimedOf() }), [3, 5]), documentLines(document)));
  put("Malformed", "shape: a root of forged prekeys", evidenceFile("forged-prekeys", leaf, `root ${b64(sha256("x"))}\n`));
}

// Who signed, by the document that the entry names.
function signatures(put) {
  const rows = [
    [none, "a bundle by another's key", publishedOf(bundleBy("us"))], [none, "a bundle by a key that the document has not", publishedOf(bundleOf({ kid: "iran#2" }))], [none, "a bundle of a delegation that is nobody", publishedOf(bundleOf({ by: "nobody" }))],
    [none, "a bundle of a name that every object has", publishedOf(bundleOf({ by: "constructor" }))], [none, "a bundle with the signature over another", publishedOf(mixed(bundleOf(), bundleOf({ number: 4 })))], [none, "a bundle of another negotiation", publishedOf(bundleOf({ more: { negotiation: "oslo-2026" } }))],
    [none, "a claim by another's key", claimedOf(claimBy("iran"))], [none, "a claim by a key that the document has not", claimedOf(claimOf({ kid: "us#2" }))], [none, "a claim of a delegation that is nobody", claimedOf(claimOf({ by: "nobody" }))],
    [none, "a claim with the signature over another", claimedOf(mixed(claimOf(), claimOf({ iat: start })))], [none, "a claim of another negotiation", claimedOf(claimOf({ ids: oslo }))], [none, "a claim of no route by another's key", claimedOf(claimBy("iran", { target: "oman" }))],
    [nothing, "a bundle", publishedOf()], [nothing, "a bundle of none", publishedOf(bundleOf({ count: 0 }))], [nothing, "a claim", claimedOf()], [nothing, "a claim of the session key", claimedOf(claimOf(), { first: 0, marks: "sss" })],
    [nothing, "a claim of no route", claimedOf(claimOf({ target: "oman" }))], [nothing, "a claim of a delegation that is nobody's, signed", claimedOf(claimOf({ target: "nobody" }))], [nothing, "a bundle out of nothing", publishedOf(bundleOf({ number: 9 }), { previous: 3 })],
    [nothing, "a bundle that ended long ago", publishedOf(bundleOf({ more: { issued: 1, expires: 2 } }))], [nothing, "a claim of a bundle that nobody has", claimedOf(claimOf(), { bundle: sha256("x") })], [nothing, "an acknowledgement", saidOf()],
    [nothing, "an envelope", entryOf()], [nothing, "evidence", evidenceOf("equivocation", [headOf(), headOf({ iat: start + 1 })])], [nothing, "a heartbeat", heartbeat(1)], [nothing, "a bundle cut short", publishedOf().slice(0, -1)], [nothing, "a claim as a bundle", publishedOf(claimOf())],
    ["UnknownEntryKind", "a newer kind", newer], ["UnknownEntryKind", "a bundle of a newer version", publishedOf(bundleBy("us")).replace("/v1", "/v2")], ["UnknownEntryKind", "a claim of a newer version", claimedOf(claimBy("iran")).replace("/v1", "/v2")],
    ["NoDocument", "a bundle under a document that is not at hand", publishedOf(bundleBy("us"), { policy: sha256("other") })], ["NoDocument", "a true bundle under a document that is not at hand", publishedOf(undefined, { policy: sha256("other") })],
    ["NoDocument", "a claim under a document that is not at hand", claimedOf(claimBy("iran"), { policy: sha256("other") })],
  ];
  for (const [fault, name, entry] of rows) put(fault, `forged-prekeys: ${name}`, one("forged-prekeys", entry));
  for (const [name, entry] of [["a bundle", publishedOf()], ["a claim", claimedOf()]]) {
    for (const kind of ["forged-acknowledgement", "no-quorum", "accusation", "false-evidence", "unreadable-entry", "late-entry", "foreign-entry", "forbidden-entry"]) put(nothing, `${kind}: ${name}`, one(kind, entry));
  }
  put(none, "unreadable-entry: a bundle without its document", one("unreadable-entry", publishedOf().split("\n").filter((_, i) => i !== 2).join("\n")));
  put(none, "late-entry: a bundle after its key", one("late-entry", publishedOf(undefined, { minutes: 61 })));
  put(none, "late-entry: a claim after its key", one("late-entry", claimedOf(undefined, { minutes: 61 })));
  put(none, "foreign-entry: a bundle of oslo-2026", one("foreign-entry", publishedOf(bundleOf({ more: { negotiation: "oslo-2026" } }))));
  put(none, "foreign-entry: a claim of oslo-2026", one("foreign-entry", claimedOf(claimOf({ ids: oslo }))));
}

// With the document inside, and without any.
function documents(put) {
  const without = { without: ["document"] };
  const others = document.replace("iran#1", "iran#3").replace("us#1", "us#3");
  const odd = "{\"negotiation\":\"doha-2026\"";
  for (const [name, make, forged] of [["a bundle", publishedOf, bundleBy("us")], ["a claim", claimedOf, claimBy("iran")]]) {
    const put1 = (fault, what, compact, inside, more, policy = policyOf(document)) => put(fault, `forged-prekeys: ${name}, ${what}`, one("forged-prekeys", make(compact, { policy }), ...(inside ? [documentLines(inside)] : [])), more);
    put1("NoDocument", "no document", forged, null, without);
    put1(none, "the document inside", forged, document, without);
    put1("NoDocument", "another document inside", forged, documentOf({ routes: [] }), without);
    put1(nothing, "true, with its document", undefined, document, without);
    put1("NoDocument", "true, with a document of other keys", undefined, others, without);
    put1(none, "a document of other keys that the entry names", undefined, others, {}, policyOf(others));
    put1("UnreadableDocument", "a document that cannot be read", forged, odd, {}, policyOf(odd));
    put1(none, "a document of another negotiation that the entry names", undefined, documentOf({ negotiation: "oslo-2026" }), {}, policyOf(documentOf({ negotiation: "oslo-2026" })));
  }
}

// Whom a claim may be for.
function routes(put) {
  const everyone = JSON.stringify({ ...JSON.parse(document), routes: undefined });
  const nobody = documentOf({ routes: [] });
  const under = (text, compact) => one("forbidden-entry", claimedOf(compact, { policy: policyOf(text) }), documentLines(text));
  const rows = [
    [none, "a claim of no route", one("forbidden-entry", claimedOf(claimOf({ target: "oman" })))], [none, "a claim of nobody's keys", one("forbidden-entry", claimedOf(claimOf({ target: "nobody" })))], [none, "a claim by nobody", one("forbidden-entry", claimedOf(claimOf({ by: "nobody" })))],
    [none, "a claim against the route", one("forbidden-entry", claimedOf(claimOf({ by: "iran", target: "us" })))], [none, "a claim of another negotiation", one("forbidden-entry", claimedOf(claimOf({ ids: oslo })))],
    [none, "a claim of no route that nobody signed", one("forbidden-entry", claimedOf(claimBy("iran", { target: "oman" })))], [none, "a claim where nobody may address anybody", under(nobody)],
    [nothing, "a claim of a route that nobody signed", one("forbidden-entry", claimedOf(claimBy("oman")))], [nothing, "a claim of another route", under(documentOf({ routes: [{ from: "us", to: ["oman", "iran"] }] }), claimOf({ target: "oman" }))],
    ["NoDocument", "a claim under a document that is not at hand", one("forbidden-entry", claimedOf(claimOf({ target: "oman" }), { policy: sha256("other") }))], ["UnknownEntryKind", "a claim of a newer version", one("forbidden-entry", claimedOf(claimOf({ target: "oman" })).replace("/v1", "/v2"))],
    [nothing, "a claim where everybody may address everybody", under(everyone, claimOf({ target: "oman" }))],
  ];
  for (const [fault, name, file] of rows) put(fault, `forbidden-entry: ${name}`, file);
}

// Two entries, in the order of the ledger: a bundle of the keys 7 and 8 at 3, and what follows it.
function pairs(put) {
  const apart = (kind, [i, a], [j, b]) => evidenceFile(kind, treeLines(filler(9, { [i]: a }), [i]), treeLines(filler(9, { [j]: b }), [j]));
  const together = (kind, a, b) => evidenceFile(kind, treeLines(filler(9, { 3: a, 5: b }), [3, 5]));
  const bundle = publishedOf();
  const claim = (marks, first, left, { previous = 3, from = 1, by = "us", target = "iran", ...more } = {}) => claimedOf(claimOf({ by, target, sequences: [...marks].map((_, i) => from + i) }), { marks, first, left, previous, ...more });
  const next = (more, previous = 3) => publishedOf(bundleOf({ number: 4, first: 9, ...more }), { previous });
  const rows = {
    "prekey-twice": [
      [none, together, claim("n", 7, 1), claim("n", 7, 0, { from: 2 })], [none, apart, [5, claim("n", 7, 1)], [3, claim("n", 7, 0, { from: 2 })]], [none, together, claim("nnn", 7, 0), claim("rn", 9, 0)], [none, together, claim("n", 9, 0), claim("nnn", 7, 0)], [none, together, claim("n", 7, 1), claim("n", 7, 1)],
      [none, together, claim("n", 7, 1), claim("n", 7, 0, { by: "oman" })], [nothing, together, claim("n", 7, 1), claim("n", 8, 0)], [nothing, together, claim("nn", 7, 1), claim("n", 9, 0)], [nothing, together, claim("n", 9, 0), claim("nn", 7, 1)], [nothing, together, claim("n", 7, 1), claim("s", 0, 0)],
      [nothing, together, claim("s", 0, 0), claim("n", 7, 1)], [nothing, together, claim("n", 7, 1), claim("n", 7, 1, { target: "oman" })], [nothing, together, bundle, claim("n", 7, 1)], [nothing, together, bundle, bundle], [nothing, together, claim("n", 7, 1), heartbeat(9)],
      [nothing, apart, [3, claim("n", 7, 1)], [3, claim("n", 7, 1)]], [nothing, together, claim("n", 7, 1), "x"], ["UnknownEntryKind", together, newer, claim("n", 7, 1)],
    ],
    "broken-prekeys": [
      [none, together, bundle, claim("n", 8, 1)], [none, together, bundle, claim("n", 7, 2)], [none, together, bundle, claim("n", 7, 0)], [none, together, bundle, claim("s", 0, 0)], [none, together, bundle, claim("n", 7, 1, { number: 2 })], [none, together, bundle, claim("n", 7, 1, { bundle: sha256("x") })],
      [none, together, bundle, claim("n", 7, 1, { target: "oman" })], [none, together, heartbeat(1), claim("n", 7, 1)], [none, together, claim("s", 0, 0, { previous: 1 }), claim("n", 7, 1)], [none, together, bundle, claim("n", 7, 1, { previous: 2 })], [none, together, heartbeat(1), claim("n", 7, 1, { previous: 5 })],
      [none, together, bundle, claim("n", 7, 1, { previous: 6 })], [none, apart, [5, claim("n", 8, 1)], [3, bundle]], [none, together, claim("n", 7, 1, { previous: 1 }), claim("n", 7, 0)], [none, together, claim("n", 7, 1, { previous: 1 }), claim("n", 8, 1)], [none, together, claim("n", 7, 1, { previous: 1 }), claim("s", 0, 0)],
      [none, together, bundle, next({ number: 3 })], [none, together, bundle, next({ number: 2 })], [none, together, bundle, next({ first: 8 })], [none, together, claim("n", 7, 1, { previous: 1 }), next({ first: 8 })], [none, together, bundle, next({}, 2)], [none, together, bundle, next({ by: "oman" })],
      [none, together, claim("n", 7, 1, { previous: 2 }), claim("n", 8, 0, { previous: 2 })], [none, together, entryOf(), next({})],
      [nothing, together, bundle, claim("n", 7, 1)], [nothing, together, bundle, claim("nn", 7, 0)], [nothing, together, bundle, claim("nns", 7, 0)], [nothing, together, claim("n", 7, 1, { previous: 1 }), claim("n", 8, 0)], [nothing, together, claim("nn", 7, 0, { previous: 1 }), claim("s", 0, 0)],
      [nothing, together, bundle, next({})], [nothing, together, bundle, next({ first: 20 })], [nothing, together, bundle, next({ count: 0 })], [nothing, together, claim("nn", 7, 0, { previous: 1 }), next({})], [nothing, together, bundle, claim("n", 7, 1, { previous: 4 })], [nothing, together, bundle, next({}, 4)],
      [nothing, together, heartbeat(1), claim("n", 7, 1, { previous: 2 })], [nothing, together, claim("s", 0, 0, { previous: 1 }), claim("n", 7, 1, { previous: 2 })], [nothing, together, bundle, claim("n", 7, 1, { target: "oman", previous: 2 })], [nothing, together, bundle, heartbeat(9)], [nothing, together, bundle, entryOf()],
      [nothing, apart, [0, heartbeat(1)], [5, publishedOf()]], [nothing, apart, [3, bundle], [3, bundle]], [nothing, together, bundle, "x"], ["UnknownEntryKind", together, bundle, newer], ["UnknownEntryKind", together, newer, claim("n", 7, 1)],
    ],
  };
  for (const [kind, list] of Object.entries(rows)) list.forEach(([fault, make, a, b], i) => put(fault, `${kind}: case ${i + 1}`, make(kind, a, b)));
}
