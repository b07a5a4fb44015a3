// Vectors of bundles of prekeys and claims of them, whatever their signatures are worth: a reader judges form alone.
import { keyOf } from "./sign.mjs";
import { sha256 } from "./formats.mjs";
import { at, b64, b64url, document, hybridJwkOf, jwkOf, policyOf, start } from "./relay.mjs";

const jws = (header, payload, by) => {
  const parts = [header, payload].map(b64url).join(".");
  return `${parts}.${b64url(keyOf(`identity ${by}`).sign(Buffer.from(parts, "latin1")))}`;
};
export const pointOf = (name, kid) => { const { kty, crv, x, y } = jwkOf(`prekey ${name}`); return { kty, crv, x, y, kid }; };
export function bundleOf({ by = "iran", kid = `${by}#1`, number = 3, first = 7, count = 2, header, more } = {}) {
  const payload = {
    negotiation: "doha-2026", delegation: by, number, issued: start, expires: start + 172800, session: pointOf("session", `${by}#session-${number}`),
    oneTime: Array.from({ length: count }, (_, i) => pointOf(i, `${by}#once-${first + i}`)), ...more,
  };
  return jws(header ?? JSON.stringify({ alg: "ES256", kid, typ: "relay-prekeys" }), JSON.stringify(payload), by);
}
export function claimOf({ by = "us", kid = `${by}#1`, target = "iran", sequences = [1, 2, 3], ids, iat = start + 60, header, more } = {}) {
  const envelopes = ids ?? sequences.map((one) => `doha-2026/${by}/normal/${one}`);
  return jws(header ?? JSON.stringify({ alg: "ES256", kid, typ: "relay-claim" }), JSON.stringify({ target, envelopes, iat, ...more }), by);
}
export const publishedOf = (compact = bundleOf(), { minutes = 6, previous = 0, policy = policyOf(document) } = {}) => `relay/prekeys/v1\n${at(minutes)}\n${b64(policy)}\n${previous}\n${compact}\n`;
export const claimedOf = (compact = claimOf(), { minutes = 7, number = 3, bundle = sha256(bundleOf()), previous = 5, first = 7, left = 0, marks = "nns", policy = policyOf(document) } = {}) =>
  `relay/claim/v1\n${at(minutes)}\n${b64(policy)}\n${number}\n${b64(bundle)}\n${previous}\n${first}\n${left}\n${marks}\n${compact}\n`;

export function prekeys() {
  const bundle = (more) => publishedOf(bundleOf(more));
  const payload = (more) => bundle({ more });
  const claim = (more, marks) => claimedOf(claimOf(more), marks ? { marks, first: marks.includes("n") ? 7 : 0 } : {});
  const header = (members) => bundle({ header: JSON.stringify({ alg: "ES256", kid: "iran#1", typ: "relay-prekeys", ...members }) });
  const session = (members) => payload({ session: { ...pointOf("session", "iran#session-3"), ...members } });
  const once = (...names) => payload({ oneTime: names.map((name, i) => pointOf(i, name)) });
  const lines = (text, change) => { const all = text.split("\n"); change(all); return all.join("\n"); };
  const hybrid = (name, kid, change) => { const jwk = hybridJwkOf(`prekey ${name}`, kid); if (change) { const pub = Buffer.from(jwk.pub, "base64url"); jwk.pub = b64url(change(pub) ?? pub); } return jwk; };
  const hybrids = (count, more) => payload({ session: hybrid("session", "iran#session-3"), oneTime: Array.from({ length: count }, (_, i) => hybrid(i, `iran#once-${7 + i}`)), ...more });
  const spoilt = (change) => hybrids(0, { session: hybrid("session", "iran#session-3", change) });
  const many = (count, name = "doha-2026/us/normal/") => Array.from({ length: count }, (_, i) => `${name}${i + 1}`);
  const rows = {
    None: {
      "bundle": bundle(), "bundle of none": bundle({ count: 0 }), "bundle of 100": bundle({ count: 100 }), "bundle by an unknown key": bundle({ by: "nobody", kid: "nobody#999999999" }), "bundle of another negotiation": payload({ negotiation: "oslo-2026" }),
      "bundle of 14 days": payload({ expires: start + 1209600 }), "bundle of the last number": payload({ number: 9007199254740991, session: pointOf("session", "iran#session-9007199254740991") }), "bundle after an entry": publishedOf(undefined, { previous: 9007199254740991 }),
      "hybrid bundle": hybrids(2), "hybrid bundle of none": hybrids(0), "hybrid bundle of 12": hybrids(12), "hybrid key, coefficients as large as may be": spoilt((pub) => { pub.set([0x00, 0x0d, 0xd0], 0); }),
      "claim": claimedOf(), "claim of one": claim({ sequences: [9] }, "n"), "claim of 100": claim({ ids: many(100) }, "n".repeat(100)), "claim of both lanes": claim({ ids: ["doha-2026/us/normal/1", "doha-2026/us/urgent/1"] }, "nn"),
      "claim with keys left": claimedOf(undefined, { left: 98, marks: "nrn" }), "claim of the session key alone": claim({}, "srs"), "claim by an unknown key": claim({ by: "nobody" }), "claim of 1970": claim({ iat: 0 }), "claim of another negotiation": claim({ ids: many(3, "oslo-2026/us/normal/") }),
    },
    BadEntry: {
      "bundle without a policy": lines(bundle(), (all) => { all.splice(2, 1); }), "bundle without what came before": lines(bundle(), (all) => { all.splice(3, 1); }), "bundle after no number": publishedOf(undefined, { previous: "-1" }), "bundle with a line more": lines(bundle(), (all) => { all.splice(5, 0, "x"); }),
      "bundle of two parts": publishedOf(bundleOf().split(".").slice(0, 2).join(".")), "bundle without signature": publishedOf(`${bundleOf().split(".").slice(0, 2).join(".")}.`), "claim as a bundle": publishedOf(claimOf()), "bundle as a claim": claimedOf(bundleOf()),
      "bundle, alg ES384": header({ alg: "ES384" }), "bundle, typ of a claim": header({ typ: "relay-claim" }), "bundle, kid of a one-time key": header({ kid: "iran#once-1" }), "bundle, a member more in the header": header({ crit: [] }),
      "bundle, a member more": payload({ note: 1 }), "bundle, no session": payload({ session: undefined }), "bundle of no negotiation": payload({ negotiation: "Doha" }), "bundle of another delegation": payload({ delegation: "us" }),
      "bundle number 0": payload({ number: 0, session: pointOf("session", "iran#session-0") }), "bundle number in text": payload({ number: "3" }), "bundle number with a fraction": payload({ number: 3.5 }), "bundle number 2^53": payload({ number: 9007199254740992 }),
      "bundle that ends as it begins": payload({ expires: start }), "bundle that ends before": payload({ expires: start - 1 }), "bundle of more than 14 days": payload({ expires: start + 1209601 }), "bundle of no time": payload({ issued: null }),
      "session key of another number": session({ kid: "iran#session-4" }), "session key of another": session({ kid: "us#session-3" }), "session key without name": session({ kid: undefined }), "session key with its private part": session({ d: pointOf("session").x }), "session key with a use": session({ use: "enc" }),
      "session key off the curve": session({ y: pointOf("session").x }), "session key on another curve": session({ crv: "P-384" }), "session key of 31 bytes": session({ x: b64url(Buffer.alloc(31, 1)) }), "session key that is a list": payload({ session: [] }),
      "one-time keys that are no list": payload({ oneTime: {} }), "101 one-time keys": bundle({ count: 101 }), "one-time keys with a hole": once("iran#once-7", "iran#once-9"), "one-time keys that fall": once("iran#once-8", "iran#once-7"), "one id twice": once("iran#once-7", "iran#once-7"),
      "one-time key 0": once("iran#once-0"), "one-time key 07": once("iran#once-07"), "one-time key of another": once("us#once-7"), "one-time key named as an identity": once("iran#7"), "one-time key named as a session's": once("iran#session-7"),
      "hybrid session key, one-time keys on P-256": payload({ session: hybrid("session", "iran#session-3") }), "session key on P-256, a hybrid one-time key": payload({ oneTime: [hybrid(0, "iran#once-7")] }), "hybrid bundle of 15": hybrids(15),
      "hybrid key, first coefficient the modulus": spoilt((pub) => { pub.set([0x01, 0x0d, 0x00], 0); }), "hybrid key, second coefficient the modulus": spoilt((pub) => { pub.set([0x00, 0x10, 0xd0], 0); }), "hybrid key, last coefficient too large": spoilt((pub) => { pub[1151] = 0xff; }),
      "hybrid key, point off the curve": spoilt((pub) => { pub[1248] ^= 1; }), "hybrid key, point compressed": spoilt((pub) => { pub[1184] = 2; }), "hybrid key a byte short": spoilt((pub) => pub.subarray(0, 1248)), "hybrid key, another alg": hybrids(0, { session: { ...hybrid("session", "iran#session-3"), alg: "HPKE-7-KE" } }),
      "hybrid key, a member more": hybrids(0, { session: { ...hybrid("session", "iran#session-3"), use: "enc" } }), "one hybrid key under two ids": hybrids(0, { oneTime: [hybrid(1, "iran#once-7"), hybrid(1, "iran#once-8")] }),
      "one point under two ids": payload({ oneTime: [pointOf(1, "iran#once-7"), pointOf(1, "iran#once-8")] }), "session key as a one-time key": payload({ oneTime: [pointOf("session", "iran#once-7")] }),
      "claim without a policy": lines(claim(), (all) => { all.splice(2, 1); }), "claim with a line more": lines(claim(), (all) => { all.splice(10, 0, "x"); }), "claim of bundle 0": claimedOf(undefined, { number: 0 }), "claim of a bundle of 31 bytes": claimedOf(undefined, { bundle: Buffer.alloc(31) }),
      "claim after nothing": claimedOf(undefined, { previous: 0 }), "claim that gives no first key": claimedOf(undefined, { first: 0 }), "claim that gives none but a first": claimedOf(undefined, { marks: "sss" }), "claim with the session key while keys are left": claimedOf(undefined, { left: 1 }), "claim with 101 left": claimedOf(undefined, { marks: "nnn", left: 101 }),
      "claim with a mark too few": claimedOf(undefined, { marks: "nn" }), "claim with a mark too many": claimedOf(undefined, { marks: "nnns" }), "claim with another mark": claimedOf(undefined, { marks: "nnx" }), "claim with marks in capitals": claimedOf(undefined, { marks: "NNS" }),
      "claim with the session key before a one-time key": claimedOf(undefined, { marks: "nsn" }), "claim of nothing new": claimedOf(undefined, { marks: "rrr", first: 0 }), "claim without marks": claimedOf(undefined, { marks: "" }),
      "claim of no envelope": claim({ ids: [] }, "n"), "claim of 101": claim({ ids: many(101) }, "n".repeat(101)), "claim of one twice": claim({ sequences: [1, 1] }, "nn"), "claim of two negotiations": claim({ ids: ["doha-2026/us/normal/1", "oslo-2026/us/normal/1"] }, "nn"),
      "claim of another's envelope": claim({ ids: ["doha-2026/oman/normal/1"] }, "n"), "claim of no id": claim({ ids: ["doha-2026/us/normal/01"] }, "n"), "claim of a number": claim({ ids: [1] }, "n"), "claim of oneself": claim({ target: "us" }), "claim of no name": claim({ target: "Iran" }),
      "claim, time as text": claim({ iat: "1" }), "claim, negative time": claim({ iat: -1 }), "claim, a member more": claim({ more: { x: 1 } }), "claim, typ of a bundle": claim({ header: JSON.stringify({ alg: "ES256", kid: "us#1", typ: "relay-prekeys" }) }), "claim, kid of a vault": claim({ kid: "https://kv" }),
    },
  };
  return Object.entries(rows).flatMap(([fault, texts]) => Object.entries(texts).map(([name, text]) => [`prekeys: ${name}`, text, fault]));
}
