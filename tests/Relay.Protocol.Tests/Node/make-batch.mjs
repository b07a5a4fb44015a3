// Signatures under one signature: what a signer makes, and what somebody makes of it who wants it to be of something else.
import { batchSigned, leafHash, nodeHash, sha256 } from "./formats.mjs";
import { keyOf } from "./sign.mjs";
import { b64, b64url, checkpointOf, filler, headOf, headerOf, jwkOf, Tree } from "./relay.mjs";

// Public keys of other kinds, whose private halves are gone.
const p384 = {"kty": "EC", "crv": "P-384", "x": "HkZT920LFRhEKqyiisuFCTwPNLN_zf0oCarZufYgU67yIzTYl4TvV05zGkOXf9nx", "y": "4L0sW1wPjS3AGwkEK0_63cmvMOzGWYRmAO3hOrdJd6YfFSbNMa3X_YiJ9iQ4-K3U"};
const rsa = {"kty": "RSA", "n": "5AFJ2ifjD7Vv_VYv_AC0BiG7ZlQXRiCOSY60pN5-ff8_2YcSJ9a_FA0EhLLNNrTb59vHEBjeuJQW1oDqDLbUZm2btPXwYeSP76oxr8ih9k_ZKCrZhRkNh2acV7dwA9rfw9VMt_M0I8mcNeH_GjqFGqduibnmO0EvltRREEpkBT1egJ0cY4UgBBTALPLsf1qU52cytYksSJHFV65EDQZEC5bDMYoDdKQphMNQfOHR_BMO7kV4J8nTq0GdZt7UsGjGdQf_vlO_bdWrFqKv0maI-DhX0LXKZ2ETG_HrxR73DVQ7J8D7QXthkgMZJOeAm_O08izac27rB-CTEiSXdrh5RQ", "e": "AQAB"};

const kindOf = "MT-ES256";
export const inputOf = (name, sequence, alg = kindOf) => `${b64url(headerOf(name, alg))}.${b64url(headOf({ sequence }))}`;
const blinderOf = (name, i) => sha256(`blinder of ${name} ${i}`);
const leafOf = (name, i, input) => leafHash(Buffer.concat([blinderOf(name, i), sha256(input)]));
const u32 = (n) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(n); return bytes; };

// A batch of a mediator over the heads of a stream: the tree, its signature, and the value of each with whatever part of it replaced.
const made = new Map();
export function batchOf(name, size, { first = 1, by = name } = {}) {
  const known = `${name} ${size} ${first} ${by}`;
  if (made.has(known)) return made.get(known);
  const inputs = Array.from({ length: size }, (_, i) => inputOf(name, first + i));
  const tree = new Tree([]);
  tree.leaves = inputs.map((input, i) => leafOf(name, i, input));
  const signature = keyOf(`mediator ${by}`).sign(batchSigned(size, tree.root()));
  const value = (index, of = {}) => Buffer.concat([
    Buffer.from([of.version ?? 1]), u32(of.size ?? size), u32(of.index ?? index), of.blinder ?? blinderOf(name, index),
    ...(of.path ?? tree.inclusion(index)), of.signature ?? signature, of.after ?? Buffer.alloc(0),
  ]);
  const batch = { inputs, tree, signature, value, size };
  made.set(known, batch);
  return batch;
}

// A signature over the head of that sequence, of a batch of seven.
export const batched = (name, sequence, by = name) => ({ header: headerOf(name, kindOf), value: batchOf(by, 7).value(sequence - 1) });

export function batches() {
  const key = jwkOf("mediator qatar");
  const [three, seven, one] = [3, 7, 1].map((size) => batchOf("qatar", size));
  const full = batchOf("qatar", 8, { first: 11 });
  const vectors = [];
  const put = (name, fault, input, value, more = {}) => vectors.push({ name, fault, key, alg: kindOf, input, value: b64(value), ...more });
  const lie = (name, fault, of, index = 2, batch = seven) => put(name, fault, batch.inputs[index], batch.value(index, of));

  for (const size of [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 33]) {
    const batch = batchOf("qatar", size);
    for (const index of new Set([0, size >> 1, size - 1])) put(`leaf ${index} of ${size}`, "None", batch.inputs[index], batch.value(index));
  }
  // The largest tree, of which only the way to one leaf is ever made.
  const top = (size, index) => {
    const leaf = leafOf("qatar", index, inputOf("qatar", 1));
    const path = Array.from({ length: Math.ceil(Math.log2(size)) }, (_, level) => sha256(`beside at ${level}`));
    const root = path.reduce((hash, beside, level) => ((index >> level) & 1 ? nodeHash(beside, hash) : nodeHash(hash, beside)), leaf);
    return Buffer.concat([Buffer.from([1]), u32(size), u32(index), blinderOf("qatar", index), ...path, keyOf("mediator qatar").sign(batchSigned(size, root))]);
  };
  for (const index of [0, 1365, 4095]) put(`leaf ${index} of 4096`, "None", inputOf("qatar", 1), top(4096, index));
  put("leaf 0 of 8192", "MalformedBatch", inputOf("qatar", 1), top(8192, 0));
  put("leaf 4096 of 4097", "MalformedBatch", inputOf("qatar", 1), seven.value(0, { size: 4097, index: 4096 }));

  // Form.
  put("nothing", "MalformedBatch", seven.inputs[0], Buffer.alloc(0));
  lie("version 0", "MalformedBatch", { version: 0 });
  lie("version 2", "MalformedBatch", { version: 2 });
  lie("size 0", "MalformedBatch", { size: 0, index: 0, path: [] });
  lie("index of the size", "MalformedBatch", { index: 7 });
  lie("index beyond 31 bits", "MalformedBatch", { index: 0x80000002 });
  lie("size beyond 31 bits", "MalformedBatch", { size: 0x80000007 });
  lie("size in little endian", "MalformedBatch", { size: 0x07000000 });
  lie("a byte behind", "MalformedBatch", { after: Buffer.alloc(1) });
  lie("a hash behind", "MalformedBatch", { after: Buffer.alloc(32) });
  lie("the signature twice", "MalformedBatch", { after: seven.signature });
  lie("signature of 63 bytes", "MalformedBatch", { signature: seven.signature.subarray(1) });
  lie("path too long", "MalformedBatch", { path: [...seven.tree.inclusion(2), sha256("more")] });
  lie("path too short", "MalformedBatch", { path: seven.tree.inclusion(2).slice(0, -1) });
  lie("path without its first hash", "MalformedBatch", { path: seven.tree.inclusion(2).slice(1) });
  lie("no path", "MalformedBatch", { path: [] });
  lie("path of 13", "MalformedBatch", { path: Array(13).fill(sha256("x")) });
  for (const cut of [1, 9, 41, 73, 105]) put(`cut to ${cut} bytes`, "MalformedBatch", seven.inputs[2], seven.value(2).subarray(0, cut));

  // Lies that have the form.
  lie("another blinder", "Invalid", { blinder: blinderOf("qatar", 3) });
  lie("blinder of zeros", "Invalid", { blinder: Buffer.alloc(32) });
  lie("path in another order", "Invalid", { path: seven.tree.inclusion(2).reverse() });
  lie("index of the neighbour", "Invalid", { index: 3 });
  lie("index of another level", "Invalid", { index: 0 });
  lie("size one less", "Invalid", { size: 6 });
  lie("size one more", "Invalid", { size: 8 });
  lie("root of zeros signed by nobody", "Invalid", { signature: Buffer.alloc(64) });
  lie("r and s in the wrong order", "Invalid", { signature: Buffer.concat([seven.signature.subarray(32), seven.signature.subarray(0, 32)]) });
  put("the neighbour's value", "Invalid", seven.inputs[2], seven.value(3));
  put("value of another batch", "Invalid", seven.inputs[2], full.value(2));
  put("path of one, signature of another", "Invalid", three.inputs[0], three.value(0, { signature: one.signature }));
  put("the same input in no batch", "Invalid", inputOf("qatar", 99), seven.value(2));
  for (let bit = 0; bit < 24; bit++) {
    const value = Buffer.from(seven.value(2));
    const place = 9 + Math.floor(((bit + 0.5) * (value.length - 9)) / 24);
    value[place] ^= 1 << (bit % 8);
    put(`bit ${bit % 8} of byte ${place} changed`, "Invalid", seven.inputs[2], value);
  }

  // Leaf and node. A node of the tree, taken for a leaf: 0x01 and two hashes where a leaf has 0x00, blinder and hash.
  const [left, right] = [full.tree.leaves[0], full.tree.leaves[1]];
  const above = full.tree.inclusion(0).slice(1);
  put("a node as leaf", "Invalid", full.inputs[1], full.value(0, { size: 4, blinder: left, path: above }));
  put("a node as leaf, size as it is", "MalformedBatch", full.inputs[1], full.value(0, { blinder: left, path: above }));
  put("a leaf as node", "Invalid", full.inputs[0], full.value(0, { path: [right, right, ...above.slice(1)] }));
  const flat = keyOf("mediator qatar").sign(batchSigned(1, nodeHash(blinderOf("qatar", 0), sha256(seven.inputs[0]))));
  put("a leaf hashed as node", "Invalid", seven.inputs[0], seven.value(0, { size: 1, path: [], signature: flat }));
  const bare = keyOf("mediator qatar").sign(batchSigned(1, leafHash(sha256(seven.inputs[0]))));
  put("a leaf without blinder", "Invalid", seven.inputs[0], seven.value(0, { size: 1, path: [], blinder: Buffer.alloc(32), signature: bare }));
  const open = keyOf("mediator qatar").sign(batchSigned(1, leafHash(Buffer.concat([blinderOf("qatar", 0), Buffer.from(seven.inputs[0])]))));
  put("a leaf of the input itself", "Invalid", seven.inputs[0], seven.value(0, { size: 1, path: [], signature: open }));

  // Keys and algorithms.
  const oman = batchOf("oman", 7);
  put("another mediator's batch", "Invalid", oman.inputs[2], oman.value(2));
  put("another mediator's batch, its key", "None", oman.inputs[2], oman.value(2), { key: jwkOf("mediator oman") });
  put("own root signed by another mediator", "Invalid", seven.inputs[2], batchOf("qatar", 7, { by: "oman" }).value(2));
  put("root under another kid", "Invalid", oman.inputs[2], seven.value(2));
  put("root under another kid, the key of that", "Invalid", oman.inputs[2], seven.value(2), { key: jwkOf("mediator oman") });
  put("a signature of its own under the name of a batch", "MalformedBatch", seven.inputs[2], keyOf("mediator qatar").sign(seven.inputs[2]));
  put("a batch under the name of a signature of its own", "WrongLength", inputOf("qatar", 3, "ES256"), seven.value(2), { alg: "ES256" });
  put("the root's signature as one of its own", "Invalid", seven.inputs[2], seven.signature, { alg: "ES256" });
  put("what is signed, given as input", "None", batchSigned(7, seven.tree.root()).toString("latin1"), seven.signature, { alg: "ES256" });
  for (const [name, other] of [["P-384", p384], ["RSA", rsa]]) {
    put(`batch under a key on ${name}`, "AlgorithmMismatch", seven.inputs[2], seven.value(2), { key: other });
    put(`something else under a key on ${name}`, "AlgorithmMismatch", seven.inputs[2], Buffer.alloc(96), { key: other });
  }
  for (const alg of ["ES384", "ES512", "PS256"]) put(`batch as ${alg}`, "AlgorithmMismatch", seven.inputs[2], seven.value(2), { alg });

  // What else such a key signs or might: an input, a checkpoint whose origin reads as the context does, a root without context or size.
  const signs = (name, text) => lie(name, "Invalid", { signature: keyOf("mediator qatar").sign(text) });
  const root = seven.tree.root();
  signs("signature over the input", seven.inputs[2]);
  signs("signature over the root", root);
  signs("signature over root and size", Buffer.concat([u32(7), root]));
  signs("signature without size", Buffer.concat([Buffer.from("relay-batch/v1\n"), root]));
  signs("signature of another version", Buffer.concat([Buffer.from("relay-batch/v2\n"), u32(7), root]));
  signs("size in little endian", Buffer.concat([Buffer.from("relay-batch/v1\n"), u32(7).reverse(), root]));
  signs("a checkpoint of that origin", checkpointOf(filler(7), { of: "relay-batch/v1", root }));
  signs("hash of what is to be signed", sha256(batchSigned(7, root)));
  return { description: "Signatures of algorithm alg over input (latin-1) by key; value in base64.", vectors };
}
