// Dead letters for operators, of the queues and of what the delegations' subscriptions gave up: by reason, put back after a dry run and a word that it is meant, slice by slice, and the log of who did what.
const shownActs = 20;
const letters = { reason: null, topic: null, negotiation: "", ending: null };
const act = (body, signal) => ask("dead-letters/redrive", { method: "POST", body: JSON.stringify(body), signal, headers: { "Content-Type": "application/json" } }).then((answer) => answer.json());
const wish = () => ({ reason: letters.reason, ...(letters.topic ? { topic: letters.topic } : {}), ...(letters.negotiation ? { negotiation: letters.negotiation } : {}) });

// Read when somebody looks or asks, and not in between: each look goes through the queues.
async function readLetters() {
  const negotiation = state.negotiation;
  try {
    const lists = [{ topic: null, ...await listOf(negotiation, null) }];
    // One after the other: each look goes through a subscription.
    for (const topic of lists[0].topics ?? []) lists.push({ topic, ...await listOf(negotiation, topic) });
    const log = await (await ask("dead-letters/log")).json();
    if (negotiation !== state.negotiation) return;
    showLetters(lists);
    showActs(log);
    const [count, more] = ["count", "more"].map((name) => lists.reduce((sum, list) => sum + list[name], 0));
    const untold = lists[0].topics ? "" : " The delegations' topics are too many, or not known now: 'relay dlq list --topic' shows each.";
    $("lettersread").textContent = `${count} at ${time(Date.now())}${more ? `, of ${more} groups more` : ""}.${untold}`;
  } catch (error) { $("lettersread").textContent = `Not now: ${error.message}`; }
}
// A topic that the bus does not have holds none.
async function listOf(negotiation, topic) {
  const query = new URLSearchParams({ ...(negotiation ? { negotiation } : {}), ...(topic ? { topic } : {}) });
  try { return await (await ask(`dead-letters${query.size ? `?${query}` : ""}`)).json(); } catch (error) {
    if (topic && error.status === 404) return { count: 0, groups: [], more: 0 };
    throw error;
  }
}
function showLetters(lists) {
  const byReason = new Map();
  for (const [topic, one] of lists.flatMap(({ topic, groups }) => groups.map((group) => [topic, group]))) {
    const place = JSON.stringify([topic, one.reason]);
    const sum = byReason.get(place) ?? { topic, reason: one.reason, count: 0, bytes: 0, oldest: Infinity, newest: 0, from: new Set() };
    byReason.set(place, sum);
    sum.count += one.count;
    sum.bytes += one.bytes;
    sum.oldest = Math.min(sum.oldest, one.oldest);
    sum.newest = Math.max(sum.newest, one.newest);
    sum.from.add(`${one.negotiation ?? "no envelope"}${one.sender ? `/${one.sender}` : ""}${one.lane ? `/${one.lane}` : ""}`);
  }
  table("letters", [["Of"], ["Reason"], ["Count", true], ["Bytes", true], ["Oldest"], ["Newest"], ["From, unproved"], ["Put back"]], [...byReason.values()].map(({ topic, reason, ...sum }) => [
    topic ?? "queues", reason || "none given", sum.count, sum.bytes, time(sum.oldest), time(sum.newest), [...sum.from].slice(0, 3).join(", ") + (sum.from.size > 3 ? ` and ${sum.from.size - 3} more` : ""),
    // Without a reason everything would be meant.
    reason ? make("button", "Choose", { type: "button", ariaLabel: `Choose ${reason}${topic ? ` of ${topic}` : ""}`, onclick: () => choose(reason, topic) }) : "–"]), "None.");
}
function showActs({ size, head, entries }) {
  table("acts", [["Entry", true], ["At"], ["By"], ["Act"], ["Count", true], ["Of"]], entries.slice(-shownActs).reverse().map((one) =>
    [one.index, time(one.at), one.by, one.act, one.count, [one.filter, one.because].filter(Boolean).join(": ")]), "Nobody has done anything.");
  $("acthead").textContent = size > 0 ? `${size} entries, head ${head}.` : "";
}
function choose(reason, topic) {
  [letters.reason, letters.topic, letters.negotiation] = [reason, topic, state.negotiation];
  $("redrive").hidden = false;
  $("chosen").textContent = `Chosen: ${reason}${topic ? ` on ${topic}, whose every subscription gets it again` : ""}${letters.negotiation ? ` of ${letters.negotiation}` : " of all negotiations"}.`;
  changedWish();
  $("redrivetry").focus();
}
function changedWish() {
  $("putback").disabled = true;
  $("redriven").textContent = "";
  $("sample").replaceChildren();
  delete $("sample").dataset.shape;
}
async function tryRedrive() {
  changedWish();
  try {
    const { remaining, before, hopeless, sample } = await act({ ...wish(), dryRun: true });
    $("redriven").textContent = `Dry run, nothing is changed: ${remaining} would be put back ${letters.topic ? `on ${letters.topic}` : "on their queues"}, unchanged and in each sender's order${before ? `, ${before} were already and would be taken away` : ""}${hopeless ? `; ${hopeless} are past help and stay` : ""}.`;
    table("sample", [["Of them"], ["Lane"], ["Since"], ["Why"], ["Bytes", true], ["Put back before"]], (sample ?? []).map((one) =>
      [one.id ?? `number ${one.number}`, one.lane ?? "–", time(one.at), one.description, one.size, one.redriven ? "yes" : "no"]), "None.");
    $("putback").disabled = remaining + before === 0;
  } catch (error) { $("redriven").textContent = `Not now: ${error.message}`; }
}
// The same call goes on where the last one ended; whoever stops it, or leaves, stops it after the batch that is under way.
async function putBack() {
  const meant = { ...wish(), rate: Number($("rate").value) || 100, seconds: 5 };
  letters.ending = new AbortController();
  [$("putback").disabled, $("stop").disabled, $("redrivetry").disabled] = [true, false, true];
  let done = 0;
  try {
    for (;;) {
      const slice = await act(meant, letters.ending.signal);
      done += slice.done;
      const left = slice.left ? `, ${slice.left} could not be taken away yet` : "";
      $("redriven").textContent = slice.status === "more" ? `Going on: ${done} put back, ${slice.remaining} remain.` : `Complete: ${done} put back${left}.`;
      if (slice.status !== "more") break;
    }
  } catch (error) { $("redriven").textContent = error.name === "AbortError" ? `Stopped: ${done} put back in whole calls; the log has all of it.` : `Not now: ${error.message}. ${done} put back.`; }
  [$("stop").disabled, $("redrivetry").disabled, letters.ending] = [true, false, null];
  await readLetters();
}
