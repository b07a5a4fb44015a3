// Drives a vault with the official JavaScript client. Argument: the vault's address. Trust comes from NODE_EXTRA_CA_CERTS alone.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";

const vaultUri = process.argv[2];
const asked = [];
const credential = {
  getToken: async (scopes, options) => {
    asked.push({ scopes, tenantId: options?.tenantId });
    return { token: "local", expiresOnTimestamp: Date.now() + 3600_000 };
  },
};
const options = { disableChallengeResourceVerification: true, retryOptions: { maxRetries: 0 } };
const client = new KeyClient(vaultUri, credential, options);
const data = Buffer.from("an envelope");
const digest = (hash) => crypto.createHash(hash).update(data).digest();

const publicKey = (key) => crypto.createPublicKey({
  format: "jwk",
  key: Object.fromEntries(["kty", "crv", "x", "y", "n", "e"].filter((name) => key.key[name] !== undefined).map((name) =>
    [name, typeof key.key[name] === "string" ? key.key[name] : Buffer.from(key.key[name]).toString("base64url")])),
});

const refused = async (status, code, call) => {
  await assert.rejects(call, (error) => error.statusCode === status && error.code === code);
};

// create, sign, verify: each curve
for (const [curve, algorithm, hash] of [["P-256", "ES256", "sha256"], ["P-384", "ES384", "sha384"], ["P-521", "ES512", "sha512"]]) {
  const key = await client.createEcKey(`ec-${curve.toLowerCase()}`, { curve });
  assert.equal(key.key.crv, curve);
  assert.equal(key.key.d, undefined);
  const cryptography = new CryptographyClient(key.id, credential, options);
  const signed = await cryptography.sign(algorithm, digest(hash));
  assert.equal(signed.keyID, key.id);
  assert.ok(crypto.verify(hash, data, { key: publicKey(key), dsaEncoding: "ieee-p1363" }, signed.result));
  assert.equal((await cryptography.verify(algorithm, digest(hash), signed.result)).result, true);
  signed.result[3] ^= 1;
  assert.equal((await cryptography.verify(algorithm, digest(hash), signed.result)).result, false);
}

// RSA with PSS
const rsa = await client.createRsaKey("rsa", { keySize: 2048, tags: { use: "test" } });
assert.equal(rsa.properties.tags.use, "test");
const rsaSigned = await new CryptographyClient(rsa.id, credential, options).signData("PS256", data);
assert.ok(crypto.verify("sha256", data, { key: publicKey(rsa), padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, rsaSigned.result));

// get with and without version, rotate
const first = await client.createEcKey("mediator-qatar", { curve: "P-256", expiresOn: new Date("2031-01-01T00:00:00Z") });
assert.equal(first.properties.expiresOn.toISOString(), "2031-01-01T00:00:00.000Z");
const second = await client.rotateKey("mediator-qatar");
assert.notEqual(first.properties.version, second.properties.version);
assert.equal((await client.getKey("mediator-qatar")).id, second.id);
assert.equal((await client.getKey("mediator-qatar", { version: first.properties.version })).id, first.id);
await refused(404, "KeyNotFound", () => client.getKey("absent"));

// lists, over pages
for (let i = 0; i < 26; i++) await client.rotateKey("mediator-qatar");
const versions = [];
for await (const properties of client.listPropertiesOfKeyVersions("mediator-qatar")) versions.push(properties.version);
assert.equal(new Set(versions).size, 28);
const names = [];
for await (const page of client.listPropertiesOfKeys().byPage({ maxPageSize: 2 })) {
  assert.ok(page.length <= 2);
  names.push(...page.map((properties) => properties.name));
}
assert.deepEqual(names, ["ec-p-256", "ec-p-384", "ec-p-521", "mediator-qatar", "rsa"]);

// a disabled version: sign refused, get and verify not
const version = { version: first.properties.version };
const before = await new CryptographyClient(first.id, credential, options).sign("ES256", digest("sha256"));
const disabled = await client.updateKeyProperties("mediator-qatar", first.properties.version, { enabled: false });
assert.equal(disabled.properties.enabled, false);
await refused(403, "Forbidden", () => new CryptographyClient(first.id, credential, options).sign("ES256", digest("sha256")));
assert.equal((await client.getKey("mediator-qatar", version)).properties.enabled, false);
assert.equal((await new CryptographyClient(first.id, credential, options).verify("ES256", digest("sha256"), before.result)).result, true);
await client.updateKeyProperties("mediator-qatar", first.properties.version, { enabled: true });
await new CryptographyClient(first.id, credential, options).sign("ES256", digest("sha256"));

// import
const pair = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = pair.privateKey.export({ format: "jwk" });
const bytes = Object.fromEntries(["x", "y", "d"].map((name) => [name, Buffer.from(jwk[name], "base64url")]));
const imported = await client.importKey("imported", { kty: "EC", crv: "P-256", ...bytes });
const byImported = await new CryptographyClient(imported.id, credential, options).sign("ES256", digest("sha256"));
assert.ok(crypto.verify("sha256", data, { key: pair.publicKey, dsaEncoding: "ieee-p1363" }, byImported.result));

// what does not fit
await refused(400, "BadParameter", () => new CryptographyClient(imported.id, credential, options).sign("ES384", digest("sha384")));
await refused(400, "BadParameter", () => client.createRsaKey("weak", { keySize: 1024 }));

assert.deepEqual(asked[0].scopes, ["https://vault.azure.net/.default"]);
console.log(`ok ${names.length} keys, ${versions.length} versions`);
