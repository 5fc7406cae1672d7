// A real browser, and what the tests ask of a page.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

export function launch() {
  const executablePath = process.env.DECORUM_CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: FLAGS.split(" ") });
}

/** Nothing is asked of anybody else, and nothing is said to the console: a breach of the content
 * security policy would show there. */
export async function open(browser, server, options = {}) {
  const context = await browser.newContext({
    baseURL: server.url,
    acceptDownloads: true,
    ...options,
  });
  const page = await context.newPage();
  const trouble = [];
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push(message.text());
  });
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(server.url)) trouble.push(`asked ${request.url()}`);
  });
  page.setDefaultTimeout(20_000);
  return { page, context, trouble, close: () => context.close() };
}

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds wrong with the page as it is, a line each. */
export async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    // eslint-disable-next-line no-undef
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`,
    );
  });
  return found;
}

/** Waits until the page has shown what it has to show. */
export async function settled(page) {
  await page.locator("main h1, main h2").first().waitFor();
  await page.waitForFunction(
    () => document.querySelector("main [role=status] .visually-hidden") === null,
  );
}
