// Pictures of every page: on a desk and on a phone, light and dark.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { launch, open, settled } from "./browser.mjs";
import { ask, engage, people, say, set, UNBOUND_BUDGETS } from "./fill.mjs";
import { Server, simulatedPhone } from "./server.mjs";

const PAGES = {
  overview: "/",
  accounts: "/accounts",
  account: "/accounts/galerie.west",
  tasks: "/tasks",
  "new-task": "/tasks/new",
  devices: "/devices",
  interactions: "/interactions",
  people: "/people/twice.met",
  suppressions: "/people",
  settings: "/settings",
  audit: "/audit",
};
const SIZES = { desk: { width: 1360, height: 900 }, phone: { width: 390, height: 844 } };

const folder = process.argv[2];
if (folder === undefined) throw new Error("say into which folder");
await mkdir(folder, { recursive: true });

const server = await (await Server.begin("--no-workers")).start();
const phone = await simulatedPhone();
const browser = await launch();
try {
  const { budgets } = (await ask(server.url, "GET", "/api/settings")).answer;
  await set(server.url, { min_seconds_between_actions: 0, budgets: UNBOUND_BUDGETS });
  const accounts = ["studio.nord", "cafe.luz", "atelier.sud", "galerie.west"];
  await engage(server.url, { accounts, targets: [...people(60), "twice.met"], task: "spring" });
  await set(server.url, { budgets });
  const { answer: added } = await ask(server.url, "POST", "/api/devices", {
    url: phone.url,
    account_ids: ["studio.nord", "cafe.luz"],
  });
  await ask(server.url, "POST", `/api/devices/${added.device_id}/test`);
  await ask(server.url, "POST", `/api/devices/${added.device_id}/look`);
  await ask(server.url, "POST", "/api/suppressions", {
    targets: ["asked.us", "met.never", "prefers.not"],
    note: "asked us, by mail",
  });
  await ask(server.url, "POST", "/api/tasks", {
    kind: "engage",
    account_id: "studio.nord",
    actions: ["follow", "like"],
    source: { kind: "followers_of", username: "ines.keramik" },
    limit: 200,
    name: "Ceramics, spring",
  });
  await say(server.url, "cafe.luz", "met.once", "Please wait a few minutes before you try again.");
  await say(server.url, "galerie.west", "met.too", "Confirm it's you.");
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const { page, close } = await open(browser, server, { colorScheme, viewport });
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(path);
        await settled(page);
        if (name === "overview") await page.locator("figure canvas").last().waitFor();
        await page.screenshot({
          path: join(folder, `dashboard-${name}-${size}-${colorScheme}.png`),
        });
        if (name !== "devices") continue;
        await page.getByRole("button", { name: "What Decorum sees" }).first().click();
        await page.locator("[role=dialog] svg rect").first().waitFor();
        await page.screenshot({
          path: join(folder, `dashboard-screen-${size}-${colorScheme}.png`),
        });
      }
      await close();
    }
  }
} finally {
  await browser.close();
  await phone.end();
  await server.end();
}
