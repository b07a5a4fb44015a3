// A queue producer: seals a text, has every mediator sign its head, and puts the envelope on the queue.
//   node producer.mjs <folder> <sequence> <text>      in the folder: bus.txt, document.json, identity.jwk, mediators.json (private JWKs)
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { ServiceBusClient } from "@azure/service-bus";
import * as jose from "jose";

const [folder, sequence, said] = process.argv.slice(2);
const read = (name) => readFileSync(`${folder}/${name}`, "utf8");
const text = (s) => Buffer.from(s, "utf8");
const sha256 = (...bytes) => createHash("sha256").update(Buffer.concat(bytes)).digest("base64url");
const sized = (bytes) => Buffer.concat([Buffer.from(new Uint32Array([bytes.length]).buffer).reverse(), bytes]);
const document = JSON.parse(read("document.json"));
const identity = JSON.parse(read("identity.jwk"));
const [from, to] = [identity.kid.split("#")[0], Object.keys(document.delegations).filter((name) => !identity.kid.startsWith(name + "#"))];
const id = `${document.negotiation}/${from}/normal/${sequence}`;

// What is said, signed by the sender; the commitment ties the ciphertext to this one text.
const signed = await new jose.FlattenedSign(text(said))
  .setProtectedHeader({ alg: "ES256", kid: identity.kid, typ: "relay-statement", cty: "text/plain", jti: id, aud: to })
  .sign(await jose.importJWK(identity, "ES256"));
const [opening, statement] = [randomBytes(32), text(`${signed.protected}..${signed.signature}`)];
const com = sha256(...["relay-com/v1", id].map(text).concat(opening, statement, text(said)).map(sized));
const parts = Buffer.concat([opening, sized(statement), sized(text(said))]);
const exponent = Math.floor(Math.log2(parts.length));
const step = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1);
const padded = Buffer.concat([parts, Buffer.alloc(Math.ceil(parts.length / step) * step - parts.length)]); // Padmé

// Sealed to each addressee's key.
const encrypt = new jose.GeneralEncrypt(padded).setAdditionalAuthenticatedData(text(id)).setProtectedHeader({ enc: "A256GCM", com });
for (const name of to) {
  const [key] = document.delegations[name].encryptionKeys;
  encrypt.addRecipient(await jose.importJWK(key, "ECDH-ES+A256KW")).setUnprotectedHeader({ alg: "ECDH-ES+A256KW", kid: key.kid });
}
const content = text(JSON.stringify(await encrypt.encrypt()));

// The head that mediators sign. A later sequence names the digest (SHA-256 of the head) of the one before as "prev".
const now = Math.floor(Date.now() / 1000);
const head = text(JSON.stringify({ jti: id, aud: to, iat: now, exp: now + 3600, content: sha256(content) }));
const sign = new jose.GeneralSign(head);
for (const key of JSON.parse(read("mediators.json"))) {
  sign.addSignature(await jose.importJWK(key, "ES256")).setProtectedHeader({ alg: "ES256", kid: key.kid, typ: "relay-envelope" });
}
const envelope = { ...(await sign.sign()), content: content.toString("base64url") };

const bus = new ServiceBusClient(read("bus.txt"));
const contentType = "application/vnd.relay.envelope+jose+json";
await bus.createSender("envelopes").sendMessages({ body: text(JSON.stringify(envelope)), contentType, messageId: sha256(head) });
await bus.close();
console.log(id);
