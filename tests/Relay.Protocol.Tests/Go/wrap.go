package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"math/bits"
	"regexp"
	"strings"
)

// What an addressee shows of a content that it cannot open.
type wrap struct {
	content, proof []byte
	kid            string
}

type content struct {
	epk                              key
	isDirect                         bool
	wrapped, iv, tag, text, com, aad []byte
}

var kidText = regexp.MustCompile("^[!-~]{1,256}$")

func parseWrap(content []byte, line string) *wrap {
	const code fault = "Malformed"
	kid, proof, ok := strings.Cut(line, " ")
	read := &wrap{content, unbase64(proof), kid}
	need(ok && len(read.content) > 0 && kidText.MatchString(kid) && len(read.proof) == 128, code)
	return read
}

func (f file) judgeWrap(read *entry, in inputs) {
	need(read != nil && read.kind == "relay/envelope/v2", nothing)
	came := read.heads[0]
	need(sha256.Sum256(f.wrap.content) == came.content, "OtherContent")
	document := f.findDocument(came.policy, in)
	code := attempt(func() { document.judgeQuorum(came, in) })
	need(code != "None", nothing)
	need(code == nothing, code)
	var public *key
	for _, name := range came.audience {
		if member := document.Delegations[name]; member != nil {
			for _, one := range keysOf(member.EncryptionKeys, func(kid string) bool { return kid == f.wrap.kid }) {
				one := one
				public = &one
			}
		}
	}
	need(public != nil, "UnknownRecipientKey")
	sealed := readContent(f.wrap.content, came.jti, f.wrap.kid)
	need(sealed != nil && public.kty == "EC", nothing)
	need(checkProof(f.wrap.proof, *public, sealed.epk, came.digest), "BadWrapProof")
	need(!sealed.opens(f.wrap.proof[:32], came.jti), nothing)
}

func (k key) point() []byte {
	public := k.public()
	return append(public.X.FillBytes(make([]byte, 32)), public.Y.FillBytes(make([]byte, 32))...)
}

// Chaum and Pedersen: the key and the shared secret have one logarithm, to the generator and to the ephemeral key.
func checkProof(proof []byte, public, ephemeral key, digest [32]byte) bool {
	curve := elliptic.P256()
	order := curve.Params().N
	x, y := new(big.Int).SetBytes(proof[:32]), new(big.Int).SetBytes(proof[32:64])
	answer := new(big.Int).SetBytes(proof[96:])
	if x.Cmp(curve.Params().P) >= 0 || y.Cmp(curve.Params().P) >= 0 || !curve.IsOnCurve(x, y) || answer.Cmp(order) >= 0 || public.public() == nil {
		return false
	}
	negative := new(big.Int).Mod(new(big.Int).Neg(new(big.Int).SetBytes(proof[64:96])), order).Bytes()
	combine := func(baseX, baseY, otherX, otherY *big.Int) []byte {
		firstX, firstY := curve.ScalarMult(baseX, baseY, answer.Bytes())
		secondX, secondY := curve.ScalarMult(otherX, otherY, negative)
		sumX, _ := curve.Add(firstX, firstY, secondX, secondY)
		return sumX.FillBytes(make([]byte, 32))
	}
	own, sent := public.public(), ephemeral.public()
	a := combine(curve.Params().Gx, curve.Params().Gy, own.X, own.Y)
	b := combine(sent.X, sent.Y, x, y)
	hash := sha256.New()
	for _, part := range [][]byte{[]byte("relay-wrap-proof/v1"), public.point(), ephemeral.point(), proof[:64], a, b, digest[:]} {
		hash.Write(part)
	}
	return bytes.Equal(hash.Sum(nil), proof[64:96])
}

func readContent(source []byte, id, kid string) *content {
	value, err := parseJSON(source, 64)
	jwe, ok := value.(map[string]any)
	if err != nil || !ok {
		return nil
	}
	value, err = parseJSON(unbase64url(text(jwe["protected"])), 64)
	header, ok := value.(map[string]any)
	list, isGeneral := jwe["recipients"].([]any)
	if err != nil || !ok || string(unbase64url(text(jwe["aad"]))) != id || text(header["enc"]) != "A256GCM" {
		return nil
	}
	if !isGeneral {
		list = []any{jwe}
	}
	for _, one := range list {
		recipient, _ := one.(map[string]any)
		own, _ := recipient["header"].(map[string]any)
		member := func(name string) any {
			if found, has := header[name]; has {
				return found
			}
			return own[name]
		}
		if text(member("kid")) != kid {
			continue
		}
		epk, _ := member("epk").(map[string]any)
		read := &content{
			epk:      key{kty: text(epk["kty"]), crv: text(epk["crv"]), x: text(epk["x"]), y: text(epk["y"])},
			isDirect: text(member("alg")) == "ECDH-ES",
			iv:       unbase64url(text(jwe["iv"])), tag: unbase64url(text(jwe["tag"])), text: unbase64url(text(jwe["ciphertext"])),
			com: unbase64url(text(header["com"])), aad: []byte(text(jwe["protected"]) + "." + text(jwe["aad"])),
		}
		wanted := 0
		if !read.isDirect {
			read.wrapped, wanted = unbase64url(text(recipient["encrypted_key"])), 40
		}
		if (!read.isDirect && text(member("alg")) != "ECDH-ES+A256KW") || len(read.wrapped) != wanted || len(read.iv) != 12 || len(read.tag) != 16 || len(read.com) != 32 || read.epk.public() == nil {
			return nil
		}
		return read
	}
	return nil
}

func number(value int) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(value))
}

func field(value []byte) []byte {
	return append(number(len(value)), value...)
}

// Concat KDF of RFC 7518 section 4.6.2 for 256 bits.
func deriveKey(secret []byte, algorithm string) []byte {
	hash := sha256.New()
	for _, part := range [][]byte{number(1), secret, field([]byte(algorithm)), field(nil), field(nil), number(256)} {
		hash.Write(part)
	}
	return hash.Sum(nil)
}

// RFC 3394 section 2.2.2; nil when it does not unwrap.
func unwrap(key, wrapped []byte) []byte {
	block, _ := aes.NewCipher(key)
	a, blocks := append([]byte{}, wrapped[:8]...), append([]byte{}, wrapped[8:]...)
	count := len(blocks) / 8
	for j := 5; j >= 0; j-- {
		for i := count; i >= 1; i-- {
			binary.BigEndian.PutUint64(a, binary.BigEndian.Uint64(a)^uint64(count*j+i))
			buffer := append(append([]byte{}, a...), blocks[8*(i-1):8*i]...)
			block.Decrypt(buffer, buffer)
			copy(a, buffer[:8])
			copy(blocks[8*(i-1):], buffer[8:])
		}
	}
	if !bytes.Equal(a, bytes.Repeat([]byte{0xa6}, 8)) {
		return nil
	}
	return blocks
}

// True when the secret opens the content to the text that it commits to.
func (c content) opens(secret []byte, id string) bool {
	var key []byte
	if c.isDirect {
		key = deriveKey(secret, "A256GCM")
	} else if key = unwrap(deriveKey(secret, "ECDH-ES+A256KW"), c.wrapped); key == nil {
		return false
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return false
	}
	sealer, err := cipher.NewGCM(block)
	if err != nil {
		return false
	}
	padded, err := sealer.Open(nil, c.iv, append(append([]byte{}, c.text...), c.tag...), c.aad)
	return err == nil && isCommitted(padded, c.com, id)
}

// Padmé (PoPETs 2019(4), section 4).
func paddedSize(length int) int {
	exponent := bits.Len(uint(length)) - 1
	mask := 1<<(exponent-bits.Len(uint(exponent))) - 1
	return (length + mask) &^ mask
}

// opening 32 | length | statement | length | body | zeros.
func isCommitted(padded, com []byte, id string) bool {
	if len(padded) < 40 {
		return false
	}
	opening, rest := padded[:32], padded[32:]
	take := func() []byte {
		if len(rest) < 4 || uint64(len(rest)-4) < uint64(binary.BigEndian.Uint32(rest)) {
			return nil
		}
		size := binary.BigEndian.Uint32(rest)
		taken := rest[4 : 4+size]
		rest = rest[4+size:]
		return taken
	}
	statement := take()
	if statement == nil {
		return false
	}
	body := take()
	if body == nil || paddedSize(len(padded)-len(rest)) != len(padded) || len(bytes.Trim(rest, "\x00")) > 0 {
		return false
	}
	hash := sha256.New()
	for _, part := range [][]byte{[]byte("relay-com/v1"), []byte(id), opening, statement, body} {
		hash.Write(field(part))
	}
	return bytes.Equal(hash.Sum(nil), com)
}
