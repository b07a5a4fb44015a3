// Opens and verifies, with jose alone, an envelope that the .NET client made.
//
//   node open-ours.mjs <envelope.json> <keys.json>
//   keys: { mediators: { kid: JWK }, recipient: private JWK, sender: JWK, expected: { id, audience, text } }
//
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { strict as assert } from "node:assert";
import * as jose from "jose";

const envelope = JSON.parse(readFileSync(process.argv[2], "utf8"));
const keys = JSON.parse(readFileSync(process.argv[3], "utf8"));

let head;
for (const signature of envelope.signatures) {
  const { kid } = jose.decodeProtectedHeader({ ...signature, payload: envelope.payload });
  const verified = await jose.generalVerify({ payload: envelope.payload, signatures: [signature] }, await jose.importJWK(keys.mediators[kid], "ES256"));
  assert.equal(verified.protectedHeader.typ, "relay-envelope");
  head = JSON.parse(Buffer.from(verified.payload).toString("utf8"));
}
assert.equal(head.jti, keys.expected.id);
assert.deepEqual(head.aud, keys.expected.audience);

const content = Buffer.from(envelope.content, "base64url");
assert.equal(sha256(content), head.content);
const recipient = await jose.importJWK(keys.recipient, "ECDH-ES+A256KW");
const opened = await jose.generalDecrypt(JSON.parse(content.toString("utf8")), recipient);
assert.equal(Buffer.from(opened.additionalAuthenticatedData).toString(), keys.expected.id);

// opening 32 | length u32 BE | statement | length u32 BE | body | zeros
const bytes = Buffer.from(opened.plaintext);
const bodyAt = 36 + bytes.readUInt32BE(32);
const end = bodyAt + 4 + bytes.readUInt32BE(bodyAt);
const [opening, statement, body] = [bytes.subarray(0, 32), bytes.subarray(36, bodyAt), bytes.subarray(bodyAt + 4, end)];
for (const byte of bytes.subarray(end)) assert.equal(byte, 0);
const committed = [Buffer.from("relay-com/v1"), Buffer.from(keys.expected.id), opening, statement, body];
assert.equal(opened.protectedHeader.com, sha256(Buffer.concat(committed.map(part))));

const [header, detached, signature] = statement.toString().split(".");
assert.equal(detached, "");
const verified = await jose.flattenedVerify({ protected: header, payload: body.toString("base64url"), signature }, await jose.importJWK(keys.sender, "ES256"));
assert.equal(verified.protectedHeader.typ, "relay-statement");
assert.equal(verified.protectedHeader.jti, keys.expected.id);
assert.deepEqual(verified.protectedHeader.aud, keys.expected.audience);
assert.equal(body.toString("utf8"), keys.expected.text);
console.log("ok");

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("base64url");
}

function part(bytes) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
