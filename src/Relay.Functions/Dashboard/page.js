// The page: asks, has proof.js verify, and shows. What is taken from entries that were verified here stands as it is; what only the relay says is called that.
const stored = (name) => { try { return sessionStorage.getItem(name); } catch { return null; } };
const store = (name, value) => { try { sessionStorage.setItem(name, value); } catch { /* A tab without storage asks again. */ } };
const kept = (name) => { try { return JSON.parse(localStorage.getItem(name)) ?? {}; } catch { return {}; } };
const keep = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* Then it is asked again. */ } };
const feedLength = 50;
const views = ["negotiation", "as", "window", "interval", "find"];
// While a stream tells of news: how often the ledger is read at most and at least, the relay's signals, and one bundle that was read before.
const [soonest, latest, signalsEvery, againEvery] = [300, 10_000, 5000, 10_000];
// Entries that are looked through for who may be falling silent.
const recent = 2000;
const state = { proof: null, negotiation: "", keys: JSON.parse(stored("keys") ?? "null"), paused: false, timer: 0, round: 0, signals: null, signalsAt: 0, readAt: 0, stats: null, live: null, damaged: new Map(), bundle: 0, againAt: 0, reading: false, more: false };

class Refused extends Error {
  // Away for now, or refused for what it is.
  constructor(message, isAway, status) { super(message); [this.isAway, this.status] = [isAway, status]; }
}
async function ask(path, more = {}) {
  const token = stored("token");
  const headers = { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...more.headers };
  let answer;
  try { answer = await fetch(path, { cache: "no-cache", credentials: "same-origin", ...more, headers }); }
  catch (error) { if (error.name === "AbortError") throw error; throw new Refused("the relay does not answer", true); }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(`the relay answers ${answer.status}${problem.detail ? `: ${problem.detail}` : ""}`, [401, 429, 503].includes(answer.status), answer.status);
}
const isOperator = () => $("as").value === "operator" || !state.negotiation;
const base = () => state.negotiation ? `negotiations/${state.negotiation}/` : "";
const bytesOf = async (path) => new Uint8Array(await (await ask(base() + path)).arrayBuffer());
const isLive = () => $("interval").value === "0" && state.live?.isThere === true;

// Asks for what no stream brings, then reads and verifies what is new of the ledger.
async function round() {
  clearTimeout(state.timer);
  if (state.reading) { state.more = true; return; }
  const mine = state.round;
  state.reading = true;
  const began = Date.now();
  try {
    if (!isLive()) take(await (await ask(`${base()}stats`)).json());
    if (!isOperator()) await verify(mine);
    else if (mine === state.round) say("open", "Not verified here: a ledger is shown to members alone. What stands here is the word of the relay's workers.");
  } catch (error) {
    if (mine === state.round) wrong(error);
  }
  state.reading = false;
  if (mine === state.round) show();
  if (state.paused) return;
  const pause = state.more || mine !== state.round ? Math.max(0, soonest - (Date.now() - began)) : isLive() ? Math.min(2000, signalsIn()) : Number($("interval").value || 2) * 1000 || 2000;
  state.more = false;
  state.timer = setTimeout(round, pause);
}
async function verify(mine) {
  const { proof } = state;
  // No news is no reason to ask.
  const isKnown = isLive() && proof.checkpoint && state.stats?.ledger?.size === proof.checkpoint.size && Date.now() - state.readAt < latest;
  let { checkpoint } = proof;
  if (!isKnown) {
    const answer = await ask(`${base()}checkpoint`);
    checkpoint = await proof.update(new Uint8Array(await answer.arrayBuffer()), answer.headers.get("Relay-Checkpoint-Key") ?? "");
    if (mine !== state.round) return;
    state.readAt = Date.now();
  }
  // Asked for without news too: whoever is silent is so all the longer.
  if (state.signals === null || Date.now() - state.signalsAt >= (isLive() ? signalsIn() : 0)) {
    const signals = await (await ask(`${base()}signals?window=${$("window").value}`)).json();
    if (mine !== state.round) return;
    [state.signals, state.signalsAt] = [signals.data, Date.now()];
  }
  await readAgain(proof, mine);
  if (mine === state.round) mark(checkpoint);
}
// How long to wait before signals are asked for again: less while somebody whose gaps are short may just be falling silent, which they tell.
function signalsIn() {
  const { proof, signals } = state;
  if (!signals || !proof?.entries) return signalsEvery;
  const times = new Map();
  for (const entry of proof.entries.slice(-recent).reverse()) {
    if (entry.kind !== "relay/envelope/v2") continue;
    const at = times.get(entry.head.sender) ?? [];
    times.set(entry.head.sender, at);
    if (at.length <= 100) at.push(entry.at);
  }
  let wait = signalsEvery;
  for (const [name, at] of times) {
    if (at.length < 6 || signals.senders.some((one) => one.name === name && one.silenceSuspicion >= 2)) continue;
    const logs = at.slice(1).map((before, i) => Math.log(Math.max(1, at[i] - before)));
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    const deviation = Math.max(0.1, Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1)));
    const silence = Math.max(1, Date.now() - at[0]);
    const surprise = (Math.log(silence) - mean) / deviation;
    // From about one gap in a hundred on; far beyond it the relay would have told.
    if (surprise > 2 && surprise < 8) wait = Math.min(wait, Math.max(1000, silence / 20));
  }
  return wait;
}
// One bundle after the other, and those that did not hold each time: they may have been mended.
async function readAgain(proof, mine, isAll = false) {
  if (!isAll && Date.now() - state.againAt < againEvery) return;
  state.againAt = Date.now();
  const count = Math.ceil(proof.leaves.length / 256);
  const bundles = isAll ? [...Array(count).keys()] : [...state.damaged.keys(), state.bundle++ % Math.max(1, count)];
  for (const bundle of new Set(bundles)) {
    let found = null;
    try { await proof.again(bundle); } catch (error) { if (!(error instanceof Wrong)) throw error; found = error; }
    if (mine !== state.round) return;
    if (found) state.damaged.set(bundle, found);
    else state.damaged.delete(bundle);
  }
}
async function verifyAgain() {
  const { proof, round: mine } = state;
  if (!proof?.checkpoint || isOperator()) return;
  try { await readAgain(proof, mine, true); if (mine === state.round) mark(proof.checkpoint); } catch (error) { wrong(error); }
}
function say(kind, text) {
  const line = $("proof");
  if (line.textContent === text && line.classList.contains(kind)) return;
  line.className = `mark ${kind}`;
  line.textContent = text;
}
function wrong(error) {
  if (error instanceof Wrong) say("bad", `Does not hold${error.index === undefined ? "" : ` at entry ${error.index}`}: ${error.message}`);
  else say("open", `Not now: ${error.message}`);
}
function mark(checkpoint) {
  const { untold, entries } = state.proof;
  const all = `${entries.length} entries hash to the signed root`;
  if (state.damaged.size > 0) wrong([...state.damaged.values()][0]);
  else if (!checkpoint.isKnown) say("open", `${all}; who signed it cannot be told here without keys.`);
  else if (untold > 0) say("open", `Verified here: ${all}; of ${untold} the keys are not all at hand.`);
  else say("good", `Verified here: ${all}, checkpoint and every quorum are signed as they should be.`);
}
// Counts as they come, by a stream or asked for; that the ledger has grown is a reason to read it.
function take(stats) {
  const before = state.stats?.ledger;
  state.stats = stats;
  if (state.live?.isThere && stats.ledger && stats.ledger.size !== before?.size && !isOperator()) round();
  else if (!state.reading) show();
}

function show() {
  $("title").textContent = state.negotiation || "all negotiations";
  document.title = `Relay ${state.negotiation}`;
  const isAll = !state.negotiation;
  [$("one").hidden, $("s-all").hidden, $("s-mode").hidden, $("s-letters").hidden] = [isAll, !isAll, isAll || !isOperator(), !isOperator()];
  for (const id of ["h-now", "h-alarms", "h-flow", "h-senders", "h-ways", "h-answers", "h-prekeys", "h-mediators", "h-feed", "h-vault"]) $(id).parentElement.hidden = isOperator();
  if (state.stats && isAll && state.stats.worker) showAll(state.stats);
  if (state.stats && !isAll && !state.stats.worker) showCounts(state.stats);
  if (!state.proof?.checkpoint || isOperator()) return;
  const within = showLedger(state.proof, Date.now() - Number($("window").value) * 1000);
  if (state.signals) alarmed(showSignals(state.signals, within, state.proof.entries));
  showKeys(state.keys?.keys ?? []);
  feed();
}
function status(text) { if ($("live").textContent !== text) $("live").textContent = text; }

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
  replace($("alarms"), [all, notes], ...items);
}

function feed() {
  const wanted = $("find").value.trim();
  const { entries } = state.proof;
  const all = wanted ? entries.filter((entry) => matches(entry, wanted)) : entries;
  const found = all.slice(-feedLength).reverse();
  table("feed", [["Entry", true], ["Accepted"], ["Kind"], ["What"], ["Weight", true], ["Proof"]], found.map((entry) => {
    const proof = entry.head?.proof;
    const receipt = entry.kind === "relay/envelope/v2" ? make("button", "Receipt", { type: "button", ariaLabel: `Save the receipt of ${entry.head.id}`, onclick: () => save(entry.head.id) }) : "";
    return [entry.index, time(entry.at), entry.kind.split("/")[1], describe(entry), proof ? `${proof.weight + proof.untold} of ${proof.quorum}` : "", receipt];
  }), "None.");
  if (!wanted) $("found").textContent = "";
  else if (all.length > 0) $("found").textContent = `${all.length} of ${entries.length} entries${all.length > found.length ? `, the newest ${found.length} shown` : ""}.`;
  else if (!$("found").dataset.said) $("found").textContent = "No entry. Enter asks the relay, for what is held or waits for signatures.";
}
// What is no entry yet: the relay may hold it.
async function findElsewhere() {
  const wanted = $("find").value.trim();
  if (!/^[a-z0-9-]+\/[a-z0-9-]+\/(normal|urgent)\/[1-9]\d*$/.test(wanted)) return;
  let text;
  try {
    const { status, quorum } = await (await ask(`envelopes/${wanted}`)).json();
    text = `The relay says: ${status}${quorum ? `, weight ${quorum.weight} of ${quorum.required}, until ${time(Date.parse(quorum.until))}` : ""}.`;
  } catch (error) { text = `Not found: ${error.message}`; }
  $("found").dataset.said = "true";
  $("found").textContent = text;
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

// An operator's switch: first what it would do, then, confirmed, the entry that says who did it.
const means = { open: "envelopes are taken", "read-only": "envelopes wait on the queue, and over HTTP are answered 503; what can be read still can", closed: "envelopes are refused" };
const strict = ["open", "read-only", "closed"];
const standing = ({ mode, operator, document: written }) => `${mode} (operator: ${operator}, document: ${written})`;
async function dryRun() {
  const wanted = $("wanted").value;
  $("confirm").disabled = true;
  try {
    const now = await (await ask(`${base()}mode`)).json();
    const then = strict[Math.max(strict.indexOf(wanted), strict.indexOf(now.document))];
    $("told").textContent = `Dry run, nothing is changed: ${state.negotiation} is ${standing(now)}. With ${wanted} in force it ${then === now.mode ? "stays" : "becomes"} ${then}: ${means[then]}. In the last hour ${state.stats?.lastHour.in ?? 0} came in. It becomes an entry of the ledger.`;
    [$("confirm").disabled, $("confirm").dataset.mode] = [wanted === now.operator, wanted];
  } catch (error) { $("told").textContent = `Not now: ${error.message}`; }
}
async function confirmed() {
  const { mode } = $("confirm").dataset;
  $("confirm").disabled = true;
  try {
    const body = JSON.stringify({ mode });
    const now = await (await ask(`${base()}mode`, { method: "PUT", body, headers: { "Content-Type": "application/json" } })).json();
    $("told").textContent = `${state.negotiation} is ${standing(now)}${now.index === undefined ? ": nothing had to be changed" : `, by entry ${now.index} of its ledger`}.`;
  } catch (error) { $("told").textContent = `Not in force: ${error.message}`; }
}

const linkOf = (changes) => `#${new URLSearchParams({ ...Object.fromEntries(views.map((id) => [id, $(id).value])), ...changes })}`;
function begin() {
  const negotiation = $("negotiation").value.trim();
  if ($("token").value) { store("token", $("token").value); $("token").value = ""; }
  if (negotiation !== state.negotiation || !state.proof) {
    state.negotiation = negotiation;
    [state.signals, state.stats] = [null, null];
    state.damaged.clear();
    state.proof = negotiation ? new LedgerProof(negotiation, bytesOf, state.keys) : {};
    say("open", negotiation ? "Reading the ledger." : "Reading what was counted.");
  }
  state.round++;
  history.replaceState(null, "", linkOf({}));
  listen();
  show();
  round();
  if (!isOperator()) return;
  $("redrive").hidden = letters.negotiation !== negotiation || letters.reason === null;
  readLetters();
}
// A stream while somebody looks: whoever does not keeps no place.
function listen() {
  state.live?.stop();
  state.live = null;
  if (state.paused) { status("Paused."); return; }
  if ($("interval").value !== "0") { status(`Asked every ${$("interval").selectedOptions[0].textContent}.`); return; }
  if (document.hidden) return;
  const path = `${base()}events`;
  const live = new LiveStream({
    open: (lastId, signal) => ask(path, { signal, cache: "no-store", headers: lastId ? { "Last-Event-ID": lastId } : {} }),
    take: (stats) => { if (state.live === live) take(stats); },
    changed: (isThere, why) => {
      if (state.live !== live || live.isThere === isThere) return;
      live.isThere = isThere;
      status(isThere ? "Live." : `Asked every 2 s: ${why}.`);
      if (!isThere) round();
    },
  });
  live.isThere = undefined;
  state.live = live;
  live.start();
}
$("settings").addEventListener("submit", (event) => { event.preventDefault(); begin(); });
for (const id of ["window", "interval", "as"]) $(id).addEventListener("change", begin);
$("find").addEventListener("input", () => { delete $("found").dataset.said; if (state.proof?.entries) feed(); });
$("find").addEventListener("change", () => history.replaceState(null, "", linkOf({})));
$("find").addEventListener("keydown", (event) => { if (event.key === "Enter") findElsewhere(); });
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
  clearTimeout(state.timer);
  listen();
  if (!state.paused) round();
};
$("pause").addEventListener("click", pause);
$("export").addEventListener("click", exported);
$("again").addEventListener("click", verifyAgain);
$("modes").addEventListener("submit", (event) => { event.preventDefault(); dryRun(); });
$("wanted").addEventListener("change", () => { $("confirm").disabled = true; $("told").textContent = ""; });
$("confirm").addEventListener("click", confirmed);
$("letterslook").addEventListener("click", readLetters);
$("redrive").addEventListener("submit", (event) => { event.preventDefault(); tryRedrive(); });
$("rate").addEventListener("input", () => { $("putback").disabled = true; });
$("putback").addEventListener("click", putBack);
$("stop").addEventListener("click", () => letters.ending?.abort());
document.addEventListener("visibilitychange", () => { if (!state.paused) { listen(); if (!document.hidden) round(); } });
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA|BUTTON)$/.test(document.activeElement?.tagName ?? "")) return;
  if (event.key === "/") { event.preventDefault(); $("find").focus(); }
  if (event.key === " ") { event.preventDefault(); pause(); }
  if (event.key === "v") { event.preventDefault(); verifyAgain(); }
  if (event.key === "e") { event.preventDefault(); exported(); }
});
function read() {
  const view = new URLSearchParams(location.hash.slice(1));
  for (const id of views) if (view.has(id)) $(id).value = view.get(id);
}
window.addEventListener("hashchange", () => { const find = $("find").value; read(); begin(); if ($("find").value !== find) $("find").focus(); });
read();
begin();
