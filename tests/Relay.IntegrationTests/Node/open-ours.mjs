// Opens and verifies, with jose alone, an envelope that the .NET client made.
//
//   node open-ours.mjs <envelope.json> <keys.json>
//   keys: { mediators: { kid: JWK }, recipient: private JWK, sender: JWK, expected: { id, audience, text } }
//
import { readFileSync } from "node:fs";
import { strict as assert } from "node:assert";
import * as jose from "jose";

const envelope = JSON.parse(readFileSync(process.argv[2], "utf8"));
const keys = JSON.parse(readFileSync(process.argv[3], "utf8"));

let payload;
for (const signature of envelope.signatures) {
  const { kid } = jose.decodeProtectedHeader({ ...signature, payload: envelope.payload });
  const verified = await jose.generalVerify({ payload: envelope.payload, signatures: [signature] }, await jose.importJWK(keys.mediators[kid], "ES256"));
  assert.equal(verified.protectedHeader.typ, "relay-envelope");
  payload = JSON.parse(Buffer.from(verified.payload).toString("utf8"));
}
assert.equal(payload.jti, keys.expected.id);
assert.deepEqual(payload.aud, keys.expected.audience);

const recipient = await jose.importJWK(keys.recipient, "ECDH-ES+A256KW");
const opened = await jose.generalDecrypt("recipients" in payload.content ? payload.content : general(payload.content), recipient);
assert.equal(Buffer.from(opened.additionalAuthenticatedData).toString(), keys.expected.id);
const length = new DataView(opened.plaintext.buffer, opened.plaintext.byteOffset).getUint32(0);
const statement = await jose.compactVerify(opened.plaintext.subarray(4, 4 + length), await jose.importJWK(keys.sender, "ES256"));
assert.equal(statement.protectedHeader.typ, "relay-statement");
assert.equal(statement.protectedHeader.jti, keys.expected.id);
assert.deepEqual(statement.protectedHeader.aud, keys.expected.audience);
assert.equal(Buffer.from(statement.payload).toString("utf8"), keys.expected.text);
for (const byte of opened.plaintext.subarray(4 + length)) assert.equal(byte, 0);
console.log("ok");

function general({ header, encrypted_key, ...rest }) {
  return { ...rest, recipients: [{ header, encrypted_key }] };
}
