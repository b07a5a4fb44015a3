// Independent peers for HPKE-8-KE: `hpke` with @panva/hpke-noble, whose author writes the draft, and the KEM of @noble/post-quantum with a key schedule of this
// file's own. "make" (input, output) encrypts a plaintext to addressees, "open" (input, output) decrypts contents. The P-256 entry beside a hybrid one is made with
// node:crypto and opened with jose.
import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, createECDH, createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { shake256 } from '@noble/hashes/sha3.js';
import { ml_kem768_p256 as kem } from '@noble/post-quantum/hybrid.js';
import { AEAD_AES_256_GCM, KDF_SHAKE256, KEM_MLKEM768_P256 } from '@panva/hpke-noble';
import { CipherSuite } from 'hpke';
import { generalDecrypt, importJWK } from 'jose';

const [, , mode, input, output] = process.argv;
const given = JSON.parse(await readFile(input, 'utf8'));
const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
const unb64 = (text) => new Uint8Array(Buffer.from(text, 'base64url'));
const info = new Uint8Array(Buffer.concat([Buffer.from('JOSE-HPKE rcpt'), Buffer.of(255), Buffer.from('A256GCM'), Buffer.of(255)]));

function u32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

function gcmSeal(key, iv, plaintext, aad) {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad);
  return { ciphertext: Buffer.concat([cipher.update(plaintext), cipher.final()]), tag: cipher.getAuthTag() };
}

function gcmOpen(key, iv, ciphertext, tag, aad) {
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(aad).setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

const suite = new CipherSuite(KEM_MLKEM768_P256, KDF_SHAKE256, AEAD_AES_256_GCM);
const draft = {
  async keys() {
    const { privateKey, publicKey } = await suite.GenerateKeyPair(true);
    return { priv: b64(await suite.SerializePrivateKey(privateKey)), pub: b64(await suite.SerializePublicKey(publicKey)) };
  },
  async seal(pub, key) {
    const { encapsulatedSecret, ciphertext } = await suite.Seal(await suite.DeserializePublicKey(unb64(pub)), new Uint8Array(key), { info });
    return { ek: encapsulatedSecret, encrypted: ciphertext };
  },
  open: async (priv, ek, encrypted) => suite.Open(await suite.DeserializePrivateKey(unb64(priv)), ek, encrypted, { info }),
};

const lengthFirst = (bytes) => Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 255), bytes]);

// draft-ietf-hpke-hpke, single-stage: key and nonce of the first message.
function schedule(secret) {
  const length = 32 + 12 + 64;
  const derived = shake256(Buffer.concat([
    lengthFirst(Buffer.alloc(0)), lengthFirst(secret),
    Buffer.from('HPKE-v1HPKE'), Buffer.of(0, 0x50, 0, 0x11, 0, 2), lengthFirst(Buffer.from('secret')), Buffer.of(0, length),
    Buffer.of(0), lengthFirst(Buffer.alloc(0)), lengthFirst(info),
  ]), { dkLen: length });
  return [derived.subarray(0, 32), derived.subarray(32, 44)];
}

const noble = {
  async keys() {
    const { secretKey, publicKey } = kem.keygen();
    return { priv: b64(secretKey), pub: b64(publicKey) };
  },
  async seal(pub, key) {
    const { cipherText, sharedSecret } = kem.encapsulate(unb64(pub));
    const { ciphertext, tag } = gcmSeal(...schedule(sharedSecret), key, Buffer.alloc(0));
    return { ek: cipherText, encrypted: Buffer.concat([ciphertext, tag]) };
  },
  async open(priv, ek, encrypted) {
    return gcmOpen(...schedule(kem.decapsulate(ek, unb64(priv))), encrypted.subarray(0, -16), encrypted.subarray(-16), Buffer.alloc(0));
  },
};

const peers = { draft, noble };

// RFC 7518 section 4.6 with a key wrap, for an addressee whose key is on P-256.
function agree(jwk, contentKey) {
  const own = createECDH('prime256v1');
  const point = own.generateKeys();
  const secret = own.computeSecret(Buffer.concat([Buffer.of(4), unb64(jwk.x), unb64(jwk.y)]));
  const id = Buffer.from('ECDH-ES+A256KW');
  const key = createHash('sha256').update(Buffer.concat([u32(1), secret, u32(id.length), id, u32(0), u32(0), u32(256)])).digest();
  const wrap = createCipheriv('id-aes256-wrap', key, Buffer.alloc(8, 0xa6));
  return {
    header: { alg: 'ECDH-ES+A256KW', kid: jwk.kid, epk: { kty: 'EC', crv: 'P-256', x: b64(point.subarray(1, 33)), y: b64(point.subarray(33)) } },
    encrypted_key: b64(Buffer.concat([wrap.update(contentKey), wrap.final()])),
  };
}

async function make() {
  const made = [];
  for (const [name, peer] of Object.entries(peers)) {
    for (const recipients of given.audiences) {
      const contentKey = randomBytes(32);
      const header = b64(JSON.stringify({ enc: 'A256GCM', com: given.com }));
      const aad = b64(given.id);
      const iv = randomBytes(12);
      const { ciphertext, tag } = gcmSeal(contentKey, iv, unb64(given.plaintext), Buffer.from(`${header}.${aad}`));
      const entries = [];
      for (const jwk of recipients) {
        if (jwk.kty === 'EC') {
          entries.push(agree(jwk, contentKey));
          continue;
        }
        const { ek, encrypted } = await peer.seal(jwk.pub, contentKey);
        entries.push({ header: { alg: 'HPKE-8-KE', kid: jwk.kid, ek: b64(ek) }, encrypted_key: b64(encrypted) });
      }
      made.push({ peer: name, content: { protected: header, recipients: entries, aad, iv: b64(iv), ciphertext: b64(ciphertext), tag: b64(tag) } });
    }
  }
  const keys = await Promise.all(Object.values(peers).map((peer) => peer.keys()));
  await writeFile(output, JSON.stringify({ made, keys: keys.map((key) => ({ kty: 'AKP', alg: 'HPKE-8-KE', kid: 'theirs', ...key })) }));
}

async function open() {
  const opened = [];
  for (const content of given.contents) {
    for (const jwk of given.keys) {
      const entry = content.recipients.find((one) => one.header.kid === jwk.kid);
      if (!entry) continue;
      const header = { ...JSON.parse(Buffer.from(content.protected, 'base64url').toString()), ...entry.header };
      assert.equal(header.enc, 'A256GCM');
      if (jwk.kty === 'EC') {
        const { plaintext } = await generalDecrypt(content, await importJWK(jwk, header.alg));
        opened.push(b64(plaintext));
        continue;
      }
      assert.equal(header.alg, 'HPKE-8-KE');
      for (const peer of Object.values(peers)) {
        const key = await peer.open(jwk.priv, unb64(header.ek), unb64(entry.encrypted_key));
        const aad = Buffer.from(`${content.protected}.${content.aad}`);
        opened.push(b64(gcmOpen(key, unb64(content.iv), unb64(content.ciphertext), unb64(content.tag), aad)));
      }
    }
  }
  await writeFile(output, JSON.stringify(opened));
}

await (mode === 'make' ? make() : open());
