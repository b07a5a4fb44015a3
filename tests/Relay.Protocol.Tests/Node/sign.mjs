// Keys and signatures that are the same each time they are made, for vectors alone: keys from names, ECDSA on P-256 with the nonce of RFC 6979. Node's own signatures are random.
import { createHash, createHmac, createPublicKey } from "node:crypto";

const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const g = [0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n, 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n, 1n];
const mod = (a, m) => ((a % m) + m) % m;
function inverse(a, m) {
  let [r, s, x, y] = [mod(a, m), m, 1n, 0n];
  while (s > 0n) { const q = r / s; [r, s, x, y] = [s, r - q * s, y, x - q * y]; }
  return mod(x, m);
}
// Jacobian coordinates: x = X/Z^2, y = Y/Z^3.
function double([x, y, z]) {
  if (z === 0n) return [x, y, z];
  const [yy, zz] = [mod(y * y, p), mod(z * z, p)];
  const s = mod(4n * x * yy, p);
  const m = mod(3n * (x - zz) * (x + zz), p);
  const x3 = mod(m * m - 2n * s, p);
  return [x3, mod(m * (s - x3) - 8n * yy * yy, p), mod(2n * y * z, p)];
}
function add(a, b) {
  if (a[2] === 0n) return b;
  if (b[2] === 0n) return a;
  const [az, bz] = [mod(a[2] * a[2], p), mod(b[2] * b[2], p)];
  const [u, v] = [mod(a[0] * bz, p), mod(b[0] * az, p)];
  const [s, t] = [mod(a[1] * bz * b[2], p), mod(b[1] * az * a[2], p)];
  if (u === v) return s === t ? double(a) : [1n, 1n, 0n];
  const [h, r] = [mod(v - u, p), mod(t - s, p)];
  const [hh, hhh] = [mod(h * h, p), mod(h * h * h, p)];
  const x = mod(r * r - hhh - 2n * u * hh, p);
  return [x, mod(r * (u * hh - x) - s * hhh, p), mod(h * a[2] * b[2], p)];
}
function multiply(k) {
  let sum = [1n, 1n, 0n];
  for (let [bit, power] = [k, g]; bit > 0n; bit >>= 1n, power = double(power)) if (bit & 1n) sum = add(sum, power);
  const z = inverse(sum[2], p);
  return [mod(sum[0] * z * z, p), mod(sum[1] * z * z * z, p)];
}
const octets = (value) => Buffer.from(value.toString(16).padStart(64, "0"), "hex");
const integer = (bytes) => BigInt(`0x${bytes.toString("hex")}`);
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
  const r = mod(multiply(k)[0], n);
  const s = mod(inverse(k, n) * (integer(hash) + r * secret), n);
  return Buffer.concat([octets(r), octets(s)]);
}

const keys = new Map();
export function keyOf(name) {
  if (keys.has(name)) return keys.get(name);
  const secret = mod(integer(createHash("sha256").update(`relay vectors ${name}`).digest()), n - 1n) + 1n;
  const [x, y] = multiply(secret).map((value) => octets(value).toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", x, y };
  const made = new Map();
  const key = {
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
