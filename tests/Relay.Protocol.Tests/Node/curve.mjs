// Arithmetic on P-256 (SEC 2 section 2.4.2) for vectors and for proofs over public values: it takes as long as its numbers need.
const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
export const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const g = [0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n, 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n, 1n];
export const mod = (a, m) => ((a % m) + m) % m;
export function inverse(a, m) {
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
export function add(a, b) {
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
export function times(k, point = g) {
  let sum = [1n, 1n, 0n];
  for (let [bit, power] = [k, point]; bit > 0n; bit >>= 1n, power = double(power)) if (bit & 1n) sum = add(sum, power);
  return sum;
}
// x and y; null at infinity.
export function affine([x, y, z]) {
  if (z === 0n) return null;
  const i = inverse(z, p);
  return [mod(x * i * i, p), mod(y * i * i * i, p)];
}
export const isOnCurve = ([x, y]) => x < p && y < p && mod(y * y - x * x * x + 3n * x - b, p) === 0n;
export const octets = (value) => Buffer.from(value.toString(16).padStart(64, "0"), "hex");
export const integer = (bytes) => BigInt(`0x${bytes.toString("hex") || "0"}`);
export const point = (bytes) => [integer(bytes.subarray(0, 32)), integer(bytes.subarray(32)), 1n];
export const negate = ([x, y, z]) => [x, mod(-y, p), z];
