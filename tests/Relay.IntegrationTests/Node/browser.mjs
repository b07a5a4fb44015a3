// A browser that does what it is told, one line of JSON after the other, and answers each with one: {"ok":true,...} or {"ok":false,"message":...}.
//   node browser.mjs <chromium> <origin> <client.pem>
import { createInterface } from "node:readline";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [executablePath, origin, pem] = process.argv.slice(2);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
const context = await browser.newContext({ ignoreHTTPSErrors: true, clientCertificates: [{ origin, certPath: pem, keyPath: pem }] });
const page = await context.newPage();
// What nobody should see: messages of the console, errors of the page, requests to somebody else.
const [troubles, elsewhere, changed] = [[], [], new Map()];
page.on("console", (message) => { if (["error", "warning"].includes(message.type())) troubles.push(`${message.text()} ${message.location().url ?? ""}`); });
page.on("pageerror", (error) => troubles.push(String(error)));
page.on("request", (request) => { const { protocol, origin: from } = new URL(request.url()); if (protocol.startsWith("http") && from !== origin) elsewhere.push(request.url()); });

const acts = {
  // On a busy machine a page may take longer than the 30 s that are usual.
  goto: async ({ url }) => { await page.goto(url, { timeout: 120_000 }); },
  // Answers when an element is so; how long that took is told, and not judged here.
  expect: async ({ selector, text, within }) => {
    const began = performance.now();
    await page.locator(selector).filter({ hasText: new RegExp(text) }).first().waitFor({ state: "attached", timeout: within });
    return { took: performance.now() - began };
  },
  press: async ({ key }) => { await page.evaluate(() => document.activeElement?.blur()); await page.keyboard.press(key); },
  type: async ({ text }) => page.keyboard.type(text),
  select: async ({ selector, value }) => { await page.locator(selector).selectOption(value); },
  click: async ({ selector }) => page.locator(selector).click(),
  fill: async ({ selector, value }) => page.locator(selector).fill(value),
  read: async ({ selector }) => ({ text: await page.locator(selector).textContent() }),
  file: async ({ selector, path }) => page.locator(selector).setInputFiles(path),
  focus: async () => ({ id: await page.evaluate(() => document.activeElement?.id ?? "") }),
  look: async ({ path, scheme, width, height }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height });
    if (path) await page.screenshot({ path, fullPage: true });
    return { over: await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth) };
  },
  axe: async () => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document));
    const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
    return { violations: serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`) };
  },
  // A byte of what is answered on this path is another from now on; without a place it is put right. A route that was made stays: taken
  // away under an answer that is on its way it would throw there.
  change: async ({ path, at }) => {
    const isRouted = changed.has(path);
    changed.set(path, at ?? null);
    if (isRouted) return;
    await page.route((url) => url.pathname.endsWith(path), async (route) => {
      const place = changed.get(path);
      if (place === null) { await route.continue(); return; }
      const answer = await route.fetch();
      const body = await answer.body();
      body[place < 0 ? body.length + place : place] ^= 1;
      await route.fulfill({ response: answer, body });
    });
  },
  troubles: async () => ({ troubles: troubles.splice(0), elsewhere: elsewhere.splice(0) }),
  // When something stood on the page, and when its first byte and its last had come; milliseconds since it was asked for.
  paint: async () => page.evaluate(() => {
    const { responseStart: first, responseEnd: last, domInteractive: read } = performance.getEntriesByType("navigation")[0];
    return { took: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1, first, last, read };
  }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { act, ...more } = JSON.parse(line);
  try { console.log(JSON.stringify({ ok: true, ...await acts[act](more) })); }
  catch (error) { console.log(JSON.stringify({ ok: false, message: `${line}: ${error.message}`, shown: await page.locator("body").innerText().catch(() => "") })); }
}
await browser.close();
