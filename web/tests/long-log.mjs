// How long the dashboard takes over a long log: node web/tests/long-log.mjs STORE.db
//
// Prints a table; measures and judges nothing else. `scripts/bench browser` fills the log.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { launch, open, settled } from "./browser.mjs";
import { ask } from "./fill.mjs";
import { Server } from "./server.mjs";

/** How often each view is opened; the median is what counts, the slowest is said too. */
const TIMES = 7;
/** What a person should wait at most, in milliseconds. */
const ANSWER_MAX = 300;
const PAINT_MAX = 1000;

const file = process.argv[2];
if (file === undefined) throw new Error("say which store: node web/tests/long-log.mjs STORE.db");

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const show = (what, values, limit) => {
  const [middle, slowest] = [median(values), Math.max(...values)].map(Math.round);
  const verdict = middle < limit ? "" : "  OVER";
  console.log(
    `${what.padEnd(44)} ${String(middle).padStart(6)} ms ${String(slowest).padStart(6)} ms  < ${limit}${verdict}`,
  );
};

/** How long the browser waited for the newest answer at this path. */
const answerTime = (page, path) =>
  page.evaluate((path) => {
    const asked = performance.getEntriesByType("resource").filter((r) => r.name.includes(path));
    return asked.at(-1).responseEnd - asked.at(-1).requestStart;
  }, path);

/** When something useful stood on the page, since the navigation began. */
async function paint(page) {
  await page.goto("/", { waitUntil: "commit" });
  await page.locator("main [role=status] h1").waitFor();
  return page.evaluate(() => performance.now());
}

const dir = await mkdtemp(join(tmpdir(), "decorum-long-"));
const server = new Server(dir, ["--no-workers", "--store", `sqlite:${resolve(file)}`]);
await server.start();
const browser = await launch();
try {
  const begun = performance.now();
  const counts = (await ask(server.url, "GET", "/api/metrics")).answer;
  console.log(
    `${counts.events} events; counted the first time in ${Math.round(performance.now() - begun)} ms`,
  );
  console.log(`\n${"".padEnd(44)} ${"median".padStart(9)} ${"slowest".padStart(9)}  limit`);

  const middle = (await ask(server.url, "GET", "/api/interactions/events?limit=1")).answer.items[0];
  const { page, close } = await open(browser, server);
  const first = [];
  for (let n = 0; n < TIMES; n += 1) {
    const fresh = await open(browser, server);
    first.push(await paint(fresh.page));
    await fresh.close();
  }
  show("overview, from nothing to the verdict", first, PAINT_MAX);

  const hour = new Date(Date.parse(middle.ts) - 3_600_000).toISOString();
  const views = {
    everything: {},
    "an account": { account_id: middle.account_id },
    "a person": { target_username: middle.target_username },
    "an action": { action: "comment" },
    "a status": { status: "retry" },
    "a kind of trouble": { error_class: "target_unavailable" },
    "a task": { task_id: middle.task_id },
    "a phone": { device_id: middle.device_id },
    "the last hour": { from: hour },
    "the oldest": { order: "oldest" },
    "an account, an action and a status": {
      account_id: middle.account_id,
      action: "comment",
      status: "success",
    },
  };
  for (const [what, filters] of Object.entries(views)) {
    const answers = [];
    for (let n = 0; n < TIMES; n += 1) {
      await page.goto(`/interactions?${new URLSearchParams(filters)}`);
      await settled(page);
      await page.locator("main tbody tr").first().waitFor();
      answers.push(await answerTime(page, "/api/interactions/events"));
    }
    show(`interactions: ${what}`, answers, ANSWER_MAX);
  }

  // As a person does it: a choice, until the page shows what was asked for. Each of them once: what
  // was just shown is shown again without asking.
  const chosen = [];
  await page.goto("/interactions");
  await page.locator("main tbody tr").first().waitFor();
  for (const status of ["failed", "skipped", "retry", "dedupe_hit", "success"]) {
    const began = performance.now();
    const answered = page.waitForResponse((r) => r.url().includes(`status=${status}`));
    await page.getByLabel("Status").selectOption(status);
    await answered;
    chosen.push(performance.now() - began);
  }
  show("interactions: a status chosen by hand", chosen, ANSWER_MAX);
  const pages = [];
  for (let n = 0; n < TIMES; n += 1) {
    const began = performance.now();
    const answered = page.waitForResponse((r) => r.url().includes("cursor="));
    await page.getByRole("button", { name: "Next page" }).click();
    await answered;
    pages.push(performance.now() - began);
    await page.getByText(`Page ${n + 2} `).waitFor();
  }
  show("interactions: the next page", pages, ANSWER_MAX);
  await close();
} finally {
  await browser.close();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
}
