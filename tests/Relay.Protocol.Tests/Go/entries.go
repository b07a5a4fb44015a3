package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

type signature struct {
	kid, alg, signed string
	value            []byte
}

type head struct {
	jti, negotiation, sender, stream string
	sequence                         int64
	audience                         []string
	previous                         []byte
	seenSize                         int64
	seenRoot                         *tlog.Hash
	digest, content                  [32]byte
	policy                           tlog.Hash
	signatures                       []signature
	at                               int64
}

// What an identity key of a delegation has signed, or is said to.
type statement struct {
	negotiation, kid, delegation, signed string
	signature                            []byte
}

type acknowledgement struct {
	statement
	jti, stream string
	sequence    int64
	digest      []byte
}

type entry struct {
	kind, shows string
	at          int64
	heads       []head
	policy      tlog.Hash
	said        *acknowledgement
	prekeys     *prekeys
}

const maxTime = 253402300799

var idForm = regexp.MustCompile(`^([a-z0-9][a-z0-9-]{0,49})/([a-z0-9][a-z0-9-]{0,49})/(normal|urgent)/([1-9][0-9]{0,15})$`)

func digestOf(value any) []byte {
	read, ok := value.(jsonString)
	if !ok || len(read.raw) != 43 {
		return nil
	}
	return unbase64url(read.raw)
}

func integerOf(value any, max int64) (int64, bool) {
	number, ok := value.(jsonNumber)
	if !ok {
		return 0, false
	}
	return decimal(string(number), max)
}

func parseHead(source []byte) (read head) {
	const code fault = "BadEntry"
	need(len(source) <= 8192, code)
	value, err := parseJSON(source, 64)
	members, ok := value.(map[string]any)
	need(err == nil && ok, code)
	for name := range members {
		need(strings.Contains(" jti aud prev iat nbf exp seen content ", " "+name+" "), code)
	}
	read.digest = sha256.Sum256(source)
	read.jti = text(members["jti"])
	parts := idForm.FindStringSubmatch(read.jti)
	need(parts != nil, code)
	read.negotiation, read.sender, read.stream = parts[1], parts[2], strings.Join(parts[1:4], "/")
	read.sequence, ok = decimal(parts[4], maxSize)
	need(ok, code)
	names, ok := members["aud"].([]any)
	need(ok && len(names) >= 1 && len(names) <= 64, code)
	met := map[string]bool{read.sender: true}
	for _, one := range names {
		name := text(one)
		need(nameForm.MatchString(name) && !met[name], code)
		met[name] = true
		read.audience = append(read.audience, name)
	}
	previous, hasPrevious := members["prev"]
	if hasPrevious {
		read.previous = digestOf(previous)
		need(len(read.previous) == 32, code)
	}
	need((read.sequence == 1) != hasPrevious && len(digestOf(members["content"])) == 32, code)
	copy(read.content[:], digestOf(members["content"]))
	issued, isIssued := integerOf(members["iat"], maxTime)
	expires, isExpires := integerOf(members["exp"], maxTime)
	need(isIssued && isExpires && expires > issued && expires-issued <= 30*86400, code)
	if embargo, has := members["nbf"]; has {
		from, ok := integerOf(embargo, maxTime)
		need(ok && from < expires, code)
	}
	if value, has := members["seen"]; has {
		seen, ok := value.(map[string]any)
		need(ok && len(seen) == 2, code)
		read.seenSize, ok = integerOf(seen["size"], maxSize)
		root := digestOf(seen["root"])
		need(ok && len(root) == 32, code)
		read.seenRoot = &tlog.Hash{}
		copy(read.seenRoot[:], root)
	}
	return read
}

func parseSignature(header, value, head []byte) signature {
	const code fault = "BadEntry"
	need(len(header) <= 2048 && len(value) > 0 && len(value) <= 512, code)
	parsed, err := parseJSON(header, 64)
	members, ok := parsed.(map[string]any)
	need(err == nil && ok && len(members) == 3 && text(members["typ"]) == "relay-envelope", code)
	read := signature{kid: text(members["kid"]), alg: text(members["alg"]), value: value}
	need(vaultKey(read.kid) != "" && (algorithms.MatchString(read.alg) || read.alg == "MT-ES256"), code)
	read.signed = base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(head)
	return read
}

func parseJudged(lines []string, wanted int) (heads []head) {
	const code fault = "BadEntry"
	for len(heads) < wanted {
		need(len(lines) >= 2, code)
		policy, ok := toHash(lines[0])
		source := unbase64(lines[1])
		need(ok && source != nil, code)
		read := parseHead(source)
		read.policy = policy
		for lines = lines[2:]; len(lines) > 0 && strings.Contains(lines[0], " "); lines = lines[1:] {
			header, value, _ := strings.Cut(lines[0], " ")
			one, two := unbase64(header), unbase64(value)
			need(one != nil && two != nil, code)
			read.signatures = append(read.signatures, parseSignature(one, two, source))
		}
		need(len(read.signatures) >= 1 && len(read.signatures) <= 32, code)
		heads = append(heads, read)
	}
	need(len(lines) == 0, code)
	return heads
}

var (
	identityForm = regexp.MustCompile(`^([a-z0-9][a-z0-9-]{0,49})#[1-9][0-9]{0,8}$`)
	reasonForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

// What a delegation says of an envelope: compact JWS by one of its identity keys.
func parseAcknowledgement(compact string) *acknowledgement {
	const code fault = "BadEntry"
	kid, signed, signature, members := openJws(compact, 1024, "relay-acknowledgement")
	read := &acknowledgement{statement: statement{kid: kid, signed: signed, signature: signature, delegation: identityForm.FindStringSubmatch(kid)[1]}}
	reason, hasReason := members["reason"]
	switch text(members["state"]) {
	case "opened":
		need(len(members) == 4 && !hasReason, code)
	case "refused":
		need(len(members) == 5 && hasReason && len(text(reason)) <= 64 && reasonForm.MatchString(text(reason)), code)
	default:
		panic(code)
	}
	read.jti = text(members["jti"])
	id := idForm.FindStringSubmatch(read.jti)
	need(id != nil, code)
	read.negotiation, read.stream = id[1], strings.Join(id[1:4], "/")
	var ok bool
	read.sequence, ok = decimal(id[4], maxSize)
	need(ok, code)
	digest := text(members["digest"])
	read.digest = unbase64url(digest)
	_, isTime := integerOf(members["iat"], maxTime)
	need(len(read.digest) == 32 && isTime, code)
	return read
}

var knownKinds = "relay/envelope/v2 relay/evidence/v2 relay/acknowledgement/v1 relay/prekeys/v1 relay/claim/v1 relay/policy/v1 relay/mode/v1 relay/heartbeat/v1"

// An entry; nil when it is none.
func parseEntry(source []byte) (read *entry) {
	if attempt(func() { read = mustParseEntry(source) }) != "None" {
		return nil
	}
	return read
}

func mustParseEntry(source []byte) *entry {
	const code fault = "BadEntry"
	need(len(source) <= 40960 && bytes.HasSuffix(source, []byte("\n")), code)
	lines := strings.Split(strings.TrimSuffix(string(source), "\n"), "\n")
	read := &entry{kind: lines[0]}
	time := func(place, count int) {
		var ok bool
		need(len(lines) > place && (count == 0 || len(lines) == count), code)
		read.at, ok = decimal(lines[place], 253402300799999)
		need(ok, code)
	}
	switch read.kind {
	case "relay/envelope/v2":
		time(1, 0)
		read.heads = parseJudged(lines[2:], 1)
	case "relay/evidence/v2":
		time(1, 0)
		need(len(lines) > 2, code)
		read.shows = lines[2]
		wanted := map[string]int{"equivocation": 2, "broken-chain": 2, "fork-seen": 1}[read.shows]
		need(wanted > 0, code)
		read.heads = parseJudged(lines[3:], wanted)
		need(read.isShown(), code)
	case "relay/acknowledgement/v1":
		time(1, 4)
		var isDigest bool
		read.policy, isDigest = toHash(lines[2])
		need(isDigest, code)
		read.said = parseAcknowledgement(lines[3])
	case "relay/prekeys/v1":
		time(1, 5)
		previous, isPrevious := decimal(lines[3], maxSize)
		var isDigest bool
		read.policy, isDigest = toHash(lines[2])
		need(isDigest && isPrevious, code)
		read.prekeys = parsePrekeys(lines[4])
		read.prekeys.previous = previous
	case "relay/claim/v1":
		time(1, 10)
		var isDigest bool
		read.policy, isDigest = toHash(lines[2])
		need(isDigest, code)
		read.prekeys = parseClaimed(lines)
	case "relay/policy/v1":
		time(3, 4)
		_, isVersion := decimal(lines[1], maxSize)
		_, isDigest := toHash(lines[2])
		need(isVersion && isDigest, code)
	case "relay/mode/v1":
		time(2, 3)
		need(lines[1] == "open" || lines[1] == "read-only" || lines[1] == "closed", code)
	case "relay/heartbeat/v1":
		time(1, 2)
	default:
		panic(code)
	}
	return read
}

func (e *entry) isShown() bool {
	held, came := e.heads[0], e.heads[len(e.heads)-1]
	switch e.shows {
	case "equivocation":
		return held.jti == came.jti && held.digest != came.digest
	case "broken-chain":
		return held.stream == came.stream && held.sequence+1 == came.sequence && !bytes.Equal(came.previous, held.digest[:])
	}
	return came.seenRoot != nil
}
