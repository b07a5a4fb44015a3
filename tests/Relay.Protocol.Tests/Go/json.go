package main

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Strict JSON (RFC 8259): UTF-8, every member once and without escapes in its name, at most 16 levels, nothing after the end.
var errJSON = errors.New("not strict JSON")

type jsonString struct {
	raw, text string
}

type jsonNumber string

type jsonReader struct {
	bytes      []byte
	at, depth  int
	maxMembers int
}

func parseJSON(bytes []byte, maxMembers int) (value any, err error) {
	if !utf8.Valid(bytes) {
		return nil, errJSON
	}
	reader := &jsonReader{bytes: bytes, maxMembers: maxMembers}
	defer func() {
		if recover() != nil {
			value, err = nil, errJSON
		}
	}()
	value = reader.value()
	reader.space()
	if reader.at != len(bytes) {
		return nil, errJSON
	}
	return value, nil
}

func (r *jsonReader) need(condition bool) {
	if !condition {
		panic(errJSON)
	}
}

func (r *jsonReader) space() {
	for r.at < len(r.bytes) && strings.IndexByte(" \t\r\n", r.bytes[r.at]) >= 0 {
		r.at++
	}
}

func (r *jsonReader) peek() byte {
	r.need(r.at < len(r.bytes))
	return r.bytes[r.at]
}

func (r *jsonReader) value() any {
	r.space()
	switch c := r.peek(); {
	case c == '{':
		return r.object()
	case c == '[':
		return r.array()
	case c == '"':
		return r.string()
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	}
	for word, value := range map[string]any{"true": true, "false": false, "null": nil} {
		if strings.HasPrefix(string(r.bytes[r.at:]), word) {
			r.at += len(word)
			return value
		}
	}
	panic(errJSON)
}

func (r *jsonReader) open() {
	r.need(r.depth < 16)
	r.depth++
	r.at++
	r.space()
}

func (r *jsonReader) object() map[string]any {
	r.open()
	members := map[string]any{}
	for r.peek() != '}' || len(members) > 0 {
		r.need(r.peek() == '"')
		name := r.string()
		_, twice := members[name.raw]
		r.need(name.raw == name.text && !strings.Contains(name.raw, "\\") && !twice && len(members) < r.maxMembers)
		r.space()
		r.need(r.peek() == ':')
		r.at++
		members[name.raw] = r.value()
		r.space()
		if r.peek() == '}' {
			break
		}
		r.need(r.peek() == ',')
		r.at++
		r.space()
	}
	r.at++
	r.depth--
	return members
}

func (r *jsonReader) array() []any {
	r.open()
	items := []any{}
	for r.peek() != ']' || len(items) > 0 {
		items = append(items, r.value())
		r.space()
		if r.peek() == ']' {
			break
		}
		r.need(r.peek() == ',')
		r.at++
	}
	r.at++
	r.depth--
	return items
}

func (r *jsonReader) string() jsonString {
	r.at++
	start := r.at
	var text strings.Builder
	for {
		c := r.peek()
		r.need(c >= 0x20)
		r.at++
		if c == '"' {
			return jsonString{string(r.bytes[start : r.at-1]), text.String()}
		}
		if c != '\\' {
			text.WriteByte(c)
			continue
		}
		e := r.peek()
		r.at++
		place := strings.IndexByte(`"\/bfnrt`, e)
		if place >= 0 {
			text.WriteByte("\"\\/\b\f\n\r\t"[place])
			continue
		}
		r.need(e == 'u')
		code := r.hex()
		if utf16.IsSurrogate(code) {
			r.need(code < 0xdc00 && strings.HasPrefix(string(r.bytes[r.at:]), "\\u"))
			r.at += 2
			low := r.hex()
			r.need(low >= 0xdc00 && low <= 0xdfff)
			code = utf16.DecodeRune(code, low)
		}
		text.WriteRune(code)
	}
}

func (r *jsonReader) hex() rune {
	r.need(r.at+4 <= len(r.bytes))
	code := rune(0)
	for _, c := range strings.ToLower(string(r.bytes[r.at : r.at+4])) {
		digit := strings.IndexRune("0123456789abcdef", c)
		r.need(digit >= 0)
		code = code*16 + rune(digit)
	}
	r.at += 4
	return code
}

var numberForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`)

func (r *jsonReader) number() jsonNumber {
	text := numberForm.Find(r.bytes[r.at:])
	r.need(text != nil)
	r.at += len(text)
	// What goes on like a number is none.
	r.need(r.at == len(r.bytes) || strings.IndexByte("0123456789.eE+-", r.bytes[r.at]) < 0)
	return jsonNumber(text)
}
