package main

import (
	"crypto/elliptic"
	"crypto/sha256"
	"math/big"
	"regexp"
	"strings"
)

// A bundle, or what a claim was given of one: whose the keys are, and what was signed by whom.
type prekeys struct {
	statement                            statement
	isBundle                             bool
	delegation                           string
	number, previous, first, count, left int64
	digest                               [32]byte
}

var marksForm = regexp.MustCompile(`^[nr]*[sr]*$`)

// A compact JWS by an identity key, and the members of its payload.
func openJws(compact string, longest int, typ string) (kid, signed string, signature []byte, body map[string]any) {
	const code fault = "BadEntry"
	parts := strings.Split(compact, ".")
	need(len(compact) <= longest && len(parts) == 3, code)
	header, payload, signature := unbase64url(parts[0]), unbase64url(parts[1]), unbase64url(parts[2])
	need(header != nil && payload != nil && len(signature) == 64, code)
	value, err := parseJSON(header, 256)
	members, ok := value.(map[string]any)
	need(err == nil && ok && len(members) == 3 && text(members["alg"]) == "ES256" && text(members["typ"]) == typ, code)
	kid = text(members["kid"])
	need(identityForm.MatchString(kid), code)
	value, err = parseJSON(payload, 256)
	body, ok = value.(map[string]any)
	need(err == nil && ok, code)
	return kid, parts[0] + "." + parts[1], signature, body
}

func hasExactly(members map[string]any, names string) bool {
	wanted := strings.Split(names, " ")
	for _, name := range wanted {
		if _, has := members[name]; !has {
			return false
		}
	}
	return len(members) == len(wanted)
}

// The point of a key on P-256, or of one of ML-KEM-768 beside P-256; and what tells keys apart.
func pointOfKey(jwk map[string]any) (x, y []byte, name string) {
	const code fault = "BadEntry"
	if text(jwk["kty"]) == "AKP" {
		need(hasExactly(jwk, "kty alg pub kid") && text(jwk["alg"]) == "HPKE-8-KE", code)
		pub := unbase64url(text(jwk["pub"]))
		need(len(pub) == 1249 && pub[1184] == 4, code)
		// 12 bits each, two in three bytes; all have to be below the modulus of ML-KEM.
		for i := 0; i < 1152; i += 3 {
			first, second := int(pub[i])|int(pub[i+1]&15)<<8, int(pub[i+1])>>4|int(pub[i+2])<<4
			need(first < 3329 && second < 3329, code)
		}
		return pub[1185:1217], pub[1217:], string(pub)
	}
	need(hasExactly(jwk, "kty crv x y kid") && text(jwk["kty"]) == "EC" && text(jwk["crv"]) == "P-256", code)
	x, y = unbase64url(text(jwk["x"])), unbase64url(text(jwk["y"]))
	need(len(x) == 32 && len(y) == 32, code)
	return x, y, string(x) + string(y)
}

// Keys that a delegation has its content sealed to.
func parsePrekeys(compact string) *prekeys {
	const code fault = "BadEntry"
	kid, signed, signature, body := openJws(compact, 32768, "relay-prekeys")
	delegation := identityForm.FindStringSubmatch(kid)[1]
	need(hasExactly(body, "negotiation delegation number issued expires session oneTime"), code)
	need(nameForm.MatchString(text(body["negotiation"])) && text(body["delegation"]) == delegation, code)
	number, isNumber := integerOf(body["number"], maxSize)
	issued, isIssued := integerOf(body["issued"], maxTime)
	expires, isExpires := integerOf(body["expires"], maxTime)
	need(isNumber && number > 0 && isIssued && isExpires && expires > issued && expires-issued <= 14*86400, code)
	points, kty := map[string]bool{}, ""
	readKey := func(value any, kind string) int64 {
		jwk, ok := value.(map[string]any)
		need(ok, code)
		x, y, point := pointOfKey(jwk)
		need(elliptic.P256().IsOnCurve(new(big.Int).SetBytes(x), new(big.Int).SetBytes(y)), code)
		if kty == "" {
			kty = text(jwk["kty"])
		}
		need(text(jwk["kty"]) == kty && !points[point], code)
		points[point] = true
		prefix, name := delegation+"#"+kind+"-", text(jwk["kid"])
		need(strings.HasPrefix(name, prefix), code)
		read, isID := decimal(strings.TrimPrefix(name, prefix), maxSize)
		need(isID && read > 0, code)
		return read
	}
	need(readKey(body["session"], "session") == number, code)
	keys, ok := body["oneTime"].([]any)
	need(ok && len(keys) <= 100, code)
	var first int64
	for i, key := range keys {
		id := readKey(key, "once")
		if i == 0 {
			first = id
		}
		need(id == first+int64(i), code)
	}
	count := int64(len(keys))
	said := statement{text(body["negotiation"]), kid, delegation, signed, signature}
	return &prekeys{statement: said, isBundle: true, delegation: delegation, number: number, first: first, count: count, left: count, digest: sha256.Sum256([]byte(compact))}
}

// The lines of an entry that hands out keys, from the policy on.
func parseClaimed(lines []string) *prekeys {
	const code fault = "BadEntry"
	number, isNumber := decimal(lines[3], maxSize)
	digest, isDigest := toHash(lines[4])
	previous, isPrevious := decimal(lines[5], maxSize)
	first, isFirst := decimal(lines[6], maxSize)
	left, isLeft := decimal(lines[7], 100)
	need(isNumber && number > 0 && isDigest && isPrevious && previous > 0 && isFirst && isLeft, code)
	kid, signed, signature, body := openJws(lines[9], 20480, "relay-claim")
	claimer := identityForm.FindStringSubmatch(kid)[1]
	need(hasExactly(body, "target envelopes iat"), code)
	_, isTime := integerOf(body["iat"], maxTime)
	target := text(body["target"])
	envelopes, isList := body["envelopes"].([]any)
	need(isTime && nameForm.MatchString(target) && target != claimer && isList && len(envelopes) >= 1 && len(envelopes) <= 100, code)
	met, negotiation := map[string]bool{}, ""
	for i, one := range envelopes {
		id := idForm.FindStringSubmatch(text(one))
		need(id != nil && id[2] == claimer && !met[text(one)], code)
		_, isSequence := decimal(id[4], maxSize)
		if i == 0 {
			negotiation = id[1]
		}
		need(isSequence && id[1] == negotiation, code)
		met[text(one)] = true
	}
	marks := lines[8]
	gives, isLast := strings.Contains(marks, "n"), strings.Contains(marks, "s")
	need(marksForm.MatchString(marks) && len(marks) == len(envelopes) && (gives || isLast) && (first > 0) == gives && !(isLast && left > 0), code)
	count := int64(strings.Count(marks, "n"))
	said := statement{negotiation, kid, claimer, signed, signature}
	return &prekeys{statement: said, delegation: target, number: number, previous: previous, first: first, count: count, left: left, digest: digest}
}

// Each names the one of its delegation before it, and goes on where that one ended. The earlier may be of any kind.
func isBrokenPrekeys(before, after *prekeys, i, j int64) bool {
	if after == nil {
		return false
	}
	isLink := before != nil && before.delegation == after.delegation && (before.isBundle || before.count > 0)
	if after.previous >= j {
		return true
	}
	if i > after.previous {
		return isLink
	}
	if i < after.previous || i == 0 {
		return false
	}
	if !isLink {
		return true
	}
	next := before.first
	if !before.isBundle {
		next += before.count
	}
	if after.isBundle {
		return after.number <= before.number || (after.count > 0 && after.first < next+before.left)
	}
	isOther := after.number != before.number || after.digest != before.digest
	return isOther || after.left != before.left-after.count || (after.count > 0 && after.first != next)
}
