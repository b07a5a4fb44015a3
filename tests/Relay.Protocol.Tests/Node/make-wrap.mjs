// Vectors of contents that an addressee cannot open, and of such that it can.
import { createCipheriv } from "node:crypto";
import { sha256 } from "./formats.mjs";
import { keyOf } from "./sign.mjs";
import { affine, integer, octets, point, times } from "./curve.mjs";
import { commit, deriveKey, paddedSize, pointOf, prove, wrap } from "./wrap.mjs";
import { b64, b64url, blockOf, documentLines, documentOf, entryOf, evidenceFile, filler, headOf, heartbeat, hybridJwkOf, policyOf, treeLines } from "./relay.mjs";

const id = "doha-2026/us/normal/1";
const fixed = (name, length) => sha256(name).subarray(0, length);
const length = (bytes) => { const size = Buffer.alloc(4); size.writeUInt32BE(bytes.length); return size; };
const secretWith = (name, epk) => octets(affine(times(keyOf(name).secret, point(pointOf(epk))))[0]);

// A content for iran and oman, or for iran alone; change has a say in everything that a hostile sender may do.
function seal({ isDirect = false, wrapped, contentKey = fixed("content key", 32), com, kid = "iran#enc-1", aad = id, tag, padding, change = (jwe) => jwe } = {}) {
  const [opening, statement, body] = [fixed("opening", 32), Buffer.from("statement"), Buffer.from("hello")];
  const text = Buffer.concat([opening, length(statement), statement, length(body), body]);
  const padded = Buffer.concat([text, Buffer.alloc((padding ?? paddedSize(text.length)) - text.length)]);
  const epk = keyOf("ephemeral").jwk;
  const alg = isDirect ? "ECDH-ES" : "ECDH-ES+A256KW";
  const header = b64url(JSON.stringify({ alg, enc: "A256GCM", com: b64url(com ?? commit(id, opening, statement, body)), epk }));
  const agreed = (name) => deriveKey(secretWith(name, epk), isDirect ? "A256GCM" : alg);
  const key = isDirect ? agreed("encryption iran") : contentKey;
  const iv = fixed("iv", 12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(`${header}.${b64url(aad)}`, "latin1"));
  const ciphertext = Buffer.concat([cipher.update(padded), cipher.final()]);
  const recipients = [{ header: { kid }, ...(isDirect ? {} : { encrypted_key: b64url(wrapped ?? wrap(agreed("encryption iran"), contentKey)) }) }];
  if (!isDirect) recipients.push({ header: { kid: "oman#enc-1" }, encrypted_key: b64url(wrap(agreed("encryption oman"), contentKey)) });
  return JSON.stringify(change({ protected: header, aad: b64url(aad), iv: b64url(iv), ciphertext: b64url(ciphertext), tag: b64url(tag ?? cipher.getAuthTag()), recipients }));
}
// What iran shows of it.
function file(content, { shown = content, kid = "iran#enc-1", by = "encryption iran", digest, entry, mediators, policy, proof, parts = [] } = {}) {
  const head = headOf({ aud: ["iran", "oman"], content });
  const made = proof ?? prove(keyOf(by).secret, keyOf(by).jwk, keyOf("ephemeral").jwk, digest ?? sha256(head), integer(fixed(`nonce ${by}`, 32)));
  const lines = treeLines(filler(9, { 4: entry ?? entryOf(head, { mediators, policy }) }), [4]);
  return evidenceFile("wrong-wrap", lines, ...parts, `content${blockOf(shown)}`, `wrap ${kid} ${b64(made)}\n`);
}

export function wraps(put) {
  const epk = keyOf("ephemeral").jwk;
  const agreed = deriveKey(secretWith("encryption iran", epk), "ECDH-ES+A256KW");
  const another = seal({ wrapped: wrap(agreed, fixed("another key", 32)) });
  const digest = sha256(headOf({ aud: ["iran", "oman"], content: another }));
  const good = prove(keyOf("encryption iran").secret, keyOf("encryption iran").jwk, epk, digest, integer(fixed("nonce", 32)));
  const hybrid = documentOf({ encryption: hybridJwkOf("encryption iran", "iran#enc-1") });
  const negated = Buffer.concat([good.subarray(0, 32), octets(2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n - integer(good.subarray(32, 64))), good.subarray(64)]);
  for (const [fault, name, text, more] of [
    ["None", "another key for one of two", file(another)], ["None", "what does not unwrap", file(seal({ wrapped: Buffer.alloc(40) }))], ["None", "a tag that does not fit", file(seal({ tag: Buffer.alloc(16) }))],
    ["None", "a tag that does not fit, for one alone", file(seal({ isDirect: true, tag: Buffer.alloc(16) }))], ["None", "no text of the format", file(seal({ padding: 64 }))], ["None", "another text than committed to", file(seal({ com: sha256("x") }))],
    ["None", "the document inside", file(another, { policy: policyOf(documentOf({ routes: [{ from: "us", to: ["iran", "oman"] }] })), parts: [documentLines(documentOf({ routes: [{ from: "us", to: ["iran", "oman"] }] }))] })],
    ["ShowsNothing", "a content that opens", file(seal())], ["ShowsNothing", "a content that opens, for one alone", file(seal({ isDirect: true }))], ["ShowsNothing", "a content of another envelope", file(seal({ aad: "doha-2026/us/normal/2" }))],
    ["ShowsNothing", "a content for others", file(seal({ kid: "iran#enc-2" }))], ["ShowsNothing", "a content of no form", file("{}")], ["ShowsNothing", "a head without quorum", file(another, { mediators: ["qatar"] })],
    ["ShowsNothing", "a hybrid key of that id", file(another, { policy: policyOf(hybrid), parts: [documentLines(hybrid)] })],
    ["ShowsNothing", "an entry of a heartbeat", file(another, { entry: heartbeat(5) })], ["OtherContent", "another content", file(another, { shown: seal() })],
    ["BadWrapProof", "the secret of another key", file(another, { by: "encryption oman" })], ["BadWrapProof", "a proof of another envelope", file(another, { digest: sha256("x") })], ["BadWrapProof", "the negated point", file(another, { proof: negated })],
    ["BadWrapProof", "no point", file(another, { proof: Buffer.concat([Buffer.alloc(64), good.subarray(64)]) })], ["BadWrapProof", "an answer past the order", file(another, { proof: Buffer.concat([good.subarray(0, 96), Buffer.alloc(32, 255)]) })],
    ["BadWrapProof", "another answer", file(another, { proof: Buffer.concat([good.subarray(0, 127), Buffer.from([good[127] ^ 1])]) })], ["BadWrapProof", "another challenge", file(another, { proof: Buffer.concat([good.subarray(0, 64), sha256("x"), good.subarray(96)]) })],
    ["None", "the proof as it is", file(another, { proof: good })],
    ["UnknownRecipientKey", "a key of a session", file(another, { kid: "iran/session-1" })], ["UnknownRecipientKey", "a key of nobody addressed", file(another, { kid: "us#enc-1" })],
    ["NoDocument", "no document", file(another), { without: ["document"] }], ["UnknownMediatorKey", "a mediator's key missing", file(another), { without: ["oman"] }], ["UnknownRelayKey", "the relay's key missing", file(another), { without: ["relay"] }],
    ["Malformed", "a proof of 127 bytes", file(another, { proof: good.subarray(1) })], ["Malformed", "no wrap", file(another).replace(/wrap .*\n/, "")], ["Malformed", "no content", file(another).replace(/content\n .*\n/, "")],
    ["Malformed", "nothing of both", file(another).replace(/content\n .*\nwrap .*\n/, "")], ["Malformed", "a key id with a space", file(another, { kid: "iran #enc-1" })], ["Malformed", "an empty content", file(another, { shown: "" })],
    ["Malformed", "under another kind", file(another).replace("wrong-wrap", "no-quorum")], ["Malformed", "a line after it", `${file(another)}x\n`],
  ]) put(fault, `wrong-wrap: ${name}`, text, more);
}
