// Vectors of evidence against acknowledgements that nobody made, or not of this, or more than once.
import { sha256 } from "./formats.mjs";
import { acknowledgementOf, b64, b64url, document, documentLines, documentOf, entryOf, evidenceFile, filler, headOf, heartbeat, policyOf, saidOf, treeLines } from "./relay.mjs";

export function acknowledgements(put) {
  const [none, nothing] = ["None", "ShowsNothing"];
  const [first, second, third] = [headOf(), headOf({ sequence: 2 }), headOf({ sequence: 3 })];
  const toBoth = headOf({ aud: ["iran", "oman"] });
  const foreign = headOf({ negotiation: "oslo-2026" });
  const [e1, e2, e3] = [first, second, third].map((head) => entryOf(head));
  const said = saidOf();
  const by = (name, more = {}) => saidOf(acknowledgementOf({ by: name, ...more }));
  const refused = acknowledgementOf({ state: "refused", reason: "not-opened" });
  const other = acknowledgementOf({ iat: 1 });
  const mixed = [...refused.split(".").slice(0, 2), other.split(".")[2]].join(".");
  const one = (kind, entry, ...parts) => evidenceFile(kind, treeLines(filler(9, { 4: entry }), [4]), ...parts);
  const newer = "relay/handshake/v7\nx\n";

  // One entry and the document that it names.
  const withKey = documentOf({ routes: [{ from: "us", to: ["iran", "oman"] }] });
  const cases = [
    [none, "by another's key", by("us", { kid: "iran#1" })], [none, "by a key that the document has not", by("iran", { kid: "iran#2" })], [none, "by a delegation that is nobody", by("nobody")],
    [none, "by a name that every object has", by("iran", { kid: "constructor#1" })], [none, "with the signature over another", saidOf(mixed)], [none, "of another negotiation", saidOf(acknowledgementOf({ head: foreign }))],
    [nothing, "opened", said], [nothing, "refused", saidOf(refused)], [nothing, "by who was not addressed, and has said so", by("oman")],
    [nothing, "of no envelope", saidOf(acknowledgementOf({ id: "doha-2026/us/normal/9" }))], [nothing, "an envelope", e1], [nothing, "a heartbeat", heartbeat(1)], [nothing, "no entry", said.slice(0, -1)],
    ["UnknownEntryKind", "a newer kind", newer], ["UnknownEntryKind", "a newer version", by("us", { kid: "iran#1" }).replace("/v1", "/v2")],
    ["NoDocument", "a document that is not at hand", saidOf(acknowledgementOf({ by: "us", kid: "iran#1" }), { policy: sha256("other") })], ["NoDocument", "a true one under a document that is not at hand", saidOf(undefined, { policy: sha256("other") })],
  ];
  for (const [fault, name, entry] of cases) put(fault, `forged-acknowledgement: ${name}`, one("forged-acknowledgement", entry));
  const forged = by("us", { kid: "iran#1" });
  const without = { without: ["document"] };
  put("NoDocument", "forged-acknowledgement: no document", one("forged-acknowledgement", forged), without);
  put(none, "forged-acknowledgement: the document inside", one("forged-acknowledgement", forged, documentLines(document)), without);
  put("NoDocument", "forged-acknowledgement: another document inside", one("forged-acknowledgement", forged, documentLines(withKey)), without);
  put(nothing, "forged-acknowledgement: a true one with its document", one("forged-acknowledgement", said, documentLines(document)), without);
  const odd = "{\"negotiation\":\"doha-2026\"";
  put("UnreadableDocument", "forged-acknowledgement: a document that cannot be read", one("forged-acknowledgement", saidOf(undefined, { policy: policyOf(odd) }), documentLines(odd)));
  // Nobody accuses the relay by a document that its entry does not name, whatever keys that has.
  const swapped = document.replace("iran#1", "iran#3");
  put("NoDocument", "forged-acknowledgement: a document with other keys", one("forged-acknowledgement", said, documentLines(swapped)), without);
  put(none, "forged-acknowledgement: a document with other keys that the entry names", one("forged-acknowledgement", saidOf(undefined, { policy: policyOf(swapped) }), documentLines(swapped)));
  put("None", "foreign-entry: an acknowledgement of oslo-2026", one("foreign-entry", saidOf(acknowledgementOf({ head: foreign }))));
  put(nothing, "foreign-entry: an acknowledgement", one("foreign-entry", said));
  for (const kind of ["forbidden-entry", "no-quorum", "accusation", "false-evidence", "unreadable-entry", "late-entry"]) put(nothing, `${kind}: an acknowledgement`, one(kind, said));
  put(none, "late-entry: an acknowledgement after its key", one("late-entry", saidOf(undefined, { minutes: 61 })));
  put(none, "unreadable-entry: an acknowledgement without its document", one("unreadable-entry", said.split("\n").filter((_, i) => i !== 2).join("\n")));

  // Two entries, in the order of the ledger.
  const apart = (kind, [i, a], [j, b]) => evidenceFile(kind, treeLines(filler(9, { [i]: a }), [i]), treeLines(filler(9, { [j]: b }), [j]));
  const together = (kind, a, b) => evidenceFile(kind, treeLines(filler(9, { 3: a, 5: b }), [3, 5]));
  const pairs = {
    "false-acknowledgement": [
      [none, together, e1, saidOf(acknowledgementOf({ digest: b64url(sha256("another")) }))], [none, together, e1, by("oman")], [none, apart, [5, by("oman")], [3, e1]], [none, together, said, e1], [none, apart, [3, said], [5, e1]],
      [none, together, saidOf(acknowledgementOf({ head: third })), e2], [none, together, saidOf(acknowledgementOf({ id: "doha-2026/us/normal/9" })), e1], [none, together, e1, by("us")],
      [nothing, together, e1, said], [nothing, apart, [5, said], [3, e1]], [nothing, together, e1, saidOf(refused)], [nothing, together, entryOf(toBoth), by("oman", { head: toBoth })], [nothing, together, e2, said], [nothing, together, said, e2],
      [nothing, together, saidOf(acknowledgementOf({ head: second })), e3], [nothing, together, e1, saidOf(acknowledgementOf({ head: headOf({ lane: "urgent" }) }))], [nothing, together, saidOf(acknowledgementOf({ head: headOf({ lane: "urgent" }) })), e1],
      [nothing, together, saidOf(acknowledgementOf({ head: foreign })), e1], [nothing, together, e1, e2], [nothing, together, said, said], [nothing, together, heartbeat(1), said], [nothing, together, said, heartbeat(9)], [nothing, together, said, "x"],
      [nothing, apart, [3, said], [3, e1]], ["UnknownEntryKind", together, newer, said],
    ],
    "acknowledged-twice": [
      [none, together, said, said], [none, apart, [3, said], [5, said]], [none, apart, [5, saidOf(refused)], [3, said]], [none, together, said, by("us", { kid: "iran#2" })], [none, together, said, saidOf(acknowledgementOf({ digest: b64url(sha256("x")) }))],
      [nothing, apart, [3, said], [3, said]], [nothing, together, said, by("oman")], [nothing, together, said, saidOf(acknowledgementOf({ head: second }))], [nothing, together, said, saidOf(acknowledgementOf({ head: foreign }))], [nothing, together, e1, said],
      [nothing, together, said, e1], [nothing, together, e1, e1], [nothing, together, said, "x"], ["UnknownEntryKind", together, said, newer],
    ],
    "logged-twice": [[nothing, together, said, said], [nothing, together, e1, said]],
    "broken-order": [[nothing, together, saidOf(acknowledgementOf({ head: second })), e1]],
    "broken-chain": [[nothing, together, e1, saidOf(acknowledgementOf({ head: second }))]],
    "time-backwards": [[none, together, said, heartbeat(1)], [nothing, together, heartbeat(1), said]],
    "broken-promise": [[none, apart, [3, said], [3, saidOf(refused)]]],
  };
  for (const [kind, rows] of Object.entries(pairs)) rows.forEach(([fault, make, a, b], i) => put(fault, `${kind} of acknowledgements: case ${i + 1}`, make(kind, a, b)));
  const lie = one("forged-acknowledgement", forged);
  for (let i = 0; i < 40; i++) {
    const bytes = Buffer.from(lie, "latin1");
    const place = Math.floor(((i + 0.5) * bytes.length) / 40);
    bytes[place] ^= 1 << (i % 7);
    put(undefined, `forged-acknowledgement: bit ${i % 7} of byte ${place} changed`, undefined, { bytes: b64(bytes) });
  }
  put("Malformed", "shape: a document of a false acknowledgement", evidenceFile("false-acknowledgement", treeLines(filler(9, { 3: e1, 5: said }), [3, 5]), documentLines(document)));
  put("Malformed", "shape: one leaf of a false acknowledgement", one("false-acknowledgement", said));
  put("Malformed", "shape: two leaves of a forged acknowledgement", together("forged-acknowledgement", e1, forged));
}
