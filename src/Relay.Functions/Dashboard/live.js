// Server-sent events over fetch, since EventSource sends no access token (HTML Living Standard, section 9.2.6).
export async function* serverEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let [rest, event] = ["", { name: "message", data: [] }];
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        if (line === "") {
          if (event.data.length > 0) yield { ...event, data: event.data.join("\n") };
          event = { name: "message", data: [] };
          continue;
        }
        const colon = line.indexOf(":");
        const [field, text] = colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
        if (field === "data") event.data.push(text);
        else if (field === "event") event.name = text;
        else if (field === "id") event.id = text;
        else if (field === "retry" && /^\d+$/.test(text)) yield { name: "retry", data: text };
        // A comment says that the stream lives.
        else if (field === "") yield { name: "alive", data: "" };
      }
    }
  } finally { reader.cancel().catch(() => {}); }
}

// Holds a stream open for as long as it is wanted, and says when there is none, so that somebody asks instead.
export class LiveStream {
  // open(lastId, signal) answers a response; take(data) gets each event; changed(isLive, why) hears whether there is a stream.
  constructor({ open, take, changed, quietFor = 40_000, againAfter = 5_000 }) {
    Object.assign(this, { open, take, changed, quietFor, againAfter });
    this.ending = null;
    this.lastId = null;
  }

  start() {
    if (this.ending) return;
    this.ending = new AbortController();
    this.run(this.ending.signal);
  }

  stop() {
    this.ending?.abort();
    this.ending = null;
  }

  async run(signal) {
    while (!signal.aborted) {
      let pause = this.againAfter;
      try { pause = await this.follow(signal); } catch (error) { if (!signal.aborted) this.changed(false, error.message); }
      if (!signal.aborted) await new Promise((go) => { const timer = setTimeout(go, pause); signal.addEventListener("abort", () => { clearTimeout(timer); go(); }, { once: true }); });
    }
  }

  // One stream to its end; how long to wait before the next.
  async follow(signal) {
    const quiet = new AbortController();
    const end = () => quiet.abort();
    signal.addEventListener("abort", end, { once: true });
    let timer = setTimeout(end, this.quietFor);
    let pause = this.againAfter;
    try {
      const answer = await this.open(this.lastId, quiet.signal);
      for await (const event of serverEvents(answer.body)) {
        clearTimeout(timer);
        timer = setTimeout(end, this.quietFor);
        if (event.name === "retry") pause = Number(event.data);
        this.changed(true);
        if (event.id) this.lastId = event.id;
        if (event.name === "stats") this.take(JSON.parse(event.data));
      }
      return pause;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      quiet.abort();
    }
  }
}
