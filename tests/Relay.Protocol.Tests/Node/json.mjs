// Strict JSON, written from src/Relay.Protocol/README.md ("JSON is read strictly") and RFC 8259: UTF-8 without byte order mark, every member once and without escapes in its
// name, at most 16 levels, nothing after the end. A forward reader, because which fault is told first depends on the order of the bytes.
export class Fault extends Error {
  constructor(code, message = code) {
    super(message);
    this.code = code;
  }
}
const escapes = { b: 8, f: 12, n: 10, r: 13, t: 9 };
const isDigit = (c) => c >= 48 && c <= 57;

export class JsonReader {
  // codes: what to throw for { syntax, duplicate, complex }.
  constructor(bytes, codes, maxMembers = 64) {
    Object.assign(this, { bytes, codes, maxMembers, at: 0, frames: [], expect: "value" });
    if (!Buffer.from(bytes.toString("utf8"), "utf8").equals(bytes)) this.syntax();
  }
  syntax() { throw new Fault(this.codes.syntax, `byte ${this.at}`); }
  space() { while (this.at < this.bytes.length && [32, 9, 13, 10].includes(this.bytes[this.at])) this.at++; }
  // Moves to the next token: { type, value (Buffer), escaped }.
  read() {
    for (;;) {
      this.space();
      if (this.at === this.bytes.length) {
        if (this.expect !== "nothing") this.syntax();
        return (this.token = { type: "end" });
      }
      const c = this.bytes[this.at];
      const frame = this.frames.at(-1);
      if (this.expect === "value") return this.value(c);
      if (this.expect === "firstElement") return c === 93 ? this.close("]") : this.value(c);
      if (this.expect === "firstName") return c === 125 ? this.close("}") : this.name(c);
      if (this.expect === "name") return this.name(c);
      if (this.expect === "nothing") this.syntax();
      if (c === (frame === null ? 93 : 125)) return this.close(frame === null ? "]" : "}");
      if (c !== 44) this.syntax();
      this.at++;
      this.expect = frame === null ? "value" : "name";
    }
  }
  after() { this.expect = this.frames.length === 0 ? "nothing" : "separator"; return this.token; }
  open(type, frame, expect) {
    if (this.frames.length === 16) throw new Fault(this.codes.complex, "depth");
    this.frames.push(frame);
    this.at++;
    this.expect = expect;
    return (this.token = { type });
  }
  close(type) {
    this.frames.pop();
    this.at++;
    this.token = { type };
    return this.after();
  }
  value(c) {
    if (c === 123) return this.open("{", new Set(), "firstName");
    if (c === 91) return this.open("[", null, "firstElement");
    if (c === 34) { this.token = { type: "string", ...this.string() }; return this.after(); }
    for (const word of ["true", "false", "null"]) {
      if (this.bytes.subarray(this.at, this.at + word.length).toString("latin1") !== word) continue;
      this.at += word.length;
      this.token = { type: word };
      return this.after();
    }
    if (c !== 45 && !isDigit(c)) this.syntax();
    return this.number();
  }
  name(c) {
    if (c !== 34) this.syntax();
    const { value, escaped } = this.string();
    if (escaped) this.syntax();
    const names = this.frames.at(-1);
    const text = value.toString("latin1");
    if (names.has(text)) throw new Fault(this.codes.duplicate, text);
    if (names.size === this.maxMembers) throw new Fault(this.codes.complex, "members");
    names.add(text);
    this.space();
    if (this.bytes[this.at] !== 58) this.syntax();
    this.at++;
    this.expect = "value";
    return (this.token = { type: "name", value, text });
  }
  string() {
    const start = ++this.at;
    let escaped = false;
    for (;; this.at++) {
      const c = this.bytes[this.at];
      if (c === undefined || c < 32) this.syntax();
      if (c === 34) break;
      if (c !== 92) continue;
      escaped = true;
      this.escape();
      this.at--;
    }
    const value = this.bytes.subarray(start, this.at++);
    return { value, escaped };
  }
  escape() {
    const c = String.fromCharCode(this.bytes[++this.at] ?? 0);
    if (!'"\\/bfnrtu'.includes(c)) this.syntax();
    this.at++;
    if (c !== "u") return;
    const code = this.hex();
    if (code < 0xd800 || code > 0xdfff) return;
    if (code > 0xdbff || this.bytes[this.at] !== 92 || this.bytes[this.at + 1] !== 117) this.syntax();
    this.at += 2;
    const low = this.hex();
    if (low < 0xdc00 || low > 0xdfff) this.syntax();
  }
  hex() {
    const digits = this.bytes.subarray(this.at, this.at + 4).toString("latin1");
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.syntax();
    this.at += 4;
    return parseInt(digits, 16);
  }
  digits() {
    const start = this.at;
    while (isDigit(this.bytes[this.at])) this.at++;
    if (this.at === start) this.syntax();
  }
  number() {
    const start = this.at;
    if (this.bytes[this.at] === 45) this.at++;
    if (this.bytes[this.at] === 48) this.at++;
    else this.digits();
    if (this.bytes[this.at] === 46) { this.at++; this.digits(); }
    if (this.bytes[this.at] === 101 || this.bytes[this.at] === 69) {
      this.at++;
      if (this.bytes[this.at] === 43 || this.bytes[this.at] === 45) this.at++;
      this.digits();
    }
    this.token = { type: "number", value: this.bytes.subarray(start, this.at) };
    return this.after();
  }
  skip() {
    if (this.token.type !== "{" && this.token.type !== "[") return;
    for (const outer = this.frames.length - 1; this.frames.length > outer;) this.read();
  }
  // The string as ASCII, its escapes undone; null when it is none, or longer than that.
  ascii(longest = Infinity) {
    if (this.token.type !== "string") return null;
    let text = "";
    for (let i = 0; i < this.token.value.length; i++) {
      let c = this.token.value[i];
      if (c === 92) {
        const e = String.fromCharCode(this.token.value[++i]);
        c = escapes[e] ?? e.charCodeAt(0);
        if (e === "u") { c = parseInt(this.token.value.subarray(i + 1, i + 5).toString("latin1"), 16); i += 4; }
      }
      if (c > 127 || text.length === longest) return null;
      text += String.fromCharCode(c);
    }
    return text;
  }
  // A plain integer that is not negative, of at most 16 digits; null when it is none.
  integer() {
    const text = this.token.type === "number" ? this.token.value.toString("latin1") : "";
    return /^[0-9]{1,16}$/.test(text) ? BigInt(text) : null;
  }
}

// A whole text as values of the platform, strictly; object members keep their order.
export function parseJson(bytes, code, maxBytes = Infinity, maxMembers = 256) {
  if (bytes.length > maxBytes) throw new Fault(code, "length");
  const reader = new JsonReader(bytes, { syntax: code, duplicate: code, complex: code }, maxMembers);
  while (reader.read().type !== "end");
  return JSON.parse(bytes.toString("utf8"));
}
