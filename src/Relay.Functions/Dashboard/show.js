// What is shown. A figure says whose word it is: what follows from entries that were verified here opens them.
const $ = (id) => document.getElementById(id);
const make = (tag, text, more = {}) => Object.assign(document.createElement(tag), text === undefined ? more : { textContent: text, ...more });
const time = (at) => new Date(at).toISOString().replace("T", " ").slice(0, 19);
const span = (seconds) => seconds < 120 ? `${seconds.toFixed(0)} s` : seconds < 7200 ? `${(seconds / 60).toFixed(0)} min` : seconds < 172800 ? `${(seconds / 3600).toFixed(0)} h` : `${(seconds / 86400).toFixed(0)} d`;
const ago = (at) => `${span(Math.max(0, (Date.now() - at) / 1000))} ago`;
const figure = (value, digits = 2) => value === null || value === undefined ? "–" : Number(value).toFixed(digits);
const spread = (value) => value ? `${figure(value.median, 1)} / ${figure(value.p90, 1)}` : "–";
const seconds = (value) => value === null || value === undefined ? "–" : value < 1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(1)} s`;
const Verified = "verified here", Relays = "the relay's word", Workers = "the workers' count";

// Leaves what has not changed as it is, so that nobody loses their place.
function replace(element, shape, ...content) {
  const text = JSON.stringify(shape);
  if (element.dataset.shape === text) return;
  element.dataset.shape = text;
  element.replaceChildren(...content);
}
// A list of figures: [name, value, whose word, what finds its entries, "bad" or "open" where somebody should look].
function figures(id, list) {
  const boxes = list.map(([name, value, word, find, kind = ""]) => {
    const [box, what, whose] = [make("div"), make("dd", String(value), { className: kind }), make("small")];
    if (find === undefined) whose.textContent = word;
    else whose.append(make("a", word, { href: linkOf({ find }), ariaLabel: `${name}: ${word}, show the entries` }));
    what.append(whose);
    box.append(make("dt", name), what);
    return box;
  });
  replace($(id), [list, location.hash], ...boxes);
}
function table(id, columns, rows, empty) {
  const plain = rows.map((cells) => cells.map((cell) => cell instanceof Node ? cell.textContent : cell));
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
  replace($(id), [plain, location.hash], header, body);
}
const pair = (values) => {
  if (values.length === 0) return "–";
  const sorted = values.sort((a, b) => a - b);
  // Between two values in proportion, as the signals' quantiles are.
  const quantile = (p) => { const place = p * (sorted.length - 1), low = Math.floor(place); return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]); };
  return [0.5, 0.99].map((p) => `${figure(quantile(p), 1)} s`).join(" / ");
};

// What follows from the entries.
function showLedger(proof, since) {
  const { entries, documents, checkpoint } = proof;
  const envelopes = entries.filter((entry) => entry.kind === "relay/envelope/v2");
  const within = envelopes.filter((entry) => entry.at > since);
  const policy = entries.findLast((entry) => entry.kind === "relay/policy/v1");
  const set = entries.findLast((entry) => entry.kind === "relay/mode/v1");
  const mode = set?.mode ?? documents.get(policy?.policy)?.mode ?? "open";
  const weights = within.map((entry) => entry.head.proof);
  const said = entries.filter((entry) => entry.said && entry.at > since);
  const opened = said.filter((entry) => entry.said.state === "opened").length;
  const evidence = entries.filter((entry) => entry.kind === "relay/evidence/v2").length;
  const last = entries.at(-1);
  figures("now", [
    ["Mode", mode, Verified, set ? `entry:${set.index}` : "kind:policy", mode === "open" ? "" : "open"],
    ["Entries", checkpoint.size, Verified, ""],
    ["Newest entry", last ? ago(last.at) : "–", Verified, last ? `entry:${last.index}` : undefined],
    ["Envelopes in the window", within.length, Verified, "kind:envelope"],
    ["Quorum reached", weights.length ? `${Math.min(...weights.map((w) => w.weight + w.untold))} of ${weights.at(-1).quorum} at least` : "–", Verified, "kind:envelope"],
    ["Accepted p50 / p99 after it was due", pair(within.map((entry) => (entry.at - entry.head.due * 1000) / 1000)), Verified, "kind:envelope"],
    ["Opened / refused in the window", `${opened} / ${said.length - opened}`, Verified, "kind:acknowledgement", said.length > opened ? "open" : ""],
    ["Contradictions", evidence, Verified, "kind:evidence", evidence > 0 ? "bad" : ""],
    ["Root", toBase64url(checkpoint.root), checkpoint.isKnown ? Verified : Relays],
    ["Signed by", checkpoint.signedBy, checkpoint.isKnown ? Verified : Relays],
  ]);
  bars("plot", since, Date.now(), within.map((entry) => [entry.at, 1]));
  const newest = new Map();
  for (const bundle of proof.bundles.values()) if (bundle.number >= (newest.get(bundle.delegation)?.number ?? 0)) newest.set(bundle.delegation, bundle);
  table("prekeys", [["Delegation"], ["Left", true], ["Of", true], ["Days left", true], ["Entry"]], [...newest.values()].map((b) => [
    b.delegation, b.left, b.count, Math.max(0, Math.floor((b.expires - Date.now() / 1000) / 86400)), make("a", b.index, { href: linkOf({ find: `entry:${b.index}` }) })]), "Nobody has published any.");
  return within;
}

const sizesOf = ({ sizes = [] }) => sizes.map(({ upTo, count }) => `${!upTo ? "more" : upTo < 1024 ? upTo : `${upTo / 1024} Ki`}: ${count}`).join(", ");

// What workers have counted.
function showCounts(stats) {
  const { lastHour: hour, ledger } = stats;
  const lanes = hour.latency.map((lane) => `${lane.lane} ${seconds(lane.p50)} / ${seconds(lane.p99)}`).join(", ");
  const embargoed = (stats.embargoed ?? []).filter((one) => one.until + 60_000 > Date.now());
  figures("counts", [
    ["In / out", `${hour.in} / ${hour.out}`, Workers],
    ["Out p50 / p99", lanes || "–", Workers],
    ["Sizes", sizesOf(hour) || "–", "contents as sealed, in bytes up to; the workers' count"],
    ["Backlog", ledger ? ledger.outstanding : "–", "logged and not yet known to be out"],
    ["Held for a gap", ledger ? ledger.held : "–", "now, by the newest head", undefined, ledger?.held > 0 ? "open" : ""],
    ["Refused", hour.refused, Workers, undefined, hour.refused > 0 ? "open" : ""],
    ["Put back for later", hour.delayed, Workers],
    ["Waiting for signatures", hour.pending, "copies, the workers' count"],
    ["Came again", hour.duplicates, Workers],
    ["Embargoed", embargoed.length ? `${embargoed.reduce((sum, one) => sum + one.count, 0)}, the next ${embargoed[0].until > Date.now() ? `in ${span((embargoed[0].until - Date.now()) / 1000)}` : "within the minute"}` : "none", Workers],
    ["Checkpoint", ledger ? `of ${ago(ledger.at)}` : "–", Relays],
    ["Counted", stats.whole ? "by all workers" : "by one worker: the store is away", Workers, undefined, stats.whole ? "" : "bad"],
  ]);
  table("reasons", [["Reason"], ["Off a queue", true], ["Over HTTP", true]], hour.reasons.map((one) => [one.reason, one.queued, one.submitted]), "None.");
  table("streams", [["Stream"], ["Last", true], ["Held", true], ["Missing"]], (ledger?.streams ?? []).map((s) =>
    [make("a", `${s.sender}/${s.lane}`, { href: linkOf({ find: `/${s.sender}/${s.lane}/` }) }), s.last, s.held, s.missing ? `${s.sender}/${s.lane}/${s.missing}` : "–"]), "None yet.");
  const from = stats.at - 3600_000;
  bars("minutes", from, stats.at, stats.minutes.map((minute) => [minute.from + 1, minute.in, minute.refused, minute.p99]));
}

// The last hour of all negotiations.
function showAll(stats) {
  const { lastHour: hour, worker } = stats;
  figures("relay", [
    ["In / out", `${hour.in} / ${hour.out}`, Workers],
    ["Refused", hour.refused, Workers, undefined, hour.refused > 0 ? "open" : ""],
    ["Workers", stats.workers, "that have counted anything"],
    ["Under way", worker.underWay, "in the worker that answers"],
    ["Stalled", seconds(worker.stalled), "the worker that answers", undefined, worker.stalled > 10 ? "bad" : ""],
    ["Down", worker.down.join(", ") || "nothing", "the worker that answers", undefined, worker.down.length ? "bad" : ""],
  ]);
  table("all", [["Negotiation"], ["In", true], ["Out", true], ["Held", true], ["Delayed", true], ["Refused", true], ["p50", true], ["p99", true]], stats.negotiations.map((one) => [
    one.negotiation === "-" ? "of none that is known" : make("a", one.negotiation, { href: linkOf({ negotiation: one.negotiation }) }),
    one.in, one.out, one.held, one.delayed, one.refused, seconds(one.p50), seconds(one.p99)]), "Nothing has passed.");
}

function showSignals(signals, within, entries) {
  const alarms = [];
  for (const alarm of signals.alarms) alarms.push(`${alarm.sender} is ${alarm.pace} since about ${time(alarm.began)} (entry ${alarm.index})`);
  for (const sender of signals.senders) if (sender.silenceSuspicion >= 2) alarms.push(`${sender.name} has been silent for longer than 99 in 100 of its gaps`);
  for (const mediator of signals.agreement.mediators) if (mediator.credibility < mediator.weight * 0.99) alarms.push(`${mediator.name} has vouched for a contradiction`);
  for (const answer of signals.answers) for (const refused of answer.refused) alarms.push(`${answer.name} refused ${refused.count}: ${refused.reason}`);
  for (const entry of entries) if (entry.kind === "relay/evidence/v2") alarms.push(`${entry.shows} in ${entry.head.id} (entry ${entry.index})`);
  // What was verified here counts; the relay's count is held against it where both are of the same entries.
  const count = (name) => within.filter((entry) => entry.head.sender === name).length;
  table("senders", [["Sender"], ["Sent, verified", true], ["Relay says", true], ["Per hour", true], ["Burstiness", true], ["Silence (phi)", true], ["Delay p50 / p90, s", true], ["Last"]],
    signals.senders.map((s) => [make("a", s.name, { href: linkOf({ find: `/${s.name}/` }) }), count(s.name), s.envelopes, figure(s.rate * 3600), figure(s.burstinessOfFew), figure(s.silenceSuspicion), spread(s.delay), ago(Date.parse(s.lastAt))]), "Nobody has sent anything.");
  table("ways", [["From"], ["To"], ["Sent", true], ["Balance", true], ["Reply p50 / p90, s", true], ["Waits"]],
    signals.directions.map((w) => [w.from, w.to, w.envelopes, figure(w.balance), spread(w.replyLatency), w.waitingSince ? ago(Date.parse(w.waitingSince)) : "–"]), "None.");
  table("answers", [["Addressee"], ["Opened", true], ["Refused", true], ["No answer", true], ["Answer p50 / p90, s", true]],
    signals.answers.map((a) => [a.name, a.opened, a.refused.reduce((sum, r) => sum + r.count, 0), a.unanswered, spread(a.latency)]), "None.");
  table("mediators", [["Mediator"], ["Weight", true], ["Vouched", true], ["Of all", true], ["Credibility", true]],
    signals.agreement.mediators.map((m) => [m.name, figure(m.weight), m.vouched, figure(m.share), figure(m.credibility)]), "None.");
  return alarms;
}

// What counts, for how much longer. Days are whole ones that are left.
function showKeys(jwks) {
  const now = Date.now() / 1000;
  const rows = jwks.map((jwk) => {
    const isPast = jwk.exp !== undefined && jwk.exp <= now;
    const standing = jwk.compromised !== undefined ? "withdrawn" : isPast ? "expired" : (jwk.nbf ?? 0) > now ? "not yet" : "in its time";
    return [jwk.kid, standing, jwk.exp === undefined ? "no end" : isPast ? "0" : Math.floor((jwk.exp - now) / 86400)];
  });
  table("vault", [["Key"], ["Standing"], ["Days left", true]], rows, "None: choose the file that 'relay keys export' writes.");
}

// Bars of 60 bins, refused on top, a line of the longest p99 where there is one; and the same in words for who does not see them.
function bars(id, since, until, points) {
  const width = (until - since) / 60;
  const bins = Array.from({ length: 60 }, () => [0, 0, 0]);
  for (const [at, count, refused = 0, p99 = 0] of points) {
    const bin = bins[Math.min(59, Math.max(0, Math.floor((at - since) / width)))];
    bin[0] += count; bin[1] += refused; bin[2] = Math.max(bin[2], p99);
  }
  const most = Math.max(1, ...bins.map(([count]) => count)), slowest = Math.max(...bins.map(([, , p99]) => p99));
  const [all, refused] = [0, 1].map((i) => bins.reduce((sum, bin) => sum + bin[i], 0));
  const ns = "http://www.w3.org/2000/svg";
  const draw = (name, attributes) => { const shape = document.createElementNS(ns, name); for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value); return shape; };
  const words = `${all} ${all === 1 ? "envelope" : "envelopes"}, at most ${most} in ${(width / 60000).toFixed(1)} minutes${refused ? `, ${refused} refused` : ""}${slowest ? `, p99 at most ${seconds(slowest)}` : ""}`;
  const svg = draw("svg", { viewBox: "0 0 600 100", preserveAspectRatio: "none", role: "img", "aria-label": words });
  bins.forEach(([count, bad], i) => {
    if (count > 0) svg.append(draw("rect", { x: i * 10 + 1, y: 98 - 94 * count / most, width: 8, height: 94 * count / most }));
    if (bad > 0) svg.append(draw("rect", { x: i * 10 + 1, y: 98 - 94 * Math.min(1, bad / most), width: 8, height: 94 * Math.min(1, bad / most), class: "refused" }));
  });
  if (slowest > 0) svg.append(draw("polyline", { points: bins.map(([, , p99], i) => `${i * 10 + 5},${98 - 94 * p99 / slowest}`).join(" ") }));
  const ends = make("p", undefined, { className: "ends" });
  ends.append(make("span", time(since)), make("span", words), make("span", "now"));
  replace($(id), [bins, Math.floor(since / 60000)], svg, ends);
}

function describe(entry) {
  switch (entry.kind) {
    case "relay/envelope/v2": return `${entry.head.id} to ${entry.head.audience.join(", ")}`;
    case "relay/evidence/v2": return `${entry.shows} in ${entry.head.id}`;
    case "relay/acknowledgement/v1": return `${entry.delegation} ${entry.said.state} ${entry.said.jti}${entry.said.reason ? ` (${entry.said.reason})` : ""}`;
    case "relay/mode/v1": return entry.mode;
    case "relay/policy/v1": return `version ${entry.version}, ${entry.policy}`;
    case "relay/prekeys/v1": return `${entry.bundle.delegation}, bundle ${entry.bundle.number} of ${entry.bundle.count} keys`;
    case "relay/claim/v1": return `of bundle ${entry.number}, ${entry.left} left`;
    default: return "";
  }
}
// kind:envelope, entry:12, a whole id, or a part of what is shown, of an id or of a digest's beginning.
function matches(entry, wanted) {
  if (wanted.startsWith("kind:")) return entry.kind.split("/")[1] === wanted.slice(5);
  if (wanted.startsWith("entry:")) return entry.index === Number(wanted.slice(6));
  if (/^[^/]+\/[^/]+\/(normal|urgent)\/\d+$/.test(wanted)) return entry.head?.id === wanted || entry.said?.jti === wanted;
  return describe(entry).includes(wanted) || entry.head?.digest?.startsWith(wanted) === true;
}
