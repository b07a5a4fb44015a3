// How the text of an evidence file is written so that nothing stands in it twice (src/Relay.Protocol/README.md, "Folded").
import { base64, base64url, decimal } from "./formats.mjs";

const [longWord, most] = [32, 524288];
const refuse = (message) => { throw new SyntaxError(message); };
export const isText = (bytes) => /^[ -~\n]*$/.test(bytes.toString("latin1"));

function sayer(word) {
  for (const [mark, decode] of [["=", base64], ["~", base64url]]) {
    const said = decode(word)?.toString("latin1");
    if (said !== undefined && /^[!-~]+$/.test(said)) return mark + said;
  }
  return null;
}
const eachWord = (text, change) => text.split("\n").map((line) => line.split(" ").map(change).join(" ")).join("\n");

export function fold(text) {
  const numbers = new Map();
  return eachWord(text, (word) => {
    if (word.length >= longWord) {
      if (numbers.has(word)) return `*${numbers.get(word)}`;
      numbers.set(word, numbers.size);
      const said = sayer(word);
      if (said !== null) return said;
    }
    return /^[*=~']/.test(word) ? `'${word}` : word;
  });
}

// The text of which this is the folded form; a SyntaxError when it is that of none.
export function unfold(folded) {
  if (!/^[ -~\n]*\n$/.test(folded)) refuse("printable ASCII in lines");
  const known = [];
  let length = -1;
  const text = eachWord(folded, (word) => {
    const rest = word.slice(1);
    let plain = word;
    if (word[0] === "*") plain = known[decimal(rest) ?? refuse("a number")] ?? refuse("a number of a word");
    else if (word[0] === "=") plain = Buffer.from(rest, "latin1").toString("base64");
    else if (word[0] === "~") plain = Buffer.from(rest, "latin1").toString("base64url");
    else if (word[0] === "'") plain = rest;
    length += plain.length + 1;
    if (length > most) refuse("length in full");
    if (plain.length >= longWord && word[0] !== "*") known.push(plain);
    return plain;
  });
  if (fold(text) !== folded) refuse("another form of the same text");
  return text;
}
