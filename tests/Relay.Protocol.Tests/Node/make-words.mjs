// Vectors of how an evidence file is folded: what stands in it twice, what else it could be written as, and lines that are cut, doubled or exchanged.
import { sha256 } from "./formats.mjs";
import { b64, b64url, documentLines, entryOf, evidenceFile, filler, fullFile, headOf, noteOf, checkpointOf, treeLines, certificateOf, start } from "./relay.mjs";
import { unfold } from "./words.mjs";

export function words(put, e1, lie) {
  const tree = filler(9, { 4: "x" });
  const bare = treeLines(tree, []);
  const entry = (content) => evidenceFile("unreadable-entry", treeLines(filler(9, { 4: content }), [4]));
  const [z, text] = ["z".repeat(31), "{\"a\":\"a_text_without_spaces!\"}"];

  // Whatever a word is, it has a form of its own.
  for (const [name, content] of [
    ["a word of 31 characters twice", `${z} ${z}`], ["a word of 32 characters twice", `${z}z ${z}z`], ["a word twice in two lines", `${z}zz\n${z}zz\n`], ["a word with a mark", "*1 =a ~a 'a * = ~ '"], ["a long word with each mark", `*${z} =${z} ~${z} '${z}`],
    ["a long word with each mark twice", `*${z} =${z} ~${z} '${z} *${z} =${z} ~${z} '${z}`], ["a mark within", `a*1 a=a a~a a'a ${z}*1`], ["text in base64", b64(text)], ["text in base64 twice", `${b64(text)} ${b64(text)}`], ["text in base64url", b64url(`${text}~`)],
    ["text in base64 of text in base64", b64(b64(text))], ["short text in base64", b64("{\"a\":\"b\"}")], ["text with a space in base64", b64(`${text} x`)], ["text with a newline in base64", b64(`${text}\n`)], ["text past ASCII in base64", b64(`${text}\u00e9`)],
    ["text in base64 with spare bits", b64(`${text}aa`).replace(/.==?$/, (end) => `f${end.slice(1)}`)], ["text in base64 with a mark first", b64(`*${text}`)], ["spaces", "  a   b  "], ["spaces alone", "   "], ["newlines alone", "\n\n\n"], ["no last newline", "a\nb"],
    ["a line as of a file", `leaf 4\ntree 9\ndocument\n${b64(sha256("x"))}\n`], ["a long word that a reference was", `${z}zz *0 ${z}zz`], ["the words of the file", bare.trimEnd()],
  ]) put("None", `words: ${name}`, entry(content));
  for (const [name, content] of [["a tab", "a\tb"], ["a carriage return", "a\r\nb"], ["a delete", "a\u007f"], ["a null", "a\u0000"], ["UTF-8", "\u00e9"], ["an escape", "\u001b[0m"]]) put("None", `words: ${name} in base64`, entry(content));

  // The same text in another form.
  const fork = evidenceFile("fork", treeLines(filler(5), []), treeLines(filler(5, { 0: "y" }), []));
  const full = fullFile("fork", treeLines(filler(5), []), treeLines(filler(5, { 0: "y" }), []));
  const [header, payload, signature] = certificateOf().split(".");
  const said = (part) => ["=", "~"].map((mark) => mark + Buffer.from(part, "base64url").toString("latin1")).find((word) => fork.includes(word));
  const two = (...content) => evidenceFile("unreadable-entry", treeLines(filler(9, { 4: content.join(" ") }), [4]));
  for (const [name, file] of [
    ["in full", full], ["a certificate in full the second time", fork.replace(/\*\d+ \*\d+ \*\d+\n$/, `${fork.match(/ ([=~]\S+ [=~]\S+ \S+)\n/)[1]}\n`)], ["a header in base64url", fork.replace(said(header), header)], ["a payload in base64url", fork.replace(said(payload), payload)],
    ["a number that comes later", fork.replace(/\*(\d+)\n$/, "*99\n")], ["a number of another word", fork.replace(/\*(\d+)\n$/, "*0\n")], ["a number with a zero", fork.replace(/\*(\d+)\n$/, "*0$1\n")], ["a number below 0", fork.replace(/\*\d+\n$/, "*-1\n")], ["no number", fork.replace(/\*\d+\n$/, "*\n")],
    ["a number with a sign", fork.replace(/\*(\d+)\n$/, "*+$1\n")], ["a number past 2^64", fork.replace(/\*(\d+)\n$/, "*18446744073709551616\n")], ["a signature behind a mark", fork.replace(signature, `'${signature}`)], ["the first word by a number", fork.replace(/tree 5 \S+/, "tree 5 *0")],
    ["a word of 32 characters in full twice", two(`${z}z`, `${z}z`).replace(/\*\d+/, `${z}z`)], ["a mark without one before it", two("'a").replace("''a", "'a")], ["two marks", two("a").replace(/\n a\n/, "\n 'a\n")],
    ["text left in base64", two(b64(text)).replace(`=${text}`, b64(text))], ["text in base64url for base64", two(b64(text)).replace(`=${text}`, `~${text}`)], ["short text", two(b64("{\"a\":\"b\"}")).replace(b64("{\"a\":\"b\"}"), "={\"a\":\"b\"}")],
    ["text of nothing", two("a").replace(/\n a\n/, "\n =\n")], ["text of bytes", two(b64(`${text}\u0001`)).replace(b64(`${text}\u0001`), `=${text}\u0001`)], ["a tab for a space", fork.replace("tree 5", "tree\t5")], ["two spaces", fork.replace("tree 5", "tree  5")], ["a space at the end", fork.replace(/\n$/, " \n")],
    ["past ASCII", fork.replace("tree", "tre\u00e9")], ["a byte order mark", `\ufeff${fork}`], ["a null", fork.replace("tree", "tr\u0000e")], ["another first line by a number", fork.replace(/^.*\n/, "*0\n")],
  ]) put("Malformed", `words: ${name}`, file);

  put("NotIncluded", "words: a word of 31 characters by the number of another", two(z, z).replace(`${z} ${z}`, `${z} *4`));

  put("NotIncluded", "words: text in base64 for base64url", two(b64url(`${text}~`)).replace(/\n ~(\{.*)/, "\n =$1"));

  // What is short in the file and long in full: as long as a file may be, and longer.
  const quorum = (content) => evidenceFile("no-quorum", treeLines(filler(9, { 4: entryOf(headOf(), { mediators: ["qatar"] }) }), [4]), documentLines(content));
  const repeated = `${"q".repeat(15999)} `.repeat(33);
  const room = 524288 - unfold(quorum("")).length;
  put("None", "words: 524,288 bytes in full", quorum(repeated.slice(0, room)));
  put("Malformed", "words: 524,289 bytes in full", quorum(repeated.slice(0, room + 1)));
  put("Malformed", "words: a thousand times a word of 15,999 bytes", quorum(repeated.repeat(30)));

  // Each line of a file cut, doubled, exchanged with the next.
  const heavy = evidenceFile("no-quorum", treeLines(filler(9, { 4: entryOf(headOf({ iat: start + 1 }), { mediators: ["oman", "swiss"] }) }), [4]), documentLines("x"));
  const pair = evidenceFile("logged-twice", treeLines(filler(9, { 3: e1 }), [3]), treeLines(filler(9, { 5: e1 }), [5], { note: noteOf(checkpointOf(filler(9, { 5: e1 }))) }));
  for (const [name, file] of [["no-quorum", heavy], ["logged-twice", pair], ["no-quorum alone", lie]]) {
    const lines = file.split("\n").slice(0, -1);
    const whole = (list) => list.map((line) => `${line}\n`).join("");
    for (let i = 0; i < lines.length; i++) {
      put(undefined, `lines: ${name} without line ${i + 1}`, whole(lines.filter((_, j) => j !== i)));
      put(undefined, `lines: ${name} with line ${i + 1} twice`, whole(lines.flatMap((line, j) => (j === i ? [line, line] : [line]))));
      if (i + 1 < lines.length && lines[i] !== lines[i + 1]) put(undefined, `lines: ${name} with line ${i + 2} before line ${i + 1}`, whole(lines.map((line, j) => (j === i ? lines[i + 1] : j === i + 1 ? lines[i] : line))));
    }
  }
}
