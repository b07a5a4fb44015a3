package main

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
)

// How the text of an evidence file is written so that nothing stands in it twice (src/Relay.Protocol/README.md, "Folded").
const (
	longWord = 32
	longest  = 512 * 1024
)

var (
	textForm = regexp.MustCompile(`^[ -~\n]*$`)
	saidForm = regexp.MustCompile(`^[!-~]+$`)
)

func eachWord(text string, change func(word string) string) string {
	var changed strings.Builder
	for len(text) > 0 {
		end := strings.IndexAny(text, " \n")
		if end < 0 {
			end = len(text)
		}
		changed.WriteString(change(text[:end]))
		if end < len(text) {
			changed.WriteByte(text[end])
			end++
		}
		text = text[end:]
	}
	return changed.String()
}

func fold(text string) string {
	numbers := map[string]int{}
	return eachWord(text, func(word string) string {
		if len(word) >= longWord {
			if number, ok := numbers[word]; ok {
				return "*" + strconv.Itoa(number)
			}
			numbers[word] = len(numbers)
			if said := unbase64(word); saidForm.Match(said) {
				return "=" + string(said)
			}
			if said := unbase64url(word); saidForm.Match(said) {
				return "~" + string(said)
			}
		}
		if word != "" && strings.Contains("*=~'", word[:1]) {
			return "'" + word
		}
		return word
	})
}

// The text of which these bytes are the folded form.
func unfold(source []byte) string {
	const code fault = "Malformed"
	folded := string(source)
	need(len(folded) <= longest && textForm.MatchString(folded) && strings.HasSuffix(folded, "\n"), code)
	var known []string
	length := 0
	text := eachWord(folded, func(word string) string {
		plain, mark := word, ""
		if word != "" {
			mark = word[:1]
		}
		switch mark {
		case "*":
			number, ok := decimal(word[1:], maxSize)
			need(ok && number < int64(len(known)), code)
			plain = known[number]
		case "=":
			plain = base64.StdEncoding.EncodeToString([]byte(word[1:]))
		case "~":
			plain = base64.RawURLEncoding.EncodeToString([]byte(word[1:]))
		case "'":
			plain = word[1:]
		}
		length += len(plain) + 1
		need(length <= longest, code)
		if len(plain) >= longWord && mark != "*" {
			known = append(known, plain)
		}
		return plain
	})
	need(fold(text) == folded, code)
	return text
}
