package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A fault ends a judgement with its code.
type fault string

func need(condition bool, code fault) {
	if !condition {
		panic(code)
	}
}

// The code that an action ends with; "None" when it does not.
func attempt(action func()) (code fault) {
	defer func() {
		switch found := recover().(type) {
		case nil:
		case fault:
			code = found
		default:
			panic(found)
		}
	}()
	action()
	return "None"
}

const maxSize = 1<<53 - 1

func unbase64(text string) []byte {
	read, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || base64.StdEncoding.EncodeToString(read) != text {
		return nil
	}
	return read
}

func unbase64url(text string) []byte {
	read, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || base64.RawURLEncoding.EncodeToString(read) != text {
		return nil
	}
	return read
}

func toHash(text string) (hash tlog.Hash, ok bool) {
	read := unbase64(text)
	return hash, len(read) == len(hash) && copy(hash[:], read) > 0
}

func decimal(text string, max int64) (int64, bool) {
	if !regexp.MustCompile(`^(0|[1-9][0-9]{0,15})$`).MatchString(text) {
		return 0, false
	}
	value, err := strconv.ParseInt(text, 10, 64)
	return value, err == nil && value <= max
}

var (
	nameForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,49}$`)
	originForm = regexp.MustCompile("^[!-*,-~]{1,255}$")
	kidForm    = regexp.MustCompile(`^(https://([a-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?/keys/[A-Za-z0-9-]{1,127})/[A-Za-z0-9]{1,64}$`)
	kindForm   = regexp.MustCompile(`^relay/[a-z-]+/v[1-9][0-9]{0,15}$`)
)

// The key without version; empty when the text is no identifier.
func vaultKey(kid string) string {
	match := kidForm.FindStringSubmatch(kid)
	if match == nil || len(kid) > 512 || strings.Trim(match[2], ".-") != match[2] || match[3] == "443" {
		return ""
	}
	if port, _ := strconv.Atoi(match[3]); port > 65535 {
		return ""
	}
	return match[1]
}

type key struct {
	kid, kty, crv, x, y, n, e string
	// Seconds since 1970; absent is no bound.
	nbf, exp, compromised *int64
}

// What a version signed counts for entries of its time, which are in milliseconds.
func (k key) isOfTime(at int64) bool {
	before := func(bound *int64) bool { return bound == nil || at < *bound*1000 }
	return (k.nbf == nil || at >= *k.nbf*1000) && before(k.exp) && before(k.compromised)
}

// P-256 alone: what the vectors of evidence are signed with.
func (k key) public() *ecdsa.PublicKey {
	x, y := unbase64url(k.x), unbase64url(k.y)
	if k.kty != "EC" || k.crv != "P-256" || len(x) != 32 || len(y) != 32 {
		return nil
	}
	public := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
	if !public.Curve.IsOnCurve(public.X, public.Y) {
		return nil
	}
	return public
}

func (k key) verify(alg, signed string, signature []byte) bool {
	public := k.public()
	if alg == "MT-ES256" {
		return public != nil && k.verifyBatch(signed, signature)
	}
	if public == nil || alg != "ES256" || len(signature) != 64 {
		return false
	}
	hash := sha256.Sum256([]byte(signed))
	return ecdsa.Verify(public, hash[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
}

// One of many under one signature. The way down the tree is that of RFC 6962 section 2.1.1; its hashes come leaf first.
func (k key) verifyBatch(signed string, value []byte) bool {
	if len(value) < 105 || value[0] != 1 {
		return false
	}
	size, index := binary.BigEndian.Uint32(value[1:]), binary.BigEndian.Uint32(value[5:])
	if size < 1 || size > 4096 || index >= size {
		return false
	}
	path := value[41 : len(value)-64]
	input := sha256.Sum256([]byte(signed))
	root, ok := climb(tlog.RecordHash(append(append([]byte{}, value[9:41]...), input[:]...)), index, size, path)
	text := append(append([]byte("relay-batch/v1\n"), value[1:5]...), root[:]...)
	return ok && k.verify("ES256", string(text), value[len(value)-64:])
}

func climb(leaf tlog.Hash, index, size uint32, path []byte) (tlog.Hash, bool) {
	if size == 1 {
		return leaf, len(path) == 0
	}
	if len(path) < 32 {
		return leaf, false
	}
	var beside tlog.Hash
	copy(beside[:], path[len(path)-32:])
	rest := path[:len(path)-32]
	half := uint32(1)
	for half*2 < size {
		half *= 2
	}
	if index < half {
		below, ok := climb(leaf, index, half, rest)
		return tlog.NodeHash(below, beside), ok
	}
	below, ok := climb(leaf, index-half, size-half, rest)
	return tlog.NodeHash(beside, below), ok
}

// A verifier of golang.org/x/mod/sumdb/note for signature type 0x02 of C2SP signed-note.
type noteVerifier struct {
	name   string
	public *ecdsa.PublicKey
	hash   uint32
}

func newNoteVerifier(name string, public *ecdsa.PublicKey) noteVerifier {
	info, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(info)
	return noteVerifier{name, public, binary.BigEndian.Uint32(sum[:])}
}

func (v noteVerifier) Name() string    { return v.name }
func (v noteVerifier) KeyHash() uint32 { return v.hash }
func (v noteVerifier) Verify(message, signature []byte) bool {
	hash := sha256.Sum256(message)
	return ecdsa.VerifyASN1(v.public, hash[:], signature)
}

// The form of a note, before whose it is: lines of others count for nothing, but must be lines.
func parseNote(text []byte) []byte {
	_, err := note.Open(text, note.VerifierList())
	var unverified *note.UnverifiedNoteError
	need(errors.As(err, &unverified), "Malformed")
	need(len(unverified.Note.UnverifiedSigs) <= 32, "Malformed")
	return []byte(unverified.Note.Text)
}

func checkNote(text []byte, verifier noteVerifier) fault {
	opened, err := note.Open(text, note.VerifierList(verifier))
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		return "CheckpointNotSigned"
	}
	if err != nil || len(opened.Sigs) != 1 || bytes.Count(text, []byte("\n\u2014 "+verifier.name+" "+opened.Sigs[0].Base64[:5])) != 1 {
		return "BadCheckpointSignature"
	}
	return "None"
}

type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

func parseCheckpoint(text []byte) checkpoint {
	lines := strings.Split(string(text), "\n")
	need(len(lines) == 4 && lines[3] == "" && originForm.MatchString(lines[0]), "Malformed")
	size, isSize := decimal(lines[1], maxSize)
	root, isRoot := toHash(lines[2])
	need(isSize && isRoot && (size > 0 || root == tlog.Hash(sha256.Sum256(nil))), "Malformed")
	return checkpoint{lines[0], size, root}
}

type certificate struct {
	kid, alg, prefix, signed string
	signature                []byte
	key                      key
	nbf, exp                 int64
}

func text(value any) string {
	read, ok := value.(jsonString)
	if !ok {
		return "\x00"
	}
	return read.text
}

func parseCertificate(compact string) (read certificate) {
	const code fault = "Malformed"
	parts := strings.Split(compact, ".")
	need(len(compact) <= 4096 && len(parts) == 3, code)
	header, payload, signature := unbase64url(parts[0]), unbase64url(parts[1]), unbase64url(parts[2])
	need(header != nil && payload != nil && len(signature) > 0 && len(signature) <= 512, code)
	value, err := parseJSON(header, 256)
	head, ok := value.(map[string]any)
	need(err == nil && ok && len(head) == 3 && text(head["typ"]) == "relay-checkpoint-key", code)
	read = certificate{kid: text(head["kid"]), alg: text(head["alg"]), signed: parts[0] + "." + parts[1], signature: signature}
	need(vaultKey(read.kid) != "" && algorithms.MatchString(read.alg), code)
	value, err = parseJSON(payload, 256)
	body, ok := value.(map[string]any)
	need(err == nil && ok && len(body) == 4, code)
	read.prefix = text(body["origin-prefix"])
	need(len(read.prefix) >= 2 && len(read.prefix) <= 205 && strings.HasSuffix(read.prefix, "/") && originForm.MatchString(read.prefix), code)
	for name, time := range map[string]*int64{"nbf": &read.nbf, "exp": &read.exp} {
		number, ok := body[name].(jsonNumber)
		need(ok, code)
		*time, ok = decimal(string(number), 253402300799)
		need(ok, code)
	}
	jwk, ok := body["jwk"].(map[string]any)
	need(ok && len(jwk) == 4, code)
	read.key = key{kty: text(jwk["kty"]), crv: text(jwk["crv"]), x: text(jwk["x"]), y: text(jwk["y"])}
	need(read.key.public() != nil && read.exp > read.nbf && read.exp-read.nbf <= 3600, code)
	return read
}

var algorithms = regexp.MustCompile("^(ES|PS)(256|384|512)$")

func (c certificate) covers(origin string) bool {
	return strings.HasPrefix(origin, c.prefix) && nameForm.MatchString(origin[len(c.prefix):])
}

// Proofs as golang.org/x/mod/sumdb/tlog checks them; that the empty tree is in every tree it leaves to its caller.
func isIncluded(entry []byte, index int64, proof []tlog.Hash, in checkpoint) bool {
	return tlog.CheckRecord(proof, in.size, in.root, index, tlog.RecordHash(entry)) == nil
}

func isConsistent(size int64, root tlog.Hash, proof []tlog.Hash, in checkpoint) bool {
	if size == 0 {
		return len(proof) == 0 && root == tlog.Hash(sha256.Sum256(nil))
	}
	return tlog.CheckTree(proof, in.size, in.root, size, root) == nil
}
