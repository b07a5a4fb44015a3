// An independent peer: makes envelopes with jose (argument "make") and opens what Relay.Protocol made (argument "check").
// Both read a JSON file (second argument); "make" writes one (third argument).
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import {
  FlattenedSign, GeneralEncrypt, GeneralSign, base64url, calculateJwkThumbprint, exportJWK, flattenedVerify, generalDecrypt, generalVerify, generateKeyPair, importJWK,
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

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

function u32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

const part = (bytes) => Buffer.concat([u32(bytes.length), bytes]);

// Ties the ciphertext to one text, whatever key it is opened with.
function commit(id, opening, statement, body) {
  return sha256(Buffer.concat([utf8.encode('relay-com/v1'), utf8.encode(id), opening, utf8.encode(statement), body].map(part)));
}

function pad(opening, statement, body) {
  const bytes = Buffer.concat([opening, part(utf8.encode(statement)), part(body)]);
  return Buffer.concat([bytes, Buffer.alloc(padme(bytes.length) - bytes.length)]);
}

function unpad(plaintext) {
  const bytes = Buffer.from(plaintext);
  const bodyAt = 36 + bytes.readUInt32BE(32);
  const end = bodyAt + 4 + bytes.readUInt32BE(bodyAt);
  assert.equal(bytes.length, padme(end));
  assert.ok(bytes.subarray(end).every((b) => b === 0));
  return { opening: bytes.subarray(0, 32), statement: text(bytes.subarray(36, bodyAt)), body: bytes.subarray(bodyAt + 4, end) };
}

async function seal(id, aud, said) {
  const body = utf8.encode(said);
  const jws = await new FlattenedSign(body)
    .setProtectedHeader({ alg: 'ES256', kid: given.identity.kid, typ: 'relay-statement', cty: 'text/plain', jti: id, aud })
    .sign(await importJWK(given.identity, 'ES256'));
  const statement = `${jws.protected}..${jws.signature}`;
  const opening = randomBytes(32);
  const com = base64url.encode(commit(id, opening, statement, body));
  const recipients = aud.map((name) => given.recipients[name]);
  const alg = recipients.length === 1 ? 'ECDH-ES' : 'ECDH-ES+A256KW';
  const jwe = new GeneralEncrypt(pad(opening, statement, body))
    .setAdditionalAuthenticatedData(utf8.encode(id)).setProtectedHeader({ enc: 'A256GCM', com });
  for (const jwk of recipients) {
    const { d, ...open } = jwk;
    jwe.addRecipient(await importJWK(open, alg)).setUnprotectedHeader({ alg, kid: jwk.kid });
  }
  return utf8.encode(JSON.stringify(await jwe.encrypt()));
}

async function make() {
  const envelopes = [];
  for (const alg of ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512']) {
    for (const aud of [['iran'], ['iran', 'oman']]) {
      const id = `doha-2026/us/normal/${envelopes.length + 1}`;
      const body = `said with ${alg} to ${aud.join(' and ')}`;
      const content = await seal(id, aud, body);
      const head = {
        jti: id, aud, iat: 1795348800, exp: 1795352400, content: base64url.encode(sha256(content)),
        ...(envelopes.length > 0 && { prev: base64url.encode(new Uint8Array(32).fill(7)) }),
      };
      const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
      const jwk = await exportJWK(publicKey);
      const kid = `https://kv.vault.azure.net/keys/mediator-qatar/${'0f'.repeat(16)}`;
      const wire = await new GeneralSign(utf8.encode(JSON.stringify(head)))
        .addSignature(privateKey).setProtectedHeader({ alg, kid, typ: 'relay-envelope' })
        .sign();
      envelopes.push({ alg, id, aud, body, wire: JSON.stringify({ ...wire, content: base64url.encode(content) }), jwk, thumbprint: await calculateJwkThumbprint(jwk) });
    }
  }
  await writeFile(output, JSON.stringify(envelopes));
}

async function check() {
  for (const { wire, aud, body, jwk, id } of given.envelopes) {
    const envelope = JSON.parse(wire);
    const verified = await generalVerify(envelope, await importJWK(jwk, JSON.parse(text(base64url.decode(envelope.signatures[0].protected))).alg));
    assert.equal(verified.protectedHeader.typ, 'relay-envelope');
    const head = JSON.parse(text(verified.payload));
    assert.equal(head.jti, id);
    const content = base64url.decode(envelope.content);
    assert.equal(base64url.encode(sha256(content)), head.content);
    for (const name of aud) {
      const opened = await generalDecrypt(JSON.parse(text(content)), await importJWK(given.recipients[name], 'ECDH-ES'));
      assert.equal(text(opened.additionalAuthenticatedData), id);
      const said = unpad(opened.plaintext);
      assert.equal(opened.protectedHeader.com, base64url.encode(commit(id, said.opening, said.statement, said.body)));
      const { d, ...identity } = given.identity;
      const [header, detached, signature] = said.statement.split('.');
      assert.equal(detached, '');
      const statement = await flattenedVerify({ protected: header, payload: base64url.encode(said.body), signature }, await importJWK(identity, 'ES256'));
      assert.equal(text(statement.payload), body);
      assert.deepEqual(statement.protectedHeader.aud, aud);
      assert.equal(statement.protectedHeader.jti, id);
    }
  }
  console.log(`opened ${given.envelopes.length}`);
}

await (mode === 'make' ? make() : check());
