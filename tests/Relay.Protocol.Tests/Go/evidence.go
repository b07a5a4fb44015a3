// A third judge of evidence files, on golang.org/x/mod's note and tlog packages for checkpoints and proofs, written from src/Relay.Protocol/README.md ("Evidence file").
//
//	evidence vectors <evidence.json>
//	evidence <file> <keys.json> [<negotiation document>]
//
// The first judges every vector of the published file; the second prints "proved <kind>", "not proved <fault>" or "not judged <fault>" and exits with 0, 1 or 2.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

var leavesOf = map[string]int{
	"fork": 0, "rollback": 0, "unreadable-entry": 1, "foreign-entry": 1, "forbidden-entry": 1, "no-quorum": 1, "late-entry": 1, "false-evidence": 1,
	"broken-promise": 2, "logged-twice": 2, "broken-order": 2, "broken-chain": 2, "time-backwards": 2, "forged-acknowledgement": 1,
	"false-acknowledgement": 2, "acknowledged-twice": 2, "prekey-twice": 2, "broken-prekeys": 2, "forged-prekeys": 1, "accusation": 1, "wrong-wrap": 1,
}

var takesDocument = map[string]bool{
	"forbidden-entry": true, "no-quorum": true, "forged-acknowledgement": true, "forged-prekeys": true, "accusation": true, "wrong-wrap": true,
}

const nothing fault = "ShowsNothing"

type leaf struct {
	index int64
	entry []byte
	proof []tlog.Hash
}

type tree struct {
	note        []byte
	checkpoint  checkpoint
	certificate certificate
	leaves      []leaf
}

type file struct {
	kind, origin string
	trees        []tree
	root         *tlog.Hash
	proof        []tlog.Hash
	document     []byte
	wrap         *wrap
}

type inputs struct {
	relayKeys, mediatorKeys []key
	documents               [][]byte
}

func parseEvidence(source []byte) (read file) {
	const code fault = "Malformed"
	lines := strings.Split(strings.TrimSuffix(unfold(source), "\n"), "\n")
	need(len(lines) >= 3 && lines[0] == "relay/evidence-file/v2", code)
	read.kind, read.origin = lines[1], lines[2]
	wanted, ok := leavesOf[read.kind]
	need(ok && originForm.MatchString(read.origin), code)
	lines = lines[3:]
	// What follows a word: nothing, or a space and more.
	take := func(word string) (string, bool) {
		if len(lines) == 0 || lines[0] != word && !strings.HasPrefix(lines[0], word+" ") {
			return "", false
		}
		rest := lines[0][len(word):]
		lines = lines[1:]
		return rest, true
	}
	hashes := func() (proof []tlog.Hash) {
		for len(lines) > 0 && len(lines[0]) == 44 && !strings.Contains(lines[0], " ") {
			hash, ok := toHash(lines[0])
			need(ok && len(proof) < 54, code)
			proof = append(proof, hash)
			lines = lines[1:]
		}
		return proof
	}
	// Bytes: in base64 behind their name, or in the lines below it when they are text.
	block := func(rest string) []byte {
		if rest != "" {
			other := unbase64(rest[1:])
			need(other != nil && !textForm.Match(other), code)
			return other
		}
		count := 0
		for count < len(lines) && strings.HasPrefix(lines[count], " ") {
			count++
		}
		need(count > 0, code)
		text := strings.Join(lines[:count], "\n")[1:]
		lines = lines[count:]
		return []byte(strings.ReplaceAll(text, "\n ", "\n"))
	}
	for len(read.trees) < 2 {
		line, ok := take("tree")
		if !ok {
			break
		}
		words := strings.Split(line, " ")
		need(len(words) == 7 && !strings.Contains(line, "."), code)
		one := tree{note: []byte(read.origin + "\n" + words[1] + "\n" + words[2] + "\n\n\u2014 " + read.origin + " " + words[3] + "\n")}
		one.checkpoint = parseCheckpoint(parseNote(one.note))
		one.certificate = parseCertificate(strings.Join(words[4:], "."))
		for len(one.leaves) < 2 {
			line, ok := take("leaf")
			if !ok {
				break
			}
			words := strings.SplitN(line, " ", 3)
			need(len(words) > 1, code)
			index, ok := decimal(words[1], maxSize-1)
			need(ok, code)
			entry := block(line[1+len(words[1]):])
			need(len(entry) <= 65535, code)
			one.leaves = append(one.leaves, leaf{index, entry, hashes()})
		}
		read.trees = append(read.trees, one)
	}
	if line, ok := take("root"); ok {
		root, ok := toHash(strings.TrimPrefix(line, " "))
		need(ok, code)
		read.root, read.proof = &root, hashes()
	}
	if line, ok := take("document"); ok {
		read.document = block(line)
		need(len(read.document) > 0, code)
	}
	if line, ok := take("content"); ok {
		content := block(line)
		shown, _ := take("wrap")
		read.wrap = parseWrap(content, strings.TrimPrefix(shown, " "))
	}
	need(len(lines) == 0, code)
	need((read.wrap != nil) == (read.kind == "wrong-wrap"), code)
	count, isSpread := 0, true
	for _, one := range read.trees {
		count += len(one.leaves)
		isSpread = isSpread && (len(read.trees) == 1 || 2*len(one.leaves) == wanted)
	}
	trees := len(read.trees)
	need(count == wanted && isSpread && (wanted == 0 && trees == 2 || wanted == 1 && trees == 1 || wanted == 2 && trees >= 1), code)
	need(read.root == nil || read.kind == "fork" || read.kind == "false-evidence", code)
	need(read.document == nil || takesDocument[read.kind], code)
	return read
}

func judge(source []byte, in inputs) fault {
	return attempt(func() {
		read := parseEvidence(source)
		for _, one := range read.trees {
			one.check(read.origin, in)
		}
		switch {
		case read.kind == "fork":
			read.judgeFork()
		case read.kind == "rollback":
			larger, smaller := read.trees[0], read.trees[1]
			need(smaller.checkpoint.size < larger.checkpoint.size && smaller.certificate.nbf > larger.certificate.exp+120, nothing)
		case leavesOf[read.kind] == 2:
			read.judgePair()
		default:
			read.judgeEntry(in)
		}
	})
}

func find(keys []key, kid string) *key {
	for i := range keys {
		if strings.EqualFold(keys[i].kid, kid) {
			return &keys[i]
		}
	}
	return nil
}

func (t tree) check(origin string, in inputs) {
	vault := find(in.relayKeys, t.certificate.kid)
	need(vault != nil, "UnknownRelayKey")
	need(vault.verify(t.certificate.alg, t.certificate.signed, t.certificate.signature), "BadCertificate")
	need(t.certificate.covers(origin), "CertificateForOtherOrigin")
	if code := checkNote(t.note, newNoteVerifier(origin, t.certificate.key.public())); code != "None" {
		panic(code)
	}
	for _, one := range t.leaves {
		need(isIncluded(one.entry, one.index, one.proof, t.checkpoint), "NotIncluded")
	}
}

func (f file) judgeFork() {
	first, second := f.trees[0].checkpoint, f.trees[1].checkpoint
	if first.size == second.size && f.root == nil {
		need(first.root != second.root, nothing)
		return
	}
	need(f.root != nil, nothing)
	need(isConsistent(first.size, *f.root, f.proof, second), "NotConsistent")
	need(*f.root != first.root, nothing)
}

// An entry, nil when it is none; of a kind that nobody here knows nothing is said.
func (l leaf) read() *entry {
	first, _, isLine := strings.Cut(string(l.entry), "\n")
	need(!isLine || !kindForm.MatchString(first) || strings.Contains(knownKinds, first), "UnknownEntryKind")
	read := parseEntry(l.entry)
	if read != nil {
		for i := range read.heads {
			read.heads[i].at = read.at
		}
	}
	return read
}

func (f file) judgePair() {
	var leaves []leaf
	for _, one := range f.trees {
		leaves = append(leaves, one.leaves...)
	}
	first, second := leaves[0], leaves[1]
	if f.kind == "broken-promise" {
		need(first.index == second.index && !bytes.Equal(first.entry, second.entry), nothing)
		return
	}
	before, after := first.read(), second.read()
	if first.index > second.index {
		before, after = after, before
	}
	need(first.index != second.index && before != nil && after != nil, nothing)
	if f.kind == "time-backwards" {
		need(after.at < before.at, nothing)
		return
	}
	if f.kind == "acknowledged-twice" {
		need(before.said != nil && after.said != nil, nothing)
		need(before.said.jti == after.said.jti && before.said.delegation == after.said.delegation, nothing)
		return
	}
	if f.kind == "prekey-twice" {
		one, two := before.prekeys, after.prekeys
		need(one != nil && two != nil && !one.isBundle && !two.isBundle && one.delegation == two.delegation, nothing)
		need(one.count > 0 && two.count > 0 && one.first < two.first+two.count && two.first < one.first+one.count, nothing)
		return
	}
	if f.kind == "broken-prekeys" {
		i, j := first.index, second.index
		if i > j {
			i, j = j, i
		}
		need(isBrokenPrekeys(before.prekeys, after.prekeys, int64(i), int64(j)), nothing)
		return
	}
	if f.kind == "false-acknowledgement" {
		judgeFalseAcknowledgement(before, after)
		return
	}
	need(before.kind == "relay/envelope/v2" && after.kind == "relay/envelope/v2", nothing)
	one, two := before.heads[0], after.heads[0]
	switch f.kind {
	case "logged-twice":
		need(one.jti == two.jti, nothing)
	case "broken-order":
		need(one.stream == two.stream && two.sequence < one.sequence, nothing)
	case "broken-chain":
		need(one.stream == two.stream && one.sequence+1 == two.sequence && !bytes.Equal(two.previous, one.digest[:]), nothing)
	}
}

// What comes after an acknowledgement was not there for it, nor was anything that follows that in its stream.
func judgeFalseAcknowledgement(before, after *entry) {
	if before.said != nil && after.kind == "relay/envelope/v2" {
		need(before.said.stream == after.heads[0].stream && after.heads[0].sequence <= before.said.sequence, nothing)
		return
	}
	need(before.kind == "relay/envelope/v2" && after.said != nil, nothing)
	envelope, said := before.heads[0], after.said
	isAddressed := false
	for _, name := range envelope.audience {
		isAddressed = isAddressed || name == said.delegation
	}
	need(envelope.jti == said.jti && !(isAddressed && bytes.Equal(envelope.digest[:], said.digest)), nothing)
}

// What an identity key of the document that the entry names has to have signed.
func (f file) judgeForged(said *statement, policy tlog.Hash, in inputs) {
	need(said != nil, nothing)
	found := f.findDocument(policy, in)
	if found.Negotiation != said.negotiation || found.Delegations[said.delegation] == nil {
		return
	}
	for _, one := range keysOf(found.Delegations[said.delegation].IdentityKeys, func(kid string) bool { return kid == said.kid }) {
		need(!one.verify("ES256", said.signed, said.signature), nothing)
		return
	}
}

func (f file) judgeEntry(in inputs) {
	one := f.trees[0].leaves[0]
	read := one.read()
	var heads []head
	var said, keys *statement
	var policy tlog.Hash
	if read != nil {
		heads, policy = read.heads, read.policy
		if read.said != nil {
			said = &read.said.statement
		}
		if read.prekeys != nil {
			keys = &read.prekeys.statement
		}
	}
	switch f.kind {
	case "unreadable-entry":
		need(read == nil, nothing)
	case "late-entry":
		need(read != nil && read.at > f.trees[0].certificate.exp*1000, nothing)
	case "foreign-entry":
		negotiation := f.origin[strings.LastIndex(f.origin, "/")+1:]
		for _, head := range heads {
			if head.negotiation != negotiation {
				return
			}
		}
		need(said != nil && said.negotiation != negotiation || keys != nil && keys.negotiation != negotiation, nothing)
	case "forged-acknowledgement":
		f.judgeForged(said, policy, in)
	case "forged-prekeys":
		f.judgeForged(keys, policy, in)
	case "false-evidence":
		f.judgeFalseEvidence(one, read)
	case "accusation":
		f.judgeAccusation(read, in)
	case "wrong-wrap":
		f.judgeWrap(read, in)
	default:
		if f.kind == "forbidden-entry" && keys != nil && !read.prekeys.isBundle {
			claim := head{negotiation: keys.negotiation, sender: keys.delegation, audience: []string{read.prekeys.delegation}}
			f.findDocument(policy, in).judgeRoute(claim)
			return
		}
		open := nothing
		for _, head := range heads {
			code := attempt(func() { f.judgeHead(head, in, f.kind == "no-quorum") })
			if code == "None" {
				return
			}
			if standing(code) == "not judged" && open == nothing {
				open = code
			}
		}
		panic(open)
	}
}

func (f file) judgeFalseEvidence(one leaf, read *entry) {
	if read == nil && f.root == nil && bytes.HasPrefix(one.entry, []byte("relay/evidence/v2\n")) {
		return
	}
	need(read != nil && read.shows == "fork-seen" && f.root != nil, nothing)
	came := read.heads[0]
	need(*f.root == *came.seenRoot && came.seenSize <= one.index, nothing)
	need(isConsistent(came.seenSize, *f.root, f.proof, f.trees[0].checkpoint), "NotConsistent")
}

func (f file) judgeAccusation(read *entry, in inputs) {
	need(read != nil && read.kind == "relay/evidence/v2", nothing)
	open := fault("None")
	for _, head := range read.heads {
		for _, quorum := range []bool{false, true} {
			code := attempt(func() { f.judgeHead(head, in, quorum) })
			need(code != "None", nothing)
			if standing(code) == "not judged" && open == "None" {
				open = code
			}
		}
	}
	need(open == "None", open)
}

type document struct {
	Negotiation string
	Delegations map[string]*struct {
		EncryptionKeys, IdentityKeys []jwk
	}
	Mediators map[string]struct {
		Key    string
		Weight int64
	}
	Quorum int64
	Routes *[]struct {
		From string
		To   []string
	}
}

// Ends without a fault when the head must not be there: by its quorum, or by whom it is for.
func (f file) judgeHead(read head, in inputs, quorum bool) {
	found := f.findDocument(read.policy, in)
	if quorum {
		found.judgeQuorum(read, in)
	} else {
		found.judgeRoute(read)
	}
}

func (f file) findDocument(policy tlog.Hash, in inputs) (found document) {
	var source []byte
	for _, one := range append(in.documents[:len(in.documents):len(in.documents)], f.document) {
		if source == nil && sha256.Sum256(one) == policy {
			source = one
		}
	}
	need(source != nil, "NoDocument")
	_, err := parseJSON(source, 256)
	need(err == nil && json.Unmarshal(source, &found) == nil && found.Delegations != nil && found.Mediators != nil, "UnreadableDocument")
	return found
}

func (d document) mayAddress(from, to string) bool {
	if d.Delegations[from] == nil || d.Delegations[to] == nil {
		return false
	}
	if d.Routes == nil {
		return true
	}
	for _, route := range *d.Routes {
		for _, target := range route.To {
			if route.From == from && target == to {
				return true
			}
		}
	}
	return false
}

func (d document) judgeRoute(read head) {
	if d.Negotiation != read.negotiation {
		return
	}
	for _, name := range read.audience {
		if !d.mayAddress(read.sender, name) {
			return
		}
	}
	panic(nothing)
}

func (d document) judgeQuorum(read head, in inputs) {
	counted, keys, missing := map[string]bool{}, map[string]bool{}, map[string]int64{}
	weight, last, isSorted, isIdle := int64(0), "", true, false
	for _, one := range read.signatures {
		name := ""
		for mediator, member := range d.Mediators {
			if strings.EqualFold(member.Key, vaultKey(one.kid)) {
				name = mediator
			}
		}
		if name == "" {
			isIdle = true
			continue
		}
		isSorted, last = isSorted && last <= name, name
		known := find(in.mediatorKeys, one.kid)
		if known == nil || !known.isOfTime(read.at) {
			missing[name] = d.Mediators[name].Weight
			continue
		}
		point := known.x + known.n
		if !known.verify(one.alg, one.signed, one.value) || counted[name] || keys[point] {
			isIdle = true
			continue
		}
		counted[name], keys[point] = true, true
		weight += d.Mediators[name].Weight
	}
	if !isSorted || isIdle {
		return
	}
	more := int64(0)
	for name, own := range missing {
		if !counted[name] {
			more += own
		}
	}
	if weight < d.Quorum && (more == 0 || weight+more < d.Quorum) {
		return
	}
	need(len(missing) == 0, "UnknownMediatorKey")
	panic(nothing)
}

func standing(code fault) string {
	switch code {
	case "None":
		return "proved"
	case "UnknownRelayKey", "UnknownEntryKind", "NoDocument", "UnreadableDocument", "UnknownMediatorKey", "UnknownRecipientKey":
		return "not judged"
	}
	return "not proved"
}

type jwk struct {
	Kid, Kty, Crv, X, Y, N, E string
	Nbf, Exp, Compromised     *int64
}

func keysOf(list []jwk, keep func(kid string) bool) (keys []key) {
	for _, one := range list {
		if keep(one.Kid) {
			keys = append(keys, key{one.Kid, one.Kty, one.Crv, one.X, one.Y, one.N, one.E, one.Nbf, one.Exp, one.Compromised})
		}
	}
	return keys
}

func read(path string, into any) []byte {
	source, err := os.ReadFile(path)
	if err == nil && into != nil {
		err = json.Unmarshal(source, into)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return source
}

func runVectors(path string) int {
	var published struct {
		RelayKeys, MediatorKeys []jwk
		Documents               []string
		Vectors                 []struct {
			Name, Fault, Text, Bytes string
			Accept                   bool
			Without                  []string
		}
	}
	read(path, &published)
	wrong := 0
	for _, vector := range published.Vectors {
		without := " " + strings.Join(vector.Without, " ") + " "
		has := func(name string) bool { return !strings.Contains(without, " "+name+" ") }
		mediator := regexp.MustCompile(`/mediator-([a-z]+)/`)
		in := inputs{
			relayKeys:    keysOf(published.RelayKeys, func(string) bool { return has("relay") }),
			mediatorKeys: keysOf(published.MediatorKeys, func(kid string) bool { return has(mediator.FindStringSubmatch(kid)[1]) }),
		}
		for _, one := range published.Documents {
			if has("document") {
				in.documents = append(in.documents, []byte(one))
			}
		}
		source := []byte(vector.Text)
		if vector.Bytes != "" {
			source, _ = base64.StdEncoding.DecodeString(vector.Bytes)
		}
		expected := fault(vector.Fault)
		if vector.Accept {
			expected = "None"
		}
		if found := judge(source, in); found != expected {
			wrong++
			fmt.Printf("%s: expected %s, got %s\n", vector.Name, expected, found)
		}
	}
	fmt.Printf("%d vectors, %d judged otherwise\n", len(published.Vectors), wrong)
	if wrong > 0 {
		return 1
	}
	return 0
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "vectors" {
		os.Exit(runVectors(os.Args[2]))
	}
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "expected: vectors <evidence.json>, or <file> <keys.json> [<document>]")
		os.Exit(2)
	}
	var set struct{ Keys []jwk }
	read(os.Args[2], &set)
	isRelay := func(kid string) bool { return strings.Contains(kid, "/keys/relay-checkpoint/") }
	// A version of the relay's key that was withdrawn as compromised accuses nobody.
	var trusted []jwk
	for _, one := range set.Keys {
		if !isRelay(one.Kid) || one.Compromised == nil {
			trusted = append(trusted, one)
		}
	}
	in := inputs{relayKeys: keysOf(trusted, isRelay), mediatorKeys: keysOf(set.Keys, func(kid string) bool { return !isRelay(kid) })}
	if len(os.Args) > 3 {
		in.documents = [][]byte{read(os.Args[3], nil)}
	}
	source := read(os.Args[1], nil)
	code := judge(source, in)
	if code == "None" {
		fmt.Println("proved", parseEvidence(source).kind)
		return
	}
	fmt.Println(standing(code), code)
	os.Exit(map[string]int{"not proved": 1, "not judged": 2}[standing(code)])
}
