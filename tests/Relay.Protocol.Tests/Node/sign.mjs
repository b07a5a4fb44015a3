// Keys and signatures that are the same each time they are made, for vectors alone: keys from names, ECDSA on P-256 with the nonce of RFC 6979. Node's own signatures are random.
import { createHash, createHmac, createPublicKey } from "node:crypto";
import { affine, integer, inverse, mod, n, octets, times } from "./curve.mjs";

const hmac = (key, ...parts) => { const h = createHmac("sha256", key); for (const part of parts) h.update(part); return h.digest(); };

// RFC 6979 section 3.2, for SHA-256 and P-256.
function nonce(secret, hash) {
  let [v, k] = [Buffer.alloc(32, 1), Buffer.alloc(32)];
  const seed = Buffer.concat([octets(secret), octets(integer(hash) % n)]);
  for (const byte of [0, 1]) { k = hmac(k, v, Buffer.from([byte]), seed); v = hmac(k, v); }
  for (;;) {
    v = hmac(k, v);
    const candidate = integer(v);
    if (candidate > 0n && candidate < n) return candidate;
    k = hmac(k, v, Buffer.from([0]));
    v = hmac(k, v);
  }
}
export function signHash(secret, hash) {
  const k = nonce(secret, hash);
  const r = mod(affine(times(k))[0], n);
  const s = mod(inverse(k, n) * (integer(hash) + r * secret), n);
  return Buffer.concat([octets(r), octets(s)]);
}

const keys = new Map();
export function keyOf(name) {
  if (keys.has(name)) return keys.get(name);
  const secret = mod(integer(createHash("sha256").update(`relay vectors ${name}`).digest()), n - 1n) + 1n;
  const [x, y] = affine(times(secret)).map((value) => octets(value).toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", x, y };
  const made = new Map();
  const key = {
    secret,
    jwk,
    spki: createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "der" }),
    sign(text) {
      const hash = createHash("sha256").update(text).digest();
      const id = hash.toString("hex");
      if (!made.has(id)) made.set(id, signHash(secret, hash));
      return made.get(id);
    },
  };
  keys.set(name, key);
  return key;
}
// r and s as DER.
export function toDer(signature) {
  const parts = [signature.subarray(0, 32), signature.subarray(32)].map((half) => {
    const start = half.findIndex((byte) => byte !== 0);
    const value = start < 0 ? Buffer.alloc(1) : half.subarray(start);
    const padded = value[0] > 127 ? Buffer.concat([Buffer.alloc(1), value]) : value;
    return Buffer.concat([Buffer.from([2, padded.length]), padded]);
  });
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
