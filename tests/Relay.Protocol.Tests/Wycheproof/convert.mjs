// Writes the figures of Wycheproof's JSON files in the format that README.md describes: node convert.mjs <folder with the JSON files> <folder to write to>
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [source, target] = process.argv.slice(2);
const none = () => "-";
// What only comes out is kept as its hash: "ek#" is SHA-256 of ek. Elsewhere the name of a column is that of Wycheproof's member.
const cell = (test, column) => column.endsWith("#") ? createHash("sha256").update(Buffer.from(test[column.slice(0, -1)] ?? "", "hex")).digest("hex") : raw(test[column] ?? "");
const raw = value => typeof value === "string" ? value : JSON.stringify(value);
// SubjectPublicKeyInfo of an uncompressed point: other encodings (compressed, explicit parameters, other curves) have no JWK on P-256.
const isPointOfP256 = test => test.public.length === 182 && test.public.startsWith("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
const files = [
  { name: "aes-gcm", from: "aes_gcm_test", group: g => `${g.keySize}/${g.ivSize}/${g.tagSize}`, columns: ["key", "iv", "aad", "msg", "ct", "tag"] },
  { name: "aes-wrap", from: "aes_wrap_test", group: none, columns: ["key", "msg", "ct"] },
  { name: "ecdh-p256", from: "ecdh_secp256r1_test", group: none, columns: ["public", "private", "shared"], keep: isPointOfP256 },
  { name: "ecdsa-p256-sha256", from: "ecdsa_secp256r1_sha256_p1363_test", group: g => g.publicKey.uncompressed, columns: ["msg", "sig"] },
  { name: "ecdsa-p384-sha384", from: "ecdsa_secp384r1_sha384_p1363_test", group: g => g.publicKey.uncompressed, columns: ["msg", "sig"] },
  { name: "ecdsa-p521-sha512", from: "ecdsa_secp521r1_sha512_p1363_test", group: g => g.publicKey.uncompressed, columns: ["msg", "sig"] },
  { name: "jwe", from: "json_web_encryption_test", group: g => JSON.stringify(g.private), columns: ["pt", "jwe"] },
  { name: "jws", from: "json_web_signature_test", group: g => g.public ? JSON.stringify(g.public) : "-", columns: ["jws"] },
  { name: "mlkem-768", from: "mlkem_768_test", group: none, columns: ["seed", "ek#", "c", "K"] },
  { name: "mlkem-768-encaps", from: "mlkem_768_encaps_test", group: none, columns: ["ek", "m", "c#", "K"] },
  { name: "mlkem-768-keygen", from: "mlkem_768_keygen_seed_test", group: none, columns: ["seed", "ek#", "dk#"] },
  { name: "mlkem-768-expanded", from: "mlkem_768_semi_expanded_decaps_test", group: none, columns: ["dk", "c", "K"] },
  { name: "rsa-pss-2048-sha256", from: "rsa_pss_2048_sha256_mgf1_32_test", group: g => JSON.stringify(g.publicKeyJwk), columns: ["msg", "sig"] },
  { name: "rsa-pss-2048-sha384", from: "rsa_pss_2048_sha384_mgf1_48_test", group: g => JSON.stringify(g.publicKeyJwk), columns: ["msg", "sig"] },
  { name: "rsa-pss-3072-sha256", from: "rsa_pss_3072_sha256_mgf1_32_test", group: g => JSON.stringify(g.publicKeyJwk), columns: ["msg", "sig"] },
  { name: "rsa-pss-4096-sha512", from: "rsa_pss_4096_sha512_mgf1_64_test", group: g => JSON.stringify(g.publicKeyJwk), columns: ["msg", "sig"] },
];
for (const file of files) {
  const lines = [`columns\ttcId\tresult\t${file.columns.join("\t")}`];
  for (const group of JSON.parse(readFileSync(join(source, file.from + ".json"), "utf8")).testGroups) {
    lines.push(`group\t${file.group(group)}`);
    for (const test of group.tests.filter(file.keep ?? (() => true))) {
      const cells = [test.tcId, test.result, ...file.columns.map(column => cell(test, column))];
      if (cells.some(cell => /[\t\r\n]/.test(cell))) throw new Error(`${file.name}, case ${test.tcId}: a tab or a line's end inside a cell`);
      lines.push(cells.join("\t"));
    }
  }
  writeFileSync(join(target, file.name + ".tsv"), lines.join("\n") + "\n");
}
