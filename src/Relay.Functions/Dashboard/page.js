// The page: asks, has proof.js verify, and shows. What is taken from entries that were verified here stands as it is; what only the relay says is called that.
const $ = (id) => document.getElementById(id);
const make = (tag, text, more = {}) => Object.assign(document.createElement(tag), text === undefined ? more : { textContent: text, ...more });
const stored = (name) => { try { return sessionStorage.getItem(name); } catch { return null; } };
const store = (name, value) => { try { sessionStorage.setItem(name, value); } catch { /* A tab without storage asks again. */ } };
const kept = (name) => { try { return JSON.parse(localStorage.getItem(name)) ?? {}; } catch { return {}; } };
const keep = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* Then it is asked again. */ } };
const feedLength = 50;
const state = { proof: null, negotiation: "", keys: JSON.parse(stored("keys") ?? "null"), paused: false, timer: 0, round: 0, signals: null };

class Refused extends Error {}
async function ask(path) {
  const token = stored("token");
  const answer = await fetch(path, { cache: "no-cache", credentials: "same-origin", headers: token ? { Authorization: `Bearer ${token}` } : {} });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(`the relay answers ${answer.status}${problem.detail ? `: ${problem.detail}` : ""}`);
}
const base = () => `negotiations/${state.negotiation}/`;
const bytesOf = async (path) => new Uint8Array(await (await ask(base() + path)).arrayBuffer());

async function round() {
  clearTimeout(state.timer);
  const mine = ++state.round;
  try {
    const answer = await ask(`${base()}checkpoint`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const checkpoint = await state.proof.update(bytes, answer.headers.get("Relay-Checkpoint-Key") ?? "");
    const signals = await (await ask(`${base()}signals?window=${$("window").value}`)).json();
    if (mine !== state.round) return;
    state.signals = signals.data;
    mark(checkpoint);
    show(checkpoint);
  } catch (error) {
    if (mine !== state.round) return;
    if (error instanceof Wrong) say("bad", `Does not hold${error.index === undefined ? "" : ` at entry ${error.index}`}: ${error.message}`);
    else say("open", `Not now: ${error.message}`);
    if (state.proof.checkpoint) show(state.proof.checkpoint);
  }
  if (!state.paused) state.timer = setTimeout(round, Number($("interval").value) * 1000);
}
function say(kind, text) {
  const line = $("proof");
  if (line.textContent === text && line.classList.contains(kind)) return;
  line.className = `mark ${kind}`;
  line.textContent = text;
}
function mark(checkpoint) {
  const { untold, entries } = state.proof;
  const all = `${entries.length} entries hash to the signed root`;
  if (!checkpoint.isKnown) say("open", `${all}; who signed it cannot be told here without keys.`);
  else if (untold > 0) say("open", `Verified here: ${all}; of ${untold} the keys are not all at hand.`);
  else say("good", `Verified here: ${all}, checkpoint and every quorum are signed as they should be.`);
}

const time = (at) => new Date(at).toISOString().replace("T", " ").slice(0, 19);
const ago = (at) => { const s = Math.max(0, (Date.now() - at) / 1000); return s < 120 ? `${s.toFixed(0)} s ago` : s < 7200 ? `${(s / 60).toFixed(0)} min ago` : s < 172800 ? `${(s / 3600).toFixed(0)} h ago` : `${(s / 86400).toFixed(0)} d ago`; };
const figure = (value, digits = 2) => value === null || value === undefined ? "–" : Number(value).toFixed(digits);
const spread = (value) => value ? `${figure(value.median, 1)} / ${figure(value.p90, 1)}` : "–";
function table(id, columns, rows, empty) {
  const head = make("tr");
  columns.forEach(([name, isNumber]) => head.append(make("th", name, { scope: "col", className: isNumber ? "n" : "" })));
  const body = make("tbody");
  rows.forEach((cells) => {
    const row = make("tr");
    cells.forEach((cell, i) => {
      const td = make("td", cell instanceof Node ? undefined : String(cell), { className: columns[i][1] ? "n" : "" });
      if (cell instanceof Node) td.append(cell);
      row.append(td);
    });
    body.append(row);
  });
  if (rows.length === 0) { const row = make("tr"); row.append(make("td", empty, { colSpan: columns.length })); body.append(row); }
  const header = make("thead");
  header.append(head);
  $(id).replaceChildren(header, body);
}

function show(checkpoint) {
  $("title").textContent = state.negotiation;
  document.title = `Relay ${state.negotiation}`;
  const { entries, documents } = state.proof;
  const since = Date.now() - Number($("window").value) * 1000;
  const envelopes = entries.filter((entry) => entry.kind === "relay/envelope/v2");
  const within = envelopes.filter((entry) => entry.at > since);
  const policy = entries.findLast((entry) => entry.kind === "relay/policy/v1");
  const mode = entries.findLast((entry) => entry.kind === "relay/mode/v1")?.mode ?? documents.get(policy?.policy)?.mode ?? "open";
  const weights = within.map((entry) => entry.head.proof);
  const list = [
    ["Mode", mode],
    ["Entries", checkpoint.size],
    ["Newest entry", entries.length ? ago(entries.at(-1).at) : "–"],
    ["Envelopes in the window", within.length],
    ["Quorum", weights.length ? `${Math.min(...weights.map((w) => w.weight + w.untold))} of ${weights.at(-1).quorum} at least` : "–"],
    ["Accepted p50 / p99 after it was due", pair(within.map((entry) => (entry.at - entry.head.due * 1000) / 1000))],
    ["Opened / refused in the window", answered(entries, since)],
    ["Contradictions", entries.filter((entry) => entry.kind === "relay/evidence/v2").length],
    ["Root", toBase64url(checkpoint.root)],
    ["Signed by", checkpoint.signedBy],
  ];
  $("now").replaceChildren(...list.flatMap(([name, value]) => { const box = make("div"); box.append(make("dt", name), make("dd", String(value))); return [box]; }));
  plot(within, since);
  const signals = state.signals;
  if (signals) figures(signals, within);
  vault();
  feed();
}

const pair = (values) => {
  if (values.length === 0) return "–";
  const sorted = values.sort((a, b) => a - b);
  // Between two values in proportion, as the signals' quantiles are.
  const quantile = (p) => { const place = p * (sorted.length - 1), low = Math.floor(place); return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]); };
  return [0.5, 0.99].map((p) => `${figure(quantile(p), 1)} s`).join(" / ");
};
function answered(entries, since) {
  const said = entries.filter((entry) => entry.said && entry.at > since);
  const opened = said.filter((entry) => entry.said.state === "opened").length;
  return `${opened} / ${said.length - opened}`;
}
// What counts, for how much longer. Days are whole ones that are left.
function vault() {
  const now = Date.now() / 1000;
  const rows = (state.keys?.keys ?? []).map((jwk) => {
    const isPast = jwk.exp !== undefined && jwk.exp <= now;
    const standing = jwk.compromised !== undefined ? "withdrawn" : isPast ? "expired" : (jwk.nbf ?? 0) > now ? "not yet" : "in its time";
    return [jwk.kid, standing, jwk.exp === undefined ? "no end" : isPast ? "0" : Math.floor((jwk.exp - now) / 86400)];
  });
  table("vault", [["Key"], ["Standing"], ["Days left", true]], rows, "None: choose the file that 'relay keys export' writes.");
}
// What somebody has acknowledged, or put on hold, with a note, stands apart: nothing left to look at means that there is nothing.
function alarmed(all) {
  const place = `notes ${state.negotiation}`;
  const notes = kept(place);
  const decide = (text, standing) => {
    if (standing) notes[text] = { standing, note: $("note").value.trim(), at: Date.now() };
    else delete notes[text];
    $("note").value = "";
    keep(place, notes);
    alarmed(all);
    $("note").focus();
  };
  const button = (name, text, standing) => make("button", name, { type: "button", ariaLabel: `${name}: ${text}`, onclick: () => decide(text, standing) });
  const left = all.filter((text) => !notes[text]);
  const items = left.map((text) => { const item = make("li", `${text} `, { className: "open" }); item.append(button("Acknowledge", text, "acknowledged"), " ", button("Hold", text, "on hold")); return item; });
  for (const text of all.filter((text) => notes[text])) {
    const { standing, note, at } = notes[text];
    const item = make("li", `${text} – ${standing} ${time(at)}${note ? `: ${note}` : ""} `);
    item.append(button("Take back", text, null));
    items.push(item);
  }
  if (left.length === 0) items.unshift(make("li", "Nothing that nobody has looked at.", { className: "good" }));
  // Whoever is at one of its buttons stays there while nothing changes.
  const shape = JSON.stringify([all, notes]);
  if ($("alarms").dataset.shape === shape) return;
  $("alarms").dataset.shape = shape;
  $("alarms").replaceChildren(...items);
}

function figures(signals, within) {
  const alarms = [];
  for (const alarm of signals.alarms) alarms.push(`${alarm.sender} is ${alarm.pace} since about ${time(alarm.began)} (entry ${alarm.index})`);
  for (const sender of signals.senders) if (sender.silenceSuspicion >= 2) alarms.push(`${sender.name} has been silent for longer than 99 in 100 of its gaps`);
  for (const mediator of signals.agreement.mediators) if (mediator.credibility < mediator.weight * 0.99) alarms.push(`${mediator.name} has vouched for a contradiction`);
  for (const answer of signals.answers) for (const refused of answer.refused) alarms.push(`${answer.name} refused ${refused.count}: ${refused.reason}`);
  for (const entry of state.proof.entries) if (entry.kind === "relay/evidence/v2") alarms.push(`${entry.shows} in ${entry.head.id} (entry ${entry.index})`);
  alarmed(alarms);
  // What was verified here counts; the relay's count is held against it where both are of the same entries.
  const count = (name) => within.filter((entry) => entry.head.sender === name).length;
  table("senders", [["Sender"], ["Sent, verified", true], ["Relay says", true], ["Per hour", true], ["Burstiness", true], ["Silence (phi)", true], ["Delay p50 / p90, s", true], ["Last"]],
    signals.senders.map((s) => [s.name, count(s.name), s.envelopes, figure(s.rate * 3600), figure(s.burstinessOfFew), figure(s.silenceSuspicion), spread(s.delay), ago(Date.parse(s.lastAt))]), "Nobody has sent anything.");
  table("ways", [["From"], ["To"], ["Sent", true], ["Balance", true], ["Reply p50 / p90, s", true], ["Waits"]],
    signals.directions.map((w) => [w.from, w.to, w.envelopes, figure(w.balance), spread(w.replyLatency), w.waitingSince ? ago(Date.parse(w.waitingSince)) : "–"]), "None.");
  table("answers", [["Addressee"], ["Opened", true], ["Refused", true], ["No answer", true], ["Answer p50 / p90, s", true]],
    signals.answers.map((a) => [a.name, a.opened, a.refused.reduce((sum, r) => sum + r.count, 0), a.unanswered, spread(a.latency)]), "None.");
  table("mediators", [["Mediator"], ["Weight", true], ["Vouched", true], ["Of all", true], ["Credibility", true]],
    signals.agreement.mediators.map((m) => [m.name, figure(m.weight), m.vouched, figure(m.share), figure(m.credibility)]), "None.");
}

// Bars, and the same in words for who does not see them.
function plot(within, since) {
  const bins = new Array(60).fill(0);
  const width = (Date.now() - since) / bins.length;
  for (const entry of within) bins[Math.min(bins.length - 1, Math.max(0, Math.floor((entry.at - since) / width)))]++;
  const most = Math.max(1, ...bins);
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 600 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${within.length} envelopes, at most ${most} in ${(width / 60000).toFixed(1)} minutes`);
  bins.forEach((count, i) => {
    const bar = document.createElementNS(ns, "rect");
    for (const [name, value] of Object.entries({ x: i * 10 + 1, y: 98 - 94 * count / most, width: 8, height: 94 * count / most })) bar.setAttribute(name, value);
    svg.append(bar);
  });
  const ends = make("p", undefined, { className: "ends" });
  ends.append(make("span", time(since)), make("span", "now"));
  $("plot").replaceChildren(svg, ends);
}

function describe(entry) {
  switch (entry.kind) {
    case "relay/envelope/v2": return `${entry.head.id} to ${entry.head.audience.join(", ")}`;
    case "relay/evidence/v2": return `${entry.shows} in ${entry.head.id}`;
    case "relay/acknowledgement/v1": return `${entry.delegation} ${entry.said.state} ${entry.said.jti}${entry.said.reason ? ` (${entry.said.reason})` : ""}`;
    case "relay/mode/v1": return entry.mode;
    case "relay/policy/v1": return `version ${entry.version}, ${entry.policy}`;
    default: return "";
  }
}
function feed() {
  const wanted = $("find").value.trim();
  const found = state.proof.entries.filter((entry) => !wanted || describe(entry).includes(wanted) || entry.head?.digest?.startsWith(wanted)).slice(-feedLength).reverse();
  table("feed", [["Entry", true], ["Accepted"], ["Kind"], ["What"], ["Weight", true], ["Proof"]], found.map((entry) => {
    const proof = entry.head?.proof;
    const receipt = entry.kind === "relay/envelope/v2" ? make("button", "Receipt", { type: "button", ariaLabel: `Save the receipt of ${entry.head.id}`, onclick: () => save(entry.head.id) }) : "";
    return [entry.index, time(entry.at), entry.kind.split("/")[1], describe(entry), proof ? `${proof.weight + proof.untold} of ${proof.quorum}` : "", receipt];
  }), "None.");
}
function download(content, type, name) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  make("a", "", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
// What 'relay verify receipt' takes.
async function save(id) {
  try { download(await (await ask(`envelopes/${id}/receipt`)).arrayBuffer(), "text/plain", `${id.replaceAll("/", "-")}.receipt`); }
  catch (error) { say("open", `No receipt of ${id}: ${error.message}`); }
}
// What 'relay verify export' takes: the ledger that the figures are of. The view and the notes in it are this browser's word.
async function exported() {
  const proof = state.proof;
  if (!proof?.checkpoint) { say("open", "Nothing to export: nothing is verified yet."); return; }
  try {
    const file = { ...await proof.export(), view: location.hash.slice(1), notes: kept(`notes ${proof.negotiation}`) };
    download(JSON.stringify(file), "application/json", `${proof.negotiation}-${file.entries.length}.export.json`);
  } catch (error) { say(error instanceof Wrong ? "bad" : "open", `No export: ${error.message}`); }
}

function begin() {
  const negotiation = $("negotiation").value.trim();
  if (!negotiation) return;
  if ($("token").value) { store("token", $("token").value); $("token").value = ""; }
  if (negotiation !== state.negotiation || !state.proof) {
    state.negotiation = negotiation;
    state.signals = null;
    state.proof = new LedgerProof(negotiation, bytesOf, state.keys);
    say("open", "Reading the ledger.");
  }
  const view = new URLSearchParams({ negotiation, window: $("window").value, interval: $("interval").value, find: $("find").value });
  history.replaceState(null, "", `#${view}`);
  round();
}
$("settings").addEventListener("submit", (event) => { event.preventDefault(); begin(); });
for (const id of ["window", "interval"]) $(id).addEventListener("change", begin);
$("find").addEventListener("input", () => { if (state.proof) feed(); });
$("keys").addEventListener("change", async () => {
  try {
    const keys = JSON.parse(await $("keys").files[0].text());
    state.keys = keys.keys ? keys : { keys: [keys] };
    store("keys", JSON.stringify(state.keys));
    state.proof = null;
    begin();
  } catch { say("bad", "Expected the file that 'relay keys export' writes, got something else."); }
});
const pause = () => {
  state.paused = !state.paused;
  $("pause").setAttribute("aria-pressed", String(state.paused));
  $("pause").textContent = state.paused ? "Go on" : "Pause";
  if (state.paused) clearTimeout(state.timer); else if (state.proof) round();
};
$("pause").addEventListener("click", pause);
$("export").addEventListener("click", exported);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA|BUTTON)$/.test(document.activeElement?.tagName ?? "")) return;
  if (event.key === "/") { event.preventDefault(); $("find").focus(); }
  if (event.key === " ") { event.preventDefault(); pause(); }
  if (event.key === "e") { event.preventDefault(); exported(); }
});
const view = new URLSearchParams(location.hash.slice(1));
for (const id of ["negotiation", "window", "interval", "find"]) if (view.get(id)) $(id).value = view.get(id);
begin();
