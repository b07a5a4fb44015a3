// An independent peer: makes envelopes with jose (argument "make") and opens what Relay.Protocol made (argument "check").
// Both read a JSON file (second argument); "make" writes one (third argument).
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import {
  CompactSign, GeneralEncrypt, GeneralSign, base64url, calculateJwkThumbprint, compactVerify, exportJWK, generalDecrypt, generalVerify, generateKeyPair, importJWK,
} from 'jose';

const [, , mode, input, output] = process.argv;
const given = JSON.parse(await readFile(input, 'utf8'));
const utf8 = new TextEncoder();
const text = (bytes) => new TextDecoder().decode(bytes);

function padme(length) {
  const e = Math.floor(Math.log2(length));
  const s = Math.floor(Math.log2(e)) + 1;
  const step = 2 ** (e - s);
  return Math.ceil(length / step) * step;
}

function pad(statement) {
  const bytes = utf8.encode(statement);
  const padded = new Uint8Array(padme(4 + bytes.length));
  new DataView(padded.buffer).setUint32(0, bytes.length);
  padded.set(bytes, 4);
  return padded;
}

async function seal(id, aud, body) {
  const statement = await new CompactSign(utf8.encode(body))
    .setProtectedHeader({ alg: 'ES256', kid: given.identity.kid, typ: 'relay-statement', cty: 'text/plain', jti: id, aud })
    .sign(await importJWK(given.identity, 'ES256'));
  const recipients = aud.map((name) => given.recipients[name]);
  const alg = recipients.length === 1 ? 'ECDH-ES' : 'ECDH-ES+A256KW';
  const jwe = new GeneralEncrypt(pad(statement)).setAdditionalAuthenticatedData(utf8.encode(id)).setProtectedHeader({ enc: 'A256GCM' });
  for (const jwk of recipients) {
    const { d, ...open } = jwk;
    jwe.addRecipient(await importJWK(open, alg)).setUnprotectedHeader({ alg, kid: jwk.kid });
  }
  return jwe.encrypt();
}

async function make() {
  const envelopes = [];
  for (const alg of ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512']) {
    for (const aud of [['iran'], ['iran', 'oman']]) {
      const id = `doha-2026/us/normal/${envelopes.length + 1}`;
      const body = `said with ${alg} to ${aud.join(' and ')}`;
      const payload = {
        jti: id, aud, iat: 1795348800, exp: 1795352400, content: await seal(id, aud, body),
        ...(envelopes.length > 0 && { prev: base64url.encode(new Uint8Array(32).fill(7)) }),
      };
      const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
      const jwk = await exportJWK(publicKey);
      const kid = `https://kv.vault.azure.net/keys/mediator-qatar/${'0f'.repeat(16)}`;
      const wire = await new GeneralSign(utf8.encode(JSON.stringify(payload)))
        .addSignature(privateKey).setProtectedHeader({ alg, kid, typ: 'relay-envelope' })
        .sign();
      envelopes.push({ alg, id, aud, body, wire: JSON.stringify(wire), jwk, thumbprint: await calculateJwkThumbprint(jwk) });
    }
  }
  await writeFile(output, JSON.stringify(envelopes));
}

async function check() {
  for (const { wire, aud, body, jwk, id } of given.envelopes) {
    const envelope = JSON.parse(wire);
    const verified = await generalVerify(envelope, await importJWK(jwk, JSON.parse(text(base64url.decode(envelope.signatures[0].protected))).alg));
    assert.equal(verified.protectedHeader.typ, 'relay-envelope');
    const payload = JSON.parse(text(verified.payload));
    assert.equal(payload.jti, id);
    for (const name of aud) {
      const recipient = given.recipients[name];
      const opened = await generalDecrypt(payload.content, await importJWK(recipient, 'ECDH-ES'));
      assert.equal(text(opened.additionalAuthenticatedData), id);
      const length = new DataView(opened.plaintext.buffer, opened.plaintext.byteOffset).getUint32(0);
      assert.equal(opened.plaintext.length, padme(4 + length));
      assert.ok(opened.plaintext.subarray(4 + length).every((b) => b === 0));
      const { d, ...identity } = given.identity;
      const statement = await compactVerify(text(opened.plaintext.subarray(4, 4 + length)), await importJWK(identity, 'ES256'));
      assert.equal(text(statement.payload), body);
      assert.deepEqual(statement.protectedHeader.aud, aud);
      assert.equal(statement.protectedHeader.jti, id);
    }
  }
  console.log(`opened ${given.envelopes.length}`);
}

await (mode === 'make' ? make() : check());
