// What an addressee shows of a content that it cannot open (src/Relay.Protocol/README.md, "Evidence file", kind wrong-wrap): RFC 7516, RFC 7518 sections 4.6 and 5.3, RFC 3394, and a
// proof that two pairs of points have one logarithm (Chaum and Pedersen, CRYPTO 1992).
import { createCipheriv, createDecipheriv } from "node:crypto";
import { Fault, base64url, parseJson, sha256 } from "./formats.mjs";
import { add, affine, integer, isOnCurve, mod, n, negate, octets, point, times } from "./curve.mjs";

const number = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes; };
const field = (bytes) => Buffer.concat([number(bytes.length), bytes]);
export const deriveKey = (secret, algorithm) => sha256(number(1), secret, field(Buffer.from(algorithm)), field(Buffer.alloc(0)), field(Buffer.alloc(0)), number(256));
export const pointOf = (jwk) => Buffer.concat([Buffer.from(jwk.x, "base64url"), Buffer.from(jwk.y, "base64url")]);
export const challengeOf = (key, ephemeral, shared, a, b, digest) => sha256(Buffer.from("relay-wrap-proof/v1"), key, ephemeral, shared, a, b, digest);

// k is the prover's, fixed for vectors.
export function prove(secret, jwk, epk, digest, k) {
  const [key, ephemeral] = [pointOf(jwk), pointOf(epk)];
  const shared = Buffer.concat(affine(times(secret, point(ephemeral))).map(octets));
  const [a, b] = [affine(times(k))[0], affine(times(k, point(ephemeral)))[0]].map(octets);
  const challenge = challengeOf(key, ephemeral, shared, a, b, digest);
  return Buffer.concat([shared, challenge, octets(mod(k + integer(challenge) * secret, n))]);
}
export function checkProof(proof, jwk, epk, digest) {
  const [shared, challenge, answer] = [proof.subarray(0, 64), proof.subarray(64, 96), integer(proof.subarray(96))];
  if (answer >= n || !isOnCurve(point(shared))) return false;
  const [key, ephemeral] = [pointOf(jwk), pointOf(epk)];
  const c = mod(integer(challenge), n);
  const first = affine(add(times(answer), times(c, negate(point(key)))));
  const second = affine(add(times(answer, point(ephemeral)), times(c, negate(point(shared)))));
  return first !== null && second !== null && challenge.equals(challengeOf(key, ephemeral, shared, octets(first[0]), octets(second[0]), digest));
}

// RFC 3394 section 2.2.2; null when it does not unwrap.
export function unwrap(key, wrapped) {
  try {
    const cipher = createDecipheriv("id-aes256-wrap", key, Buffer.alloc(8, 0xa6));
    return Buffer.concat([cipher.update(wrapped), cipher.final()]);
  } catch {
    return null;
  }
}
export function wrap(key, plain) {
  const cipher = createCipheriv("id-aes256-wrap", key, Buffer.alloc(8, 0xa6));
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

// The members that count, of a content in the General form with all of a recipient's in its own header; null when it is none, or not for that key.
export function readContent(bytes, id, kid) {
  try {
    const jwe = parseJson(bytes, "Malformed");
    const header = parseJson(base64url(jwe.protected), "Malformed");
    const recipient = (jwe.recipients ?? [jwe]).find((one) => (one.header?.kid ?? header.kid) === kid);
    if (!recipient || Buffer.from(jwe.aad, "base64url").toString("latin1") !== id || header.enc !== "A256GCM") return null;
    const alg = header.alg ?? recipient.header.alg;
    const members = {
      alg, epk: header.epk ?? recipient.header.epk, com: base64url(header.com), isDirect: alg === "ECDH-ES", wrapped: base64url(recipient.encrypted_key ?? ""),
      iv: base64url(jwe.iv), tag: base64url(jwe.tag), ciphertext: base64url(jwe.ciphertext), associated: Buffer.from(`${jwe.protected}.${jwe.aad}`, "latin1"),
    };
    const fits = ["ECDH-ES", "ECDH-ES+A256KW"].includes(alg) && members.iv?.length === 12 && members.tag?.length === 16 && members.com?.length === 32 && members.ciphertext
      && members.wrapped?.length === (members.isDirect ? 0 : 40) && isOnCurve(point(pointOf(members.epk)));
    return fits ? members : null;
  } catch (error) {
    if (error instanceof Fault || error instanceof TypeError) return null;
    throw error;
  }
}
// True when the secret opens the content to the text that it commits to.
export function opens(content, secret, id) {
  const agreed = deriveKey(secret, content.isDirect ? "A256GCM" : "ECDH-ES+A256KW");
  const key = content.isDirect ? agreed : unwrap(agreed, content.wrapped);
  if (key === null) return false;
  let padded;
  try {
    const cipher = createDecipheriv("aes-256-gcm", key, content.iv).setAAD(content.associated).setAuthTag(content.tag);
    padded = Buffer.concat([cipher.update(content.ciphertext), cipher.final()]);
  } catch {
    return false;
  }
  return isCommitted(padded, content.com, id);
}
// Padmé (PoPETs 2019(4), section 4).
export function paddedSize(length) {
  const exponent = 31 - Math.clz32(length);
  const mask = 2 ** (exponent - (32 - Math.clz32(exponent))) - 1;
  return Math.ceil(length / (mask + 1)) * (mask + 1);
}
// opening 32 | length | statement | length | body | zeros; com as "Commitment" says.
function isCommitted(padded, com, id) {
  if (padded.length < 40) return false;
  const opening = padded.subarray(0, 32);
  const statementEnd = 36 + padded.readUInt32BE(32);
  if (statementEnd + 4 > padded.length) return false;
  const bodyEnd = statementEnd + 4 + padded.readUInt32BE(statementEnd);
  if (paddedSize(bodyEnd) !== padded.length || padded.subarray(bodyEnd).some((byte) => byte !== 0)) return false;
  return commit(id, opening, padded.subarray(36, statementEnd), padded.subarray(statementEnd + 4, bodyEnd)).equals(com);
}
export const commit = (id, opening, statement, body) => sha256(...[Buffer.from("relay-com/v1"), Buffer.from(id), opening, statement, body].map(field));
