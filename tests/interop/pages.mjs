// The pages that we make, in a browser: do they complain, and can they be used with the keyboard alone?
//
// usage: node pages.mjs CHROMIUM FOLDER EMULATOR_URL REPORT_URL GRAPH_ID
//
// Runs in the folder that has puppeteer-core; screenshots go to FOLDER.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const [chromium, folder, emulator, report, graph] = process.argv.slice(2);
const puppeteer = createRequire(join(process.cwd(), "package.json"))("puppeteer-core");

// Containers let nobody make a sandbox; what is shown is our own.
const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
try {
  await look("emulator", emulator, usePage);
  await look("report", report, useReport);
  await look("docs", `${emulator}/docs`, useDocs);
} finally {
  await browser.close();
}

/** Opens it in each of a wide and a narrow window; no error, no sideways scrolling, and it can be used. */
async function look(name, url, use) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  const elsewhere = [];
  page.on("request", (request) => {
    if (!/^(data|blob|about):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin) {
      elsewhere.push(request.url());
    }
  });
  for (const width of [1280, 400]) {
    await page.setViewport({ width, height: 900 });
    await page.goto(url, { waitUntil: "load" });
    await use(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert(overflow <= 0, `${name}: ${overflow} px too wide at ${width}`);
    await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
  }
  assert.deepEqual(complaints, [], `${name}: the console is not empty`);
  assert.deepEqual(elsewhere, [], `${name}: something comes from elsewhere`);
  await page.close();
}

async function usePage(page) {
  await page.waitForFunction((id) => document.body.textContent.includes(id), {}, graph);
  await focus(page, "#pause");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#live").textContent.startsWith("Paused"));
  await page.keyboard.press("Space");
  await page.waitForFunction(() => document.querySelector("#live").textContent.startsWith("Live"));
}

async function useReport(page) {
  const shown = () => page.$$eval("details.entry", (entries) => entries.filter((entry) => !entry.hidden).length);
  const all = await shown();
  assert(all > 10, `${all} cases`);
  await focus(page, "button[data-outcome]");
  await page.keyboard.press("Space");
  const some = await shown();
  assert(some > 0 && some < all, `${some} of ${all} are of one outcome`);
  await page.keyboard.press("Space");
  assert.equal(await shown(), all);
  await page.keyboard.press("/");
  await page.keyboard.type("no such words anywhere");
  assert.equal(await shown(), 0);
  await page.keyboard.press("Escape");
  assert.equal(await shown(), all);
  await focus(page, "details.entry:not([open]) > summary");
  const open = () => page.$$eval("details.entry[open]", (entries) => entries.length);
  const before = await open();
  await page.keyboard.press("Enter");
  assert.equal(await open(), before + 1, "a case opens");
}

async function useDocs(page) {
  await page.waitForSelector(".opblock");
  const count = await page.$$eval(".opblock", (operations) => operations.length);
  assert(count >= 5, `${count} operations`);
  // A drawing that does not fit is there in words as well.
  const isTold = await page.$eval("#lifecycle ul", (list) => list.offsetHeight > 0 && list.children.length > 3);
  const fits = await page.$eval(".drawing", (drawing) => drawing.scrollWidth <= drawing.clientWidth);
  assert.equal(isTold, !fits, `the lifecycle in words: ${isTold}, and the drawing fits: ${fits}`);
}

/** Goes there by the Tab key, as who has no mouse must; the focus can be seen. */
async function focus(page, selector) {
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press("Tab");
    const there = await page.evaluate((selector) => {
      const style = getComputedStyle(document.activeElement);
      const isSeen = style.outlineStyle !== "none" || style.boxShadow !== "none";
      return document.activeElement.matches(selector) ? (isSeen ? "seen" : "unseen") : "elsewhere";
    }, selector);
    if (there !== "elsewhere") return assert.equal(there, "seen", `the focus on ${selector} cannot be seen`);
  }
  assert.fail(`Tab does not reach ${selector}`);
}
