// The vectors, by file: each maker gives its file without verdicts but where one is stated here; vectors.mjs adds the rest.
import { claimedOf, prekeys, publishedOf } from "./make-prekeys.mjs";
import { sha256, nodeHash } from "./formats.mjs";
import { keyOf } from "./sign.mjs";
import {
  origin, start, vaultKid, mediatorKid, b64, b64url, jwkOf, headOf, headerOf, signatureOf, judged, at, entryOf, evidenceOf, heartbeat,
  wireOf, Tree, filler, acknowledgementOf, saidOf, certificateOf, noteOf, checkpointOf, receiptOf,
} from "./relay.mjs";
import { batched, batches } from "./make-batch.mjs";
import { evidence } from "./make-evidence.mjs";

// UTF-8 as it is, anything else as base64.
export const content = (value) => (typeof value === "string" ? { text: value } : { bytes: b64(value) });
// Every so manyth byte changed in one bit, and cut short as often: most are refused, and which is which both sides must agree on.
export function* damaged(name, text, count, more = {}) {
  const bytes = Buffer.from(text, "utf8");
  for (let i = 0; i < count; i++) {
    const place = Math.floor(((i + 0.5) * bytes.length) / count);
    const changed = Buffer.from(bytes);
    changed[place] ^= 1 << (i % 7);
    yield { name: `${name}, bit ${i % 7} of byte ${place} changed`, ...more, bytes: b64(changed) };
  }
  for (const length of [0, 1, Math.floor(bytes.length / 2), bytes.length - 1]) {
    yield { name: `${name}, cut to ${length} bytes`, ...more, bytes: b64(bytes.subarray(0, length)) };
  }
}
const list = (rows, make) => rows.map(([name, ...row]) => ({ name, ...make(...row) }));
const stated = (fault) => (fault === undefined ? {} : { fault });

function names() {
  const vectors = [];
  const put = (form, fault, ...texts) => texts.forEach((text) => vectors.push({ name: `${form} ${JSON.stringify(text)}`, fault, form, text }));
  const z = (n) => "z".repeat(n);
  put("name", "None", "a", "z", "0", "9", "z9-", "0-z", "a--b", z(50), `a${"-".repeat(49)}`);
  put("name", "BadName", "", "-", "-z", "Z", "a_b", "a.b", "a b", "a`", "a{", "a/", "a:", "a@", "\u00e9", "a\n", z(51));
  put("id", "None", "doha-2026/us/normal/1", "z/z/urgent/9007199254740991", `${z(50)}/${z(50)}/urgent/10`, "0/0/normal/9");
  put("id", "BadName", "", "a/b/normal", "a/b/normal/1/", "/b/normal/1", "a//normal/1", "a/b/Normal/1", "a/b/low/1", "a/b/normal/0", "a/b/normal/01", "a/b/normal/+1", "a/b/normal/-1",
    "a/b/normal/1 ", "a/b/normal/9007199254740992", "a/b/normal/99999999999999999", "-a/b/normal/1", `${z(51)}/b/normal/1`, "a/b/normal/\uff11", "a/b/normal/1.0");
  const kid = (authority, rest = "k/0f") => `https://${authority}/keys/${rest}`;
  put("kid", "None", mediatorKid("qatar"), kid("a"), kid("a.b-c.d"), kid("a:1"), kid("a:65535"), kid("kv", `${"k".repeat(127)}/${"0".repeat(64)}`), kid("kv", "K-9/Zz"));
  put("kid", "BadName", "", "https://kv/keys/k", "https://kv/keys/k/", "http://kv/keys/k/0", kid("KV"), kid("a:443"), kid("a:0"), kid("a:65536"), kid("a:01"), kid("-a"), kid("a."), kid(".a"), kid("a-"),
    kid("a@b"), kid("kv", "k/0/1"), kid("kv", "k_/0"), kid("kv", `${"k".repeat(128)}/0`), kid("kv", `k/${"0".repeat(65)}`), "https://kv/key/k/0", kid("kv", "k/0?x"), kid("kv", "/0"), kid(""));
  put("origin", "None", "a", "relay.example/doha-2026", "!~", "o".repeat(255));
  put("origin", "BadName", "", "a b", "a+b", "a\n", "\u00e9", "o".repeat(256), "a\u007f");
  return { description: "Names: of a negotiation, delegation or mediator (name), an envelope (id), a vault key with version (kid), a ledger (origin).", vectors };
}

function heads() {
  const good = headOf();
  const replace = (from, to) => good.replace(from, () => to);
  const digest = b64url(sha256("x"));
  const vectors = list([
    ["first of a stream", good, "None"],
    ["second", headOf({ sequence: 2 }), "None"],
    ["highest sequence", headOf({ sequence: 9007199254740991 }), "None"],
    ["urgent", headOf({ lane: "urgent" }), "None"],
    ["embargo", headOf({ more: { nbf: start + 60 } }), "None"],
    ["seen", headOf({ seen: { size: 5, root: digest } }), "None"],
    ["seen nothing", headOf({ seen: { size: 0, root: digest } }), "None"],
    ["64 addressees", headOf({ aud: Array.from({ length: 64 }, (_, i) => `d${i}`) }), "None"],
    ["65 addressees", headOf({ aud: Array.from({ length: 65 }, (_, i) => `d${i}`) }), "BadAudience"],
    ["30 days", replace(`"exp":${start + 3600}`, `"exp":${start + 2592000}`), "None"],
    ["30 days and a second", replace(`"exp":${start + 3600}`, `"exp":${start + 2592001}`), "BadTimes"],
    ["one second", replace(`"exp":${start + 3600}`, `"exp":${start + 1}`), "None"],
    ["no time", replace(`"exp":${start + 3600}`, `"exp":${start}`), "BadTimes"],
    ["embargo until the end", headOf({ more: { nbf: start + 3600 } }), "BadTimes"],
    ["last second of year 9999", good.replaceAll(String(start), "253402300798").replace(String(start + 3600), "253402300799"), "None"],
    ["first second of year 10000", replace(String(start + 3600), "253402300800"), "BadTimes"],
    ["time as text", replace(`"iat":${start}`, `"iat":"${start}"`), "BadTimes"],
    ["time with a fraction", replace(`"iat":${start}`, `"iat":${start}.0`), "BadTimes"],
    ["time with an exponent", replace(`"iat":${start}`, '"iat":1e3'), "BadTimes"],
    ["negative time", replace(`"iat":${start}`, '"iat":-1'), "BadTimes"],
    ["time of zero", replace(`"iat":${start}`, '"iat":0'), "BadTimes"],
    ["sender addressed", headOf({ aud: ["us"] }), "BadAudience"],
    ["nobody addressed", headOf({ aud: [] }), "BadAudience"],
    ["twice addressed", headOf({ aud: ["iran", "iran"] }), "BadAudience"],
    ["addressee of no name", headOf({ aud: ["Iran"] }), "BadAudience"],
    ["addressee of a number", headOf({ aud: [1] }), "BadAudience"],
    ["audience is text", replace('["iran"]', '"iran"'), "BadMember"],
    ["prev on the first", headOf({ more: { prev: digest } }), "BadPrevious"],
    ["no prev on the second", replace("normal/1", "normal/2"), "BadPrevious"],
    ["prev of 31 bytes", headOf({ sequence: 2, prev: digest.slice(0, 42) }), "BadPrevious"],
    ["prev in base64", headOf({ sequence: 2, prev: `${digest}=` }), "BadPrevious"],
    ["prev with spare bits", headOf({ sequence: 2, prev: `${digest.slice(0, 42)}B` }), undefined],
    ["id of no form", replace("normal/1", "normal/01"), "BadId"],
    ["id is a number", replace('"doha-2026/us/normal/1"', "1"), "BadId"],
    ["id with an escape", replace("doha-2026/us", "doha-2026\\/us"), "None"],
    ["id with an escape of six", replace("doha-2026/us", "doha-2026\\u002fus"), "None"],
    ["content of no hash", replace(/"content":"[^"]*"/, '"content":"AAAA"'), "BadMember"],
    ["content is an object", replace(/"content":"[^"]*"/, '"content":{}'), "BadMember"],
    ["seen is a list", headOf({ more: { seen: [] } }), "BadMember"],
    ["seen without root", headOf({ more: { seen: { size: 1 } } }), "MissingMember"],
    ["seen without size", headOf({ more: { seen: { root: digest } } }), "MissingMember"],
    ["seen with more", headOf({ more: { seen: { size: 1, root: digest, x: 1 } } }), "UnknownMember"],
    ["seen of text", headOf({ more: { seen: { size: "1", root: digest } } }), "BadMember"],
    ["seen of 2^53", headOf({ more: { seen: { size: 9007199254740992, root: digest } } }), "BadMember"],
    ["seen of 2^53 - 1", headOf({ more: { seen: { size: 9007199254740991, root: digest } } }), "None"],
    ["unknown member", headOf({ more: { x: 1 } }), "UnknownMember"],
    ["unknown member first", `{"x":1,${good.slice(1)}`, "UnknownMember"],
    ["member twice", `{${good.slice(1, -1)},"iat":${start}}`, "DuplicateMember"],
    ["member named with an escape", replace('"iat"', '"\\u0069at"'), "NotJson"],
    ["nothing", "", "NotJson"],
    ["a list", "[]", "BadMember"],
    ["text", '"head"', "BadMember"],
    ["an empty object", "{}", "MissingMember"],
    ["two objects", `${good}{}`, "NotJson"],
    ["white space around", ` \t\r\n${good.replace(/,/g, " ,\n")} `, "None"],
    ["byte order mark", `\ufeff${good}`, "NotJson"],
    ["comma at the end", `${good.slice(0, -1)},}`, "NotJson"],
    ["no colon", replace('"iat":', '"iat" '), "NotJson"],
    ["8,192 bytes", good.padEnd(8192), "None"],
    ["8,193 bytes", good.padEnd(8193), "OversizeHead"],
    ["control character", replace("iran", "ir\u0001n"), "NotJson"],
    ["unpaired surrogate", replace("iran", "\\ud800"), "NotJson"],
    ["number with a leading zero", replace(`"iat":${start}`, `"iat":0${start}`), "NotJson"],
    ...["jti", "aud", "iat", "exp", "content"].map((member) =>
      [`without ${member}`, JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(good)).filter(([name]) => name !== member))), "MissingMember"]),
  ], (text, fault) => ({ ...stated(fault), text }));
  vectors.push({ name: "bytes that are no UTF-8", fault: "NotJson", bytes: b64(Buffer.concat([Buffer.from(good.slice(0, 20)), Buffer.from([0xff]), Buffer.from(good.slice(20))])) });
  vectors.push(...damaged("head", headOf({ sequence: 2, seen: { size: 5, root: digest } }), 70));
  return { description: "Heads as signed: JSON.", vectors };
}

function headers() {
  const good = headerOf("qatar");
  const kid = mediatorKid("qatar");
  const of = (members) => JSON.stringify({ alg: "ES256", kid, typ: "relay-envelope", ...members });
  const vectors = list([
    ["ES256", good, "None"], ["ES384", of({ alg: "ES384" }), "None"], ["ES512", of({ alg: "ES512" }), "None"],
    ["PS256", of({ alg: "PS256" }), "None"], ["PS384", of({ alg: "PS384" }), "None"], ["PS512", of({ alg: "PS512" }), "None"], ["MT-ES256", of({ alg: "MT-ES256" }), "None"],
    ["another order", JSON.stringify({ typ: "relay-envelope", kid, alg: "ES256" }), "None"],
    ...["none", "es256", "RS256", "HS256", "EdDSA", "ES256K", "MT-ES384", "mt-es256", "MTES256", "", 1, null].map((alg) => [`alg ${JSON.stringify(alg)}`, of({ alg }), "UnsupportedAlgorithm"]),
    ...["relay-envelope2", "Relay-Envelope", "JWT", "", 1].map((typ) => [`typ ${JSON.stringify(typ)}`, of({ typ }), "WrongType"]),
    ...[kid.slice(0, -33), "us#1", "", 1, `${kid}/`].map((other) => [`kid ${JSON.stringify(other)}`, of({ kid: other }), "BadKeyId"]),
    ...["crit", "jwk", "jku", "x5u", "x5c", "b64"].map((name) => [`with ${name}`, of({ [name]: [] }), "ForbiddenHeader"]),
    ...["cty", "x", "x5t", "Alg"].map((name) => [`with ${name}`, of({ [name]: "a" }), "UnknownMember"]),
    ...["alg", "kid", "typ"].map((name) => [`without ${name}`, JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(good)).filter(([n]) => n !== name))), "MissingMember"]),
    ["member twice", `${good.slice(0, -1)},"alg":"ES256"}`, "DuplicateMember"],
    ["a list", "[]", "BadHeader"], ["nothing", "", "BadHeader"], ["more after it", `${good} x`, "BadHeader"],
    ["2,048 bytes", good.padEnd(2048), "None"], ["2,049 bytes", good.padEnd(2049), "BadHeader"],
  ], (text, fault) => ({ fault, text }));
  vectors.push(...damaged("header", good, 30));
  return { description: "Protected headers: JSON.", vectors };
}

function wires() {
  const head = headOf();
  const keys = Object.fromEntries(["qatar", "oman", "swiss"].map((name) => [mediatorKid(name), jwkOf(`mediator ${name}`, mediatorKid(name))]));
  const [qatar, oman] = [signatureOf(head, "qatar"), signatureOf(head, "oman")];
  const good = wireOf(head, [qatar]);
  const edit = (change) => { const wire = JSON.parse(good); change(wire); return JSON.stringify(wire); };
  const sign = (change) => edit((wire) => change(wire.signatures[0], wire));
  const nested = { protected: "!", signature: "!", header: {}, payload: "!", signatures: [] };
  const vectors = list([
    ["one signature", good, "None"], ["two mediators", wireOf(head, [qatar, oman]), "None"], ["the same twice", wireOf(head, [qatar, qatar]), "None"],
    ["32 signatures", wireOf(head, Array(32).fill(qatar)), "None"], ["33 signatures", wireOf(head, Array(33).fill(qatar)), "SignatureCount"],
    ["no signatures", wireOf(head, []), "SignatureCount"],
    ["unknown member", edit((wire) => { wire.note = { x: [1] }; }), "None"],
    ["nested members of the same names", sign((s, wire) => { s.x = nested; s.y = [nested]; wire.z = nested; }), "None"],
    ["signature only nested", sign((s) => { s.x = { signature: s.signature }; delete s.signature; }), "MissingMember"],
    ["protected only nested", sign((s) => { s.x = { protected: s.protected }; delete s.protected; }), "MissingMember"],
    ["signatures only nested", edit((wire) => { wire.x = { signatures: wire.signatures }; delete wire.signatures; }), "MissingMember"],
    ["no payload", edit((wire) => { delete wire.payload; }), "MissingMember"], ["no content", edit((wire) => { delete wire.content; }), "MissingMember"],
    ["unprotected header", sign((s) => { s.header = { alg: "ES256" }; }), "ForbiddenHeader"],
    ...["protected", "header", "signature"].map((name) => [`flattened ${name}`, edit((wire) => { wire[name] = "x"; }), "BadMember"]),
    ["payload of a number", edit((wire) => { wire.payload = 1; }), "BadMember"], ["signatures of an object", edit((wire) => { wire.signatures = {}; }), "BadMember"],
    ["signature of text", edit((wire) => { wire.signatures = ["x"]; }), "BadMember"],
    ["payload with padding", edit((wire) => { wire.payload += "="; }), "BadBase64Url"], ["content with a space", edit((wire) => { wire.content += " "; }), "BadBase64Url"],
    ["signature in base64", sign((s) => { s.signature += "="; }), "BadBase64Url"], ["payload with an escape", good.replace('"payload":"ey', '"payload":"\\u0065y'), "BadBase64Url"],
    ["protected in base64", sign((s) => { s.protected += "="; }), "BadBase64Url"],
    ["empty signature", sign((s) => { s.signature = ""; }), "BadMember"], ["513 bytes of signature", sign((s) => { s.signature = b64url(Buffer.alloc(513)); }), "BadMember"],
    ["512 bytes of signature", sign((s) => { s.signature = b64url(Buffer.alloc(512)); }), "WrongLength"],
    ["63 bytes of signature", sign((s) => { s.signature = b64url(qatar.value.subarray(1)); }), "WrongLength"],
    ["signature in DER", sign((s) => { s.signature = b64url(Buffer.concat([Buffer.from([0x30, 70]), Buffer.alloc(70)])); }), "WrongLength"],
    ["signature of zeros", sign((s) => { s.signature = b64url(Buffer.alloc(64)); }), "Invalid"],
    ["signature by another", wireOf(head, [signatureOf(head, "qatar", "oman")]), "Invalid"],
    ["signature over another", wireOf(head, [signatureOf(headOf({ aud: ["oman"] }), "qatar")]), "Invalid"],
    ["second signature by another", wireOf(head, [qatar, signatureOf(head, "oman", "qatar")]), "Invalid"],
    ["alg of another curve", wireOf(head, [signatureOf(head, "qatar", "qatar", headerOf("qatar", "ES384"))]), "AlgorithmMismatch"],
    ["alg of RSA", wireOf(head, [signatureOf(head, "qatar", "qatar", headerOf("qatar", "PS256"))]), "AlgorithmMismatch"],
    ["alg none", wireOf(head, [signatureOf(head, "qatar", "qatar", headerOf("qatar", "none"))]), "UnsupportedAlgorithm"],
    ["one of a batch", wireOf(headOf({ sequence: 3 }), [batched("qatar", 3)]), "None"],
    ["two of batches of two mediators", wireOf(headOf({ sequence: 3 }), [batched("qatar", 3), batched("oman", 3)]), "None"],
    ["one of a batch and one of its own", wireOf(headOf({ sequence: 3 }), [batched("qatar", 3), signatureOf(headOf({ sequence: 3 }), "oman")]), "None"],
    ["one of another mediator's batch", wireOf(headOf({ sequence: 3 }), [{ ...batched("qatar", 3), value: batched("oman", 3).value }]), "Invalid"],
    ["one of a batch over another head", wireOf(headOf({ sequence: 4 }), [batched("qatar", 3)]), "Invalid"],
    ["one of a batch as ES256", wireOf(headOf({ sequence: 3 }), [{ ...batched("qatar", 3), header: headerOf("qatar") }]), "WrongLength"],
    ["its own signature as one of a batch", wireOf(headOf({ sequence: 3 }), [{ ...signatureOf(headOf({ sequence: 3 }), "qatar"), header: headerOf("qatar", "MT-ES256") }]), "MalformedBatch"],
    ["key that nobody gave", wireOf(head, [signatureOf(head, "france")]), "UnknownKey"],
    ["other content", wireOf(head, [qatar], '{"ciphertext":"BBBB"}'), "WrongContent"],
    ["head without jti", wireOf("{}", [signatureOf("{}", "qatar")]), "MissingMember"],
    ["member twice", `${good.slice(0, -1)},"payload":"e30"}`, "DuplicateMember"], ["nothing", "", "NotJson"], ["a list", "[]", "BadMember"], ["more after it", `${good} x`, "NotJson"],
    ["16 levels", edit((wire) => { wire.x = JSON.parse(`${"[".repeat(14)}${"]".repeat(14)}`); }), "None"],
    ["17 levels", `${good.slice(0, -1)},"x":${"[".repeat(16)}${"]".repeat(16)}}`, "TooComplex"],
    ["64 members", edit((wire) => { for (let i = 0; i < 61; i++) wire[`m${i}`] = 1; }), "None"],
    ["65 members", edit((wire) => { for (let i = 0; i < 62; i++) wire[`m${i}`] = 1; }), "TooComplex"],
    ["14,336 bytes to sign", wireOf(head.padEnd(8192), Array(2).fill(0).map(() => signatureOf(head.padEnd(8192), "qatar", "qatar", headerOf("qatar").padEnd(2048)))), "None"],
    ["too many bytes to sign", wireOf(head.padEnd(8192), Array(3).fill(0).map(() => signatureOf(head.padEnd(8192), "qatar", "qatar", headerOf("qatar").padEnd(2048)))), "OversizeHead"],
  ], (text, fault) => ({ fault, text, keys }));
  vectors.push(...damaged("wire", good, 40, { keys }));
  return { description: "Envelopes with the keys of their mediators by kid; every signature is verified.", vectors };
}

function entries() {
  const head = headOf();
  const second = headOf({ sequence: 2, prev: b64url(sha256("x")) });
  const third = headOf({ sequence: 3 });
  const good = entryOf();
  const lines = (change) => { const all = good.split("\n"); change(all); return all.join("\n"); };
  const hash = b64(sha256("policy"));
  const vectors = list([
    ["envelope", good, "None"], ["envelope with one signature", entryOf(head, { mediators: ["qatar"] }), "None"],
    ["envelope with 32 signatures", entryOf(head, { mediators: Array(32).fill("qatar") }), "None"], ["envelope with 33 signatures", entryOf(head, { mediators: Array(33).fill("qatar") }), "BadEntry"],
    ["envelope with one of a batch", entryOf(third, { mediators: ["oman", batched("qatar", 3)] }), "None"], ["envelope without signature", entryOf(head, { mediators: [] }), "BadEntry"],
    ["equivocation", evidenceOf("equivocation", [head, headOf({ iat: start + 1 })]), "None"], ["equivocation of one head", evidenceOf("equivocation", [head, head]), "BadEntry"],
    ["equivocation of two ids", evidenceOf("equivocation", [head, second]), "BadEntry"],
    ["broken chain", evidenceOf("broken-chain", [head, second]), "None"],
    ["whole chain", evidenceOf("broken-chain", [head, headOf({ sequence: 2, prev: b64url(sha256(head)) })]), "BadEntry"],
    ["broken chain of other streams", evidenceOf("broken-chain", [head, headOf({ sequence: 2, lane: "urgent" })]), "BadEntry"],
    ["broken chain of no neighbours", evidenceOf("broken-chain", [head, headOf({ sequence: 3 })]), "BadEntry"],
    ["fork seen", evidenceOf("fork-seen", [headOf({ seen: { size: 3, root: b64url(sha256("y")) } })]), "None"], ["fork seen by nobody", evidenceOf("fork-seen", [head]), "BadEntry"],
    ["fork seen of two heads", evidenceOf("fork-seen", [headOf({ seen: { size: 3, root: b64url(sha256("y")) } }), head]), "BadEntry"],
    ["equivocation of one", evidenceOf("equivocation", [head]), "BadEntry"], ["evidence of nothing known", evidenceOf("other", [head, second]), "BadEntry"],
    ["policy", `relay/policy/v1\n7\n${hash}\n${at(0)}\n`, "None"], ["policy of version 0", `relay/policy/v1\n0\n${hash}\n${at(0)}\n`, "None"],
    ["policy without digest", `relay/policy/v1\n7\n${at(0)}\n`, "BadEntry"], ["policy of version 2^53", `relay/policy/v1\n9007199254740992\n${hash}\n0\n`, "BadEntry"],
    ...["open", "read-only", "closed"].map((mode) => [`mode ${mode}`, `relay/mode/v1\n${mode}\n${at(0)}\n`, "None"]),
    ["mode of another name", `relay/mode/v1\nOpen\n${at(0)}\n`, "BadEntry"], ["heartbeat", heartbeat(0), "None"], ["heartbeat of 1970", "relay/heartbeat/v1\n0\n", "None"],
    ["heartbeat of the last millisecond", "relay/heartbeat/v1\n253402300799999\n", "None"], ["heartbeat after it", "relay/heartbeat/v1\n253402300800000\n", "BadEntry"],
    ["heartbeat with a leading zero", "relay/heartbeat/v1\n01\n", "BadEntry"], ["heartbeat of no time", "relay/heartbeat/v1\n\n", "BadEntry"], ["heartbeat with more", "relay/heartbeat/v1\n1\n2\n", "BadEntry"],
    ["heartbeat without newline", "relay/heartbeat/v1\n1", "BadEntry"], ["nothing", "", "BadEntry"], ["a newline", "\n", "BadEntry"], ["another kind", "relay/other/v1\n1\n", "BadEntry"],
    ["kind with a space", "relay/heartbeat/v1 \n1\n", "BadEntry"], ["first version", good.replace("/v2", "/v1"), "BadEntry"],
    ["carriage returns", good.replaceAll("\n", "\r\n"), "BadEntry"], ["head with white space in base64", lines((all) => { all[3] = ` ${all[3]}`; }), "BadEntry"],
    ["head in base64url", lines((all) => { all[3] = b64url(head); }), head.length % 3 === 0 ? undefined : "BadEntry"],
    ["policy of 31 bytes", lines((all) => { all[2] = b64(Buffer.alloc(31)); }), "BadEntry"], ["time with a sign", lines((all) => { all[1] = `+${all[1]}`; }), "BadEntry"],
    ["signature line with two spaces", lines((all) => { all[4] = all[4].replace(" ", "  "); }), "BadEntry"], ["signature line of three", lines((all) => { all[4] += " AAAA"; }), "BadEntry"],
    ["empty signature", lines((all) => { all[4] = `${all[4].split(" ")[0]} `; }), "BadEntry"], ["513 bytes of signature", lines((all) => { all[4] = `${all[4].split(" ")[0]} ${b64(Buffer.alloc(513))}`; }), "BadEntry"],
    ["512 bytes of signature", lines((all) => { all[4] = `${all[4].split(" ")[0]} ${b64(Buffer.alloc(512))}`; }), "None"],
    ["header of no form", lines((all) => { all[4] = `${b64("{}")} ${all[4].split(" ")[1]}`; }), "BadEntry"], ["head of no form", lines((all) => { all[3] = b64("{}"); }), "BadEntry"],
    ["line after the end", `${good}\n`, "BadEntry"], ["two heads", good + judged(second), "BadEntry"], ["byte above ASCII", good.replace("relay/", "r\u00e9lay/"), "BadEntry"],
  ], (text, fault) => ({ ...stated(fault), text }));
  vectors.push(...list(said(), (text, fault) => ({ ...stated(fault), text })), ...damaged("acknowledgement", saidOf(acknowledgementOf({ state: "refused", reason: "not-opened" })), 40));
  vectors.push(...list(prekeys(), (text, fault) => ({ ...stated(fault), text })), ...damaged("bundle", publishedOf(), 30), ...damaged("claim", claimedOf(), 30));
  vectors.push(...damaged("envelope", good, 45), ...damaged("evidence", evidenceOf("broken-chain", [head, second], { mediators: ["qatar"] }), 30), ...damaged("policy", `relay/policy/v1\n7\n${hash}\n${at(0)}\n`, 15));
  return { description: "Ledger entries.", vectors };
}

// Acknowledgements, whatever their signatures are worth: a reader judges form alone.
function said() {
  const of = (more) => saidOf(acknowledgementOf(more));
  const header = (members) => of({ header: JSON.stringify({ alg: "ES256", kid: "iran#1", typ: "relay-acknowledgement", ...members }) });
  const refusal = (reason) => of({ state: "refused", reason });
  const lines = (change) => { const all = saidOf().split("\n"); change(all); return all.join("\n"); };
  const parts = (change) => { const all = acknowledgementOf().split("."); change(all); return saidOf(all.join(".")); };
  const rows = {
    None: {
      "opened": of(), "refused": refusal("not-opened"), "reason of one letter": refusal("a"), "reason of 64": refusal("z".repeat(64)), "by an unknown key": of({ kid: "nobody#999999999" }), "by another's key": of({ by: "us", kid: "iran#1" }),
      "of 1970": of({ iat: 0 }), "of the last second": of({ iat: 253402300799 }), "of another negotiation": of({ id: "oslo-2026/us/urgent/9007199254740991" }),
    },
    BadEntry: {
      "without a policy": lines((all) => { all.splice(2, 1); }), "policy of 31 bytes": lines((all) => { all[2] = b64(Buffer.alloc(31)); }), "time of no form": lines((all) => { all[1] = "soon"; }), "a line more": lines((all) => { all.splice(4, 0, "x"); }),
      "a second acknowledgement": lines((all) => { all.splice(4, 0, all[3]); }), "two parts": parts((all) => { all.pop(); }), "four parts": parts((all) => { all.push("AAAA"); }), "no signature": parts((all) => { all[2] = ""; }),
      "signature of 63 bytes": parts((all) => { all[2] = b64url(Buffer.alloc(63)); }), "signature of 65 bytes": parts((all) => { all[2] = b64url(Buffer.alloc(65)); }), "header in base64": parts((all) => { all[0] = `${all[0]}=`; }), "header that is a list": of({ header: "[]" }),
      "alg ES384": header({ alg: "ES384" }), "alg none": header({ alg: "none" }), "another typ": header({ typ: "relay-statement" }), "kid of a vault": header({ kid: mediatorKid("qatar") }), "kid without number": header({ kid: "iran#" }), "kid number 0": header({ kid: "iran#0" }),
      "kid number 01": header({ kid: "iran#01" }), "kid number of ten digits": header({ kid: "iran#1000000000" }), "kid in capitals": header({ kid: "Iran#1" }), "kid of an encryption key": header({ kid: "iran#enc-1" }), "a member more in the header": header({ crit: [] }),
      "state of another name": of({ state: "read" }), "state in capitals": of({ state: "Opened" }), "refused without reason": of({ state: "refused" }), "opened with reason": of({ reason: "x" }), "empty reason": refusal(""), "reason of 65": refusal("z".repeat(65)),
      "reason with a space": refusal("not opened"), "reason in capitals": refusal("Not"), "reason that begins with a hyphen": refusal("-x"), "reason that ends with one": refusal("x-"), "reason with two": refusal("x--y"), "reason that is a number": refusal(1),
      "id of no form": of({ id: "doha-2026/us/normal/01" }), "id that is a number": of({ id: 1 }), "digest of 31 bytes": of({ digest: b64url(Buffer.alloc(31)) }), "digest in base64": of({ digest: b64(sha256("x")) }), "digest that is null": of({ digest: null }),
      "negative time": of({ iat: -1 }), "time with a fraction": of({ iat: 1.5 }), "time as text": of({ iat: "1" }), "time of year 10000": of({ iat: 253402300800 }), "a member more": of({ more: { x: 1 } }), "no id": of({ more: { jti: undefined } }),
      "1,025 bytes": parts((all) => { all[1] = b64url(Buffer.from(all[1], "base64url").toString("utf8") + " ".repeat(700)); }), "first version of an envelope's": saidOf().replace("/v1", "/v2"),
    },
  };
  return Object.entries(rows).flatMap(([fault, texts]) => Object.entries(texts).map(([name, text]) => [`acknowledgement: ${name}`, text, fault]));
}

function notes() {
  const key = jwkOf("checkpoint");
  const tree = filler(5);
  const text = checkpointOf(tree);
  const good = noteOf(text);
  const line = good.split("\n\n")[1];
  const zero = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  const vectors = list([
    ["checkpoint", good, "None"], ["empty tree", noteOf(`${origin}\n0\n${zero}\n`), "None"], ["empty tree of another root", noteOf(checkpointOf(tree, { size: 0, root: sha256("x") })), "Malformed"],
    ["largest tree", noteOf(checkpointOf(tree, { size: 9007199254740991, root: sha256("x") })), "None"], ["larger than that", noteOf(`${origin}\n9007199254740992\n${zero}\n`), "Malformed"],
    ["extension line", noteOf(`${text}more\n`), "Malformed"], ["two lines", noteOf(`${origin}\n5\n`), "Malformed"], ["root of 31 bytes", noteOf(`${origin}\n5\n${b64(Buffer.alloc(31))}\n`), "Malformed"],
    ["size with a zero", noteOf(`${origin}\n05\n${zero}\n`), "Malformed"], ["line of another key", good + line.replace(/ [^ ]+\n$/, ` ${b64(Buffer.alloc(72))}\n`), "None"],
    ["lines of others", good.replace("\n\n", `\n\n\u2014 witness.example ${b64(Buffer.alloc(68, 1))}\n`), "None"], ["signed twice", good + line, "SignedTwice"],
    ["signed by another key", noteOf(text, { key: "other" }), "NotSigned"], ["signed under another name", noteOf(text, { name: "relay.example/oslo-2026" }), "NotSigned"],
    ["signature of another text", noteOf(text, { signature: Buffer.from(noteOf(`${text}x`).split(" ").at(-1), "base64").subarray(4) }), "BadSignature"],
    ["signature of r and s as they are", noteOf(text, { signature: keyOf("checkpoint").sign(Buffer.from(text)) }), "BadSignatureForm"],
    ["signature with a long length", noteOf(text, { signature: Buffer.from("30810602010102010100".slice(0, 18), "hex") }), "BadSignatureForm"],
    ["signature of negative r", noteOf(text, { signature: Buffer.from("3006020180020101", "hex") }), "BadSignatureForm"], ["signature with spare zero", noteOf(text, { signature: Buffer.from("300702020001020101", "hex") }), "BadSignatureForm"],
    ["signature of small numbers", noteOf(text, { signature: Buffer.from("3006020101020101", "hex") }), "BadSignature"],
    ["no signature line", `${text}\n`, "Malformed"], ["no empty line", text, "Malformed"], ["nothing", "", "Malformed"], ["hyphen for the dash", good.replace("\u2014", "-"), "Malformed"],
    ["name with a plus", good.replace("\u2014 relay", "\u2014 re+lay"), "Malformed"], ["name with a wide space", good.replace("\u2014 relay", "\u2014 re\u00a0lay"), "Malformed"], ["line after the signatures", `${good}x\n`, "Malformed"],
    ["no newline at the end", good.slice(0, -1), "Malformed"], ["carriage returns", good.replaceAll("\n", "\r\n"), "Malformed"], ["signature of four bytes", noteOf(text, { signature: Buffer.alloc(0) }), "Malformed"],
    ["32 lines", good + Array.from({ length: 31 }, (_, i) => `\u2014 w${i} ${b64(Buffer.alloc(8))}\n`).join(""), "None"], ["33 lines", good + Array.from({ length: 32 }, (_, i) => `\u2014 w${i} ${b64(Buffer.alloc(8))}\n`).join(""), "Malformed"],
  ], (content, fault) => ({ fault, text: content, origin, key }));
  vectors.push(...damaged("note", good, 60, { origin, key }));
  return { description: "Checkpoints as signed notes, verified with a key under the origin as its name.", vectors };
}

function certificates() {
  const key = jwkOf("vault", vaultKid);
  const jwk = keyOf("checkpoint").jwk;
  const payload = (members) => JSON.stringify({ "origin-prefix": "relay.example/", jwk, nbf: start, exp: start + 3600, ...members });
  const header = (members) => JSON.stringify({ alg: "ES256", kid: vaultKid, typ: "relay-checkpoint-key", ...members });
  const good = certificateOf();
  const vectors = list([
    ["for an hour", good, "None"], ["for a second", certificateOf({ seconds: 1 }), "None"], ["for an hour and a second", certificateOf({ seconds: 3601 }), "BadCertificate"],
    ["for no time", certificateOf({ seconds: 0 }), "BadCertificate"], ["before its beginning", certificateOf({ seconds: -1 }), "BadCertificate"],
    ["by another key", certificateOf({ by: "other" }), "BadCertificateSignature"], ["for another relay", certificateOf({ prefix: "relay.other/" }), "CertificateForOtherOrigin"],
    ["for a part of the name", certificateOf({ prefix: "relay.exam/" }), "CertificateForOtherOrigin"], ["prefix without slash", certificateOf({ prefix: "relay.example" }), "BadCertificate"],
    ["prefix of a slash", certificateOf({ prefix: "/" }), "BadCertificate"], ["prefix with a space", certificateOf({ prefix: "relay example/" }), "BadCertificate"], ["long prefix", certificateOf({ prefix: `${"r".repeat(204)}/` }), "CertificateForOtherOrigin"],
    ["longer prefix", certificateOf({ prefix: `${"r".repeat(205)}/` }), "BadCertificate"], ["payload with more", certificateOf({ payload: payload({ x: 1 }) }), "BadCertificate"],
    ["time as text", certificateOf({ payload: payload({ nbf: String(start) }) }), "BadCertificate"], ["time with a fraction", certificateOf({ payload: payload({}).replace(`"nbf":${start}`, `"nbf":${start}.0`) }), "BadCertificate"],
    ["time with an exponent", certificateOf({ payload: payload({}).replace(`"nbf":${start}`, `"nbf":${start}e0`) }), "BadCertificate"], ["negative time", certificateOf({ payload: payload({ nbf: -1 }) }), "BadCertificate"],
    ["key with an id", certificateOf({ payload: payload({ jwk: { ...jwk, kid: "x" } }) }), "BadCertificate"], ["key of another curve", certificateOf({ payload: payload({ jwk: { ...jwk, crv: "P-384" } }) }), "BadCertificate"],
    ["point off its curve", certificateOf({ payload: payload({ jwk: { ...jwk, y: jwk.x } }) }), "BadCertificate"], ["key of text", certificateOf({ payload: payload({ jwk: "x" }) }), "BadCertificate"],
    ["payload of a list", certificateOf({ payload: "[]" }), "BadCertificate"], ["member twice", certificateOf({ payload: `${payload({}).slice(0, -1)},"nbf":${start}}` }), "BadCertificate"],
    ["header with more", certificateOf({ header: header({ x: 1 }) }), "BadCertificate"], ["typ of another", certificateOf({ header: header({ typ: "JWT" }) }), "BadCertificate"], ["alg none", certificateOf({ header: header({ alg: "none" }) }), "BadCertificate"],
    ["alg of another curve", certificateOf({ header: header({ alg: "ES384" }) }), "BadCertificateSignature"], ["alg of batches", certificateOf({ header: header({ alg: "MT-ES256" }) }), "BadCertificate"], ["kid without version", certificateOf({ header: header({ kid: vaultKid.slice(0, -33) }) }), "BadCertificate"],
    ["two parts", good.slice(0, good.lastIndexOf(".")), "BadCertificate"], ["four parts", `${good}.AAAA`, "BadCertificate"], ["no signature", good.slice(0, good.lastIndexOf(".") + 1), "BadCertificate"],
    ["padding", `${good}=`, "BadCertificate"], ["nothing", "", "BadCertificate"], ["newline after it", `${good}\n`, "BadCertificate"],
  ], (text, fault) => ({ fault, text, origin, key }));
  for (let i = 0; i < 25; i++) {
    const place = Math.floor(((i + 0.5) * good.length) / 25);
    const other = good[place] === "A" ? "B" : "A";
    vectors.push({ name: `certificate, character ${place} changed`, text: `${good.slice(0, place)}${other}${good.slice(place + 1)}`, origin, key });
  }
  return { description: "Certificates of checkpoint keys, verified with the vault key and held to an origin.", vectors };
}

function receipts() {
  const now = start + 600;
  const tree = filler(7, { 3: entryOf() });
  const good = receiptOf(tree, 3);
  const base = { origin, now, head: headOf() };
  const of = (name, fault, text, more = {}) => ({ name, fault, ...base, ...more, text });
  const other = filler(7, { 3: entryOf(headOf({ sequence: 2 })) });
  const late = filler(7, { 3: entryOf(headOf(), { minutes: 61 }) });
  const ahead = filler(7, { 3: entryOf(headOf(), { minutes: 13 }) });
  const vectors = [
    of("receipt", "None", good), of("for another envelope", "EntryForOtherEnvelope", good, { head: headOf({ sequence: 2 }) }), of("for another digest", "EntryForOtherContent", good, { head: headOf({ iat: start + 1 }) }),
    of("of another ledger", "WrongOrigin", good, { origin: "relay.example/oslo-2026" }), of("two minutes early", "None", good, { now: start + 180 }), of("earlier than that", "EntryInFuture", good, { now: start + 179 }),
    of("certificate two minutes early", "None", receiptOf(tree, 3, { certificate: certificateOf({ nbf: now + 120 }) })), of("certificate earlier than that", "CertificateNotYetValid", receiptOf(tree, 3, { certificate: certificateOf({ nbf: now + 121 }) })),
    of("entry after its key", "CertificateExpired", receiptOf(late, 3), { now: start + 7200 }), of("years later", "None", good, { now: start + 10 ** 9 }),
    of("entry ahead", "EntryInFuture", receiptOf(ahead, 3)), of("certificate by another key", "BadCertificateSignature", receiptOf(tree, 3, { certificate: certificateOf({ by: "other" }) })),
    of("certificate by a key that is not known", "UnknownVaultKey", receiptOf(tree, 3, { certificate: certificateOf({ header: JSON.stringify({ alg: "ES256", kid: mediatorKid("qatar"), typ: "relay-checkpoint-key" }) }) })),
    of("certificate for another relay", "CertificateForOtherOrigin", receiptOf(tree, 3, { certificate: certificateOf({ prefix: "relay.other/" }) })),
    of("checkpoint by another key", "CheckpointNotSigned", receiptOf(tree, 3, { certificate: certificateOf({ key: "other" }) })),
    of("checkpoint with a forged signature", "BadCheckpointSignature", receiptOf(tree, 3, { note: noteOf(checkpointOf(tree), { signature: Buffer.from("3006020101020101", "hex") }) })),
    of("another place", "NotIncluded", good.replace("index 3", "index 4")), of("beyond the tree", "NotIncluded", good.replace("index 3", "index 7")), of("entry of another tree", "NotIncluded", receiptOf(tree, 3, { entry: other.entries[3] })),
    of("hash missing", "NotIncluded", receiptOf(tree, 3, { hashes: tree.inclusion(3).slice(1) })), of("hash too many", "NotIncluded", receiptOf(tree, 3, { hashes: [...tree.inclusion(3), sha256("x")] })),
    of("54 hashes", "NotIncluded", receiptOf(tree, 3, { hashes: Array(54).fill(sha256("x")) })), of("55 hashes", "Malformed", receiptOf(tree, 3, { hashes: Array(55).fill(sha256("x")) })),
    of("entry of a heartbeat", "BadEntry", receiptOf(filler(7, { 3: heartbeat(5) }), 3)), of("entry of no form", "BadEntry", receiptOf(tree, 3, { entry: "x" })),
    of("extra without key", "BadExtra", receiptOf(tree, 3, { extra: JSON.stringify({ entry: tree.entries[3] }) })), of("extra with more", "None", receiptOf(tree, 3, { extra: JSON.stringify({ entry: tree.entries[3], key: certificateOf(), more: 1 }) })),
    of("extra of a list", "BadExtra", receiptOf(tree, 3, { extra: "[]" })), of("no extra", "BadExtra", good.replace(/extra .*\n/, "")), of("certificate of no form", "BadCertificate", receiptOf(tree, 3, { certificate: "x" })),
    of("another version", "Malformed", good.replace("@v1", "@v2")), of("index with a zero", "Malformed", good.replace("index 3", "index 03")), of("index of 2^53 - 1", "Malformed", good.replace("index 3", "index 9007199254740991")),
    of("no index", "Malformed", good.replace("index 3\n", "")), of("hash with white space", "Malformed", good.replace("index 3\n", "index 3\n ")), of("nothing", "Malformed", ""),
    ...damaged("receipt", good, 50, base),
  ];
  return { description: "Receipts, checked against a head at a time (now, seconds) with the relay's keys.", keys: [jwkOf("vault", vaultKid)], vectors };
}

function proofs() {
  const vectors = [];
  const whole = filler(17);
  const put = (name, vector, proof) => vectors.push({ name, ...vector, proof: proof.map(b64) });
  for (const size of [1, 2, 3, 4, 5, 7, 8, 13, 17]) {
    const tree = new Tree(whole.entries.slice(0, size));
    const root = b64(tree.root());
    for (let index = 0; index < size; index++) {
      const [leaf, proof] = [b64(tree.leaves[index]), tree.inclusion(index)];
      put(`entry ${index} of ${size}`, { fault: "None", leaf, index, size, root }, proof);
      const i = (index + size) % 4;
      if (i === 0) put(`entry ${index} of ${size}, as another`, { fault: "NotIncluded", leaf, index: index + 1, size, root }, proof);
      if (i === 1) put(`entry ${index} of ${size}, a hash more`, { fault: "NotIncluded", leaf, index, size, root }, [...proof, sha256("x")]);
      if (i === 2 && proof.length > 0) put(`entry ${index} of ${size}, a hash less`, { fault: "NotIncluded", leaf, index, size, root }, proof.slice(0, -1));
      if (i === 3) put(`entry ${index} of ${size}, of another leaf`, { fault: "NotIncluded", leaf: b64(sha256("x")), index, size, root }, proof);
    }
    for (let first = 0; first <= size; first++) {
      const [firstRoot, proof] = [b64(tree.root(0, first)), first === 0 ? [] : tree.consistency(first)];
      put(`${first} in ${size}`, { fault: "None", first, firstRoot, size, root }, proof);
      const i = (first + size) % 4;
      if (i === 0) put(`${first} in ${size}, a hash more`, { fault: "NotConsistent", first, firstRoot, size, root }, [...proof, sha256("x")]);
      if (i === 1 && proof.length > 0) put(`${first} in ${size}, a hash less`, { fault: "NotConsistent", first, firstRoot, size, root }, proof.slice(1));
      if (i === 2) put(`${first} in ${size}, of another root`, { fault: "NotConsistent", first, firstRoot: b64(sha256("x")), size, root }, proof);
      if (i === 3 && first > 0) put(`${first} in ${size}, to another root`, { fault: "NotConsistent", first, firstRoot, size, root: b64(sha256("x")) }, proof);
    }
  }
  // Proofs that fit numbers no tree has.
  const [a, b, c, d] = ["a", "b", "c", "d"].map((text) => sha256(text));
  const ab = b64(nodeHash(a, b));
  put("first larger than second", { fault: "NotConsistent", first: 3, firstRoot: b64(a), size: 2, root: ab }, [a, b]);
  put("negative first", { fault: "NotConsistent", first: -1, firstRoot: b64(a), size: 2, root: ab }, [a, b]);
  put("hashes beyond the root", { fault: "NotConsistent", first: 3, firstRoot: b64(nodeHash(d, nodeHash(c, a))), size: 4, root: b64(nodeHash(d, nodeHash(c, nodeHash(a, b)))) }, [a, b, c, d]);
  put("hashes that end below the root", { fault: "NotConsistent", first: 3, firstRoot: b64(a), size: 7, root: ab }, [a, b]);
  put("empty trees of another root", { fault: "NotConsistent", first: 0, firstRoot: b64(a), size: 0, root: b64(a) }, []);
  put("negative index", { fault: "NotIncluded", leaf: b64(a), index: -1, size: 2, root: b64(nodeHash(b, a)) }, [b]);
  put("index beyond the tree", { fault: "NotIncluded", leaf: b64(a), index: 3, size: 2, root: b64(nodeHash(b, a)) }, [b]);
  put("index that is the size", { fault: "NotIncluded", leaf: b64(a), index: 2, size: 2, root: ab }, [b]);
  put("hash in a tree of one", { fault: "NotIncluded", leaf: b64(a), index: 0, size: 1, root: b64(nodeHash(b, a)) }, [b]);
  put("no entries", { fault: "NotIncluded", leaf: b64(a), index: 0, size: 0, root: b64(a) }, []);
  const chain = Array.from({ length: 53 }, (_, i) => sha256(`${i}`));
  const top = b64(chain.reduce((left, right) => nodeHash(left, right), a));
  put("first of the largest tree", { fault: "None", leaf: b64(a), index: 0, size: 9007199254740991, root: top }, chain);
  put("one in the largest tree", { fault: "None", first: 1, firstRoot: b64(a), size: 9007199254740991, root: top }, chain);
  put("first of a larger tree", { fault: "NotIncluded", leaf: b64(a), index: 0, size: 9007199254740992, root: top }, chain);
  put("one in a larger tree", { fault: "NotConsistent", first: 1, firstRoot: b64(a), size: 9007199254740992, root: top }, chain);
  return { description: "Merkle proofs: of inclusion (leaf, index, size, root), of consistency (first, firstRoot, size, root); hashes in base64.", vectors };
}

function bundles() {
  const frame = (...texts) => Buffer.concat(texts.flatMap((text) => { const size = Buffer.alloc(2); size.writeUInt16BE(text.length); return [size, Buffer.from(text)]; }));
  const vectors = list([
    ["one entry", frame("a"), 1, "None"], ["empty entry", frame(""), 1, "None"], ["three entries", frame("a", "bb", "ccc"), 3, "None"], ["256 entries", frame(...Array(256).fill("x")), 256, "None"],
    ["longest entry", frame("x".repeat(65535)), 1, "None"], ["one of two", frame("a"), 2, "BadBundle"], ["two of one", frame("a", "b"), 1, "BadBundle"], ["nothing", Buffer.alloc(0), 1, "BadBundle"],
    ["half a length", Buffer.from([0]), 1, "BadBundle"], ["byte after it", Buffer.concat([frame("a"), Buffer.from([0])]), 1, "BadBundle"], ["entry cut short", frame("abc").subarray(0, 4), 1, "BadBundle"],
    ["length too large", Buffer.from([255, 255, 1]), 1, "BadBundle"], ["255 of 256", frame(...Array(255).fill("x")), 256, "BadBundle"], ["lengths in little endian", Buffer.from([1, 0, 97]), 1, "BadBundle"],
  ], (bytes, width, fault) => ({ fault, width, bytes: b64(bytes) }));
  return { description: "Bundles of entries, each a length of two bytes and as many; as wide as their name says.", vectors };
}

function weights() {
  const vectors = [];
  const of = { qatar: 2, oman: 1, swiss: 1 };
  const states = ["-", "+", ""];
  for (const quorum of [1, 2, 3, 4]) {
    for (let i = 0; i < 27; i++) {
      const signatures = Object.keys(of).map((mediator, j) => [mediator, states[Math.floor(i / 3 ** j) % 3]]).filter(([, state]) => state).map(([mediator, state]) => ({ mediator, valid: state === "+" }));
      vectors.push({ name: `quorum ${quorum} of ${signatures.map((s) => s.mediator + (s.valid ? "+" : "-")).join(" ") || "none"}`, weights: of, quorum, signatures });
    }
    for (const text of ["qatar+ qatar+ oman+", "oman+ qatar+ oman+ swiss+", "oman+ oman+ oman+", "france+ qatar+", "qatar- qatar+ oman+"]) {
      const signatures = text.split(" ").map((one) => ({ mediator: one.slice(0, -1), valid: one.endsWith("+") }));
      vectors.push({ name: `quorum ${quorum} of ${text}`, weights: of, quorum, signatures });
    }
  }
  return { description: "Weights of distinct mediators whose signature verified, against the quorum.", vectors };
}

export const makers = {
  "names.json": names, "heads.json": heads, "headers.json": headers, "wires.json": wires, "entries.json": entries, "notes.json": notes, "certificates.json": certificates,
  "batches.json": batches, "receipts.json": receipts, "proofs.json": proofs, "bundles.json": bundles, "weights.json": weights, "evidence.json": evidence,
};
