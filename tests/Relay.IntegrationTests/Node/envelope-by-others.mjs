// A mediator's and two delegations' day with clients that nobody here wrote: keys and signatures by @azure/keyvault-keys, JOSE by jose,
// queue and topic by @azure/service-bus. Prints "ok" at the end; anything that is not as the format says ends with an exception.
//
//   node envelope-by-others.mjs <settings.json>
//   { serviceBus, vault, directory: folder of negotiation documents }
//
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { strict as assert } from "node:assert";
import { join } from "node:path";
import { KeyClient, CryptographyClient } from "@azure/keyvault-keys";
import { ServiceBusClient } from "@azure/service-bus";
import * as jose from "jose";

const settings = JSON.parse(readFileSync(process.argv[2], "utf8"));
const text = (s) => new TextEncoder().encode(s);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const b64u = (bytes) => Buffer.from(bytes).toString("base64url");

const credential = { getToken: async () => ({ token: "local", expiresOnTimestamp: Date.now() + 3_600_000 }) };
const vaultOptions = { disableChallengeResourceVerification: true };
const keys = new KeyClient(settings.vault, credential, vaultOptions);

// Two mediators: one key made in the vault and only ever signing there, one made here and imported.
const inVault = await keys.createEcKey("mediator-norway", { curve: "P-256", keyOps: ["sign", "verify"] });
const made = await jose.generateKeyPair("ES256", { extractable: true });
const madeJwk = await jose.exportJWK(made.privateKey);
const imported = await keys.importKey("mediator-austria", {
  kty: "EC", crv: "P-256", keyOps: ["sign", "verify"],
  x: Buffer.from(madeJwk.x, "base64url"), y: Buffer.from(madeJwk.y, "base64url"), d: Buffer.from(madeJwk.d, "base64url"),
});

// Two delegations with keys of their own.
async function delegation(name) {
  const identity = await jose.generateKeyPair("ES256", { extractable: true });
  const encryption = await jose.generateKeyPair("ECDH-ES+A256KW", { crv: "P-256", extractable: true });
  return {
    name, identity, encryption,
    document: {
      topic: `delegation-${name}`,
      identityKeys: [{ ...(await jose.exportJWK(identity.publicKey)), kid: `${name}#1` }],
      encryptionKeys: [{ ...(await jose.exportJWK(encryption.publicKey)), kid: `${name}#enc-1` }],
    },
  };
}
const us = await delegation("us");
const iran = await delegation("iran");
const keyName = (id) => id.slice(0, id.lastIndexOf("/"));
writeFileSync(join(settings.directory, "oslo-2026.json"), JSON.stringify({
  negotiation: "oslo-2026",
  delegations: { us: us.document, iran: iran.document },
  mediators: { norway: { key: keyName(inVault.id), weight: 2 }, austria: { key: keyName(imported.id), weight: 1 } },
  quorum: 3, mode: "open", version: 1,
}));

// Padmé: round up so that only the top few bits of a length show.
function padme(length) {
  if (length < 2) return length;
  const exponent = Math.floor(Math.log2(length));
  const mantissaBits = Math.floor(Math.log2(exponent)) + 1;
  const mask = 2 ** (exponent - mantissaBits) - 1;
  return mask < 1 ? length : Math.ceil(length / (mask + 1)) * (mask + 1);
}

function part(bytes) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

// Ties the ciphertext to one text, whatever key it is opened with.
function commitment(...parts) {
  return sha256(Buffer.concat([text("relay-com/v1"), text(parts[0]), ...parts.slice(1)].map(part)));
}

const id = "oslo-2026/us/normal/1";
const audience = ["iran"];
const said = "We accept the third paragraph.";
const body = text(said);
const jws = await new jose.FlattenedSign(body)
  .setProtectedHeader({ alg: "ES256", kid: "us#1", typ: "relay-statement", cty: "text/plain", jti: id, aud: audience })
  .sign(us.identity.privateKey);
const statement = text(`${jws.protected}..${jws.signature}`);
const opening = randomBytes(32);
const parts = Buffer.concat([opening, part(statement), part(body)]);
const plaintext = Buffer.concat([parts, Buffer.alloc(padme(parts.length) - parts.length)]);
const encrypt = new jose.GeneralEncrypt(plaintext)
  .setAdditionalAuthenticatedData(text(id))
  .setProtectedHeader({ enc: "A256GCM", com: b64u(commitment(id, opening, statement, body)) });
encrypt.addRecipient(iran.encryption.publicKey).setUnprotectedHeader({ alg: "ECDH-ES+A256KW", kid: "iran#enc-1" });
const content = text(JSON.stringify(await encrypt.encrypt()));

const now = Math.floor(Date.now() / 1000);
const head = text(JSON.stringify({ jti: id, aud: audience, iat: now, exp: now + 3600, content: b64u(sha256(content)) }));

// One signature by jose, one by the vault, in one General JWS.
const header = (kid) => ({ alg: "ES256", kid, typ: "relay-envelope" });
const sign = new jose.GeneralSign(head);
sign.addSignature(made.privateKey).setProtectedHeader(header(imported.id));
const envelope = await sign.sign();
const protectedByVault = b64u(text(JSON.stringify(header(inVault.id))));
const digest = sha256(`${protectedByVault}.${envelope.payload}`);
const byVault = await new CryptographyClient(inVault.id, credential, vaultOptions).sign("ES256", digest);
envelope.signatures.push({ protected: protectedByVault, signature: b64u(byVault.result) });
envelope.content = b64u(content);
const wire = Buffer.from(JSON.stringify(envelope));

const bus = new ServiceBusClient(settings.serviceBus);
try {
  await bus.createSender("envelopes").sendMessages({ body: wire, contentType: "application/vnd.relay.envelope+jose+json" });

  const receiver = bus.createReceiver("delegation-iran", "inbox", { skipParsingBodyAsJson: true });
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 120_000 });
  assert.ok(message, "nothing arrived at delegation-iran/inbox within 120 s");
  assert.ok(wire.equals(message.body), "the bytes that arrived are not the bytes that were signed");
  assert.equal(message.messageId, b64u(sha256(head)));
  assert.equal(message.sessionId, "oslo-2026");
  assert.equal(message.contentType, "application/vnd.relay.envelope+jose+json");
  assert.equal(message.applicationProperties["relay-id"], id);
  assert.equal(message.applicationProperties["relay-lane"], "normal");
  await receiver.completeMessage(message);

  const arrived = JSON.parse(message.body.toString("utf8"));
  const verified = await jose.generalVerify({ payload: arrived.payload, signatures: [arrived.signatures[1]] }, await vaultKey(inVault.id));
  assert.equal(verified.protectedHeader.kid, inVault.id);
  const inside = JSON.parse(Buffer.from(verified.payload).toString("utf8"));
  assert.equal(await open(inside, Buffer.from(arrived.content, "base64url"), iran.encryption.privateKey, us.identity.publicKey), said);
} finally {
  await bus.close();
}
console.log("ok");

async function vaultKey(kid) {
  const version = kid.slice(kid.lastIndexOf("/") + 1);
  const { key } = await keys.getKey(keyName(kid).split("/").at(-1), { version });
  return jose.importJWK({ kty: "EC", crv: key.crv, x: b64u(key.x), y: b64u(key.y) }, "ES256");
}

async function open(head, content, privateKey, senderKey) {
  assert.equal(b64u(sha256(content)), head.content);
  const opened = await jose.generalDecrypt(JSON.parse(content.toString("utf8")), privateKey);
  assert.equal(Buffer.from(opened.additionalAuthenticatedData).toString(), head.jti);
  const bytes = Buffer.from(opened.plaintext);
  const bodyAt = 36 + bytes.readUInt32BE(32);
  const statement = bytes.subarray(36, bodyAt);
  const body = bytes.subarray(bodyAt + 4, bodyAt + 4 + bytes.readUInt32BE(bodyAt));
  assert.equal(opened.protectedHeader.com, b64u(commitment(head.jti, bytes.subarray(0, 32), statement, body)));
  const [protectedHeader, , signature] = statement.toString().split(".");
  const verified = await jose.flattenedVerify({ protected: protectedHeader, payload: b64u(body), signature }, senderKey);
  assert.equal(verified.protectedHeader.jti, head.jti);
  assert.deepEqual(verified.protectedHeader.aud, head.aud);
  return body.toString("utf8");
}
