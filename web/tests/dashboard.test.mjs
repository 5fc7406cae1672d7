// The dashboard in a real browser, on the real binary.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { launch, open, settled, violations } from "./browser.mjs";
import { ask, engage, people, say, set, UNBOUND_BUDGETS } from "./fill.mjs";
import { decorum, Server, simulatedPhone } from "./server.mjs";
import { writeTypes } from "./types.mjs";

const WEB = join(dirname(fileURLToPath(import.meta.url)), "..");
const SLOW_DOWN = "Please wait a few minutes before you try again.";
const WHO_ARE_YOU = "Confirm it's you. We detected an unusual login attempt.";
const NASTY = `<img src=x onerror="document.title='owned'"><b>bold</b>`;

/** JavaScript of a first load, compressed: what everybody waits for. */
const FIRST_LOAD_MAX = 250_000;

/** Without workers, a task stays where a person puts it. */
const BY_HAND = ["--no-workers"];

const PAGES = [
  "/",
  "/accounts",
  "/accounts/atelier.sud",
  "/interactions",
  "/tasks",
  "/tasks/new",
  "/devices",
  "/people",
  "/people/twice.met",
  "/settings",
  "/audit",
  "/accounts/no/such",
];

let browser;
let server;

before(async () => {
  browser = await launch();
  server = await (await Server.begin(...BY_HAND)).start();
  await set(server.url, { min_seconds_between_actions: 0, budgets: UNBOUND_BUDGETS });
  const accounts = ["studio.nord", "cafe.luz", "galerie.west"];
  await engage(server.url, { accounts, targets: people(140), task: "spring-list" });
  await engage(server.url, {
    accounts: ["studio.nord"],
    targets: ["twice.met", "twice.met"],
    actions: ["follow"],
  });
  await say(server.url, "atelier.sud", "stranger.one", WHO_ARE_YOU);
});

after(async () => {
  await browser?.close();
  await server?.end();
});

/** A page, and that nothing went wrong on it. */
async function on(path, act, options = {}) {
  const { trouble: allowed, at = server, ...context } = options;
  const { page, trouble, close } = await open(browser, at, context);
  try {
    await page.goto(path);
    await act(page);
    const bad = trouble.filter((line) => allowed === undefined || !allowed.test(line));
    assert.deepEqual(bad, [], `trouble on ${path}`);
  } finally {
    await close();
  }
}

const rows = (page) => page.locator("main tbody tr");

describe("every page", () => {
  for (const colorScheme of ["light", "dark"]) {
    test(`is free of barriers, ${colorScheme}`, async () => {
      const allowed = undefined;
      await on(
        "/",
        async (page) => {
          for (const path of PAGES) {
            await page.goto(path);
            await settled(page);
            assert.deepEqual(await violations(page), [], `${path} in ${colorScheme}`);
          }
        },
        { colorScheme, trouble: allowed, reducedMotion: "reduce" },
      );
    });
  }

  test("fits a phone without scrolling sideways", async () => {
    await on(
      "/",
      async (page) => {
        for (const path of PAGES) {
          await page.goto(path);
          await settled(page);
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(width <= 390, `${path} is ${width} wide`);
        }
      },
      { viewport: { width: 390, height: 844 } },
    );
  });

  test("is reached by two keys, and finding a person by one", async () => {
    await on("/", async (page) => {
      await settled(page);
      for (const [key, path] of [
        ["a", "/accounts"],
        ["i", "/interactions"],
        ["s", "/settings"],
        ["u", "/audit"],
        ["o", "/"],
      ]) {
        await page.keyboard.press("g");
        await page.keyboard.press(key);
        await page.waitForURL(`**${path}`);
      }
      await page.keyboard.press("/");
      await page.waitForURL("**/people");
      await page.getByLabel("Username").and(page.locator(":focus")).waitFor();
      await page.locator("main").focus();
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    });
  });

  test("says when the server is gone, and comes back by itself", async () => {
    const own = await (await Server.begin(...BY_HAND)).start();
    try {
      await on(
        "/accounts",
        async (page) => {
          await page.getByText("No account yet").waitFor();
          await own.stop();
          await page.getByText("No answer since").waitFor();
          await own.start();
          await ask(own.url, "POST", "/api/accounts/late.comer/halt", {
            note: "while nobody looked",
          });
          await page.getByRole("link", { name: "late.comer" }).waitFor();
          assert.equal(await page.getByText("No answer since").count(), 0);
        },
        { at: own, trouble: /ERR_|Failed to load/ },
      );
    } finally {
      await own.end();
    }
  });
});

describe("the overview", () => {
  test("says at once that an account needs a person, and leads there", async () => {
    await on("/", async (page) => {
      await page.getByRole("heading", { name: "1 thing needs a person" }).waitFor();
      await page.getByRole("link", { name: "Look and clear: atelier.sud" }).click();
      await page.getByRole("heading", { name: "atelier.sud" }).waitFor();
      await page.getByText("challenge: Confirm it's you").waitFor();
    });
  });

  test("counts what the API counts", async () => {
    const { answer } = await ask(server.url, "GET", "/api/metrics");
    await on("/", async (page) => {
      const tile = page.locator("dl > div").filter({ hasText: "Engaged" }).locator("dd");
      await tile.waitFor();
      assert.equal(await tile.innerText(), String(answer.by_status.success));
    });
  });

  test("says how often a refusal was known without asking the store", async () => {
    const again = "/api/check?account_id=studio.nord&target_username=twice.met&action=follow";
    for (const _ of ["asks the store", "is known"]) await ask(server.url, "GET", again);
    const { answer } = await ask(server.url, "GET", "/api/metrics");
    assert.ok(answer.cache.asked > 0 && answer.cache.hits > 0, JSON.stringify(answer.cache));
    await on("/", async (page) => {
      const tile = page.locator("dl > div").filter({ hasText: "Cache hits" }).locator("dd");
      await tile.waitFor();
      assert.match(await tile.innerText(), /^\d+(\.\d+)?\s?%$/);
    });
  });

  test("shows what happens as it happens", async () => {
    await on("/", async (page) => {
      await page.getByRole("list", { name: "Live" }).waitFor();
      await engage(server.url, {
        accounts: ["studio.nord"],
        targets: ["just.now"],
        actions: ["like"],
      });
      await page
        .getByRole("list", { name: "Live" })
        .getByRole("link", { name: "just.now" })
        .waitFor();
    });
  });

  test("loads less script than the limit, and none from elsewhere", async () => {
    const { page, close } = await open(browser, server);
    let bytes = 0;
    const sizes = [];
    page.on("response", (response) => {
      if (response.request().resourceType() !== "script") return;
      sizes.push(response.body().then((body) => (bytes += gzipSync(body).length)));
    });
    await page.goto("/");
    await page.locator("figure canvas").first().waitFor();
    await Promise.all(sizes);
    console.log(`# first load: ${Math.round(bytes / 1000)} kB of compressed JavaScript`);
    assert.ok(bytes > 50_000 && bytes < FIRST_LOAD_MAX, `${bytes} bytes`);
    await close();
  });
});

describe("accounts", () => {
  test("are halted and cleared with a note that the admin log has", async () => {
    await on("/accounts", async (page) => {
      await page.getByRole("button", { name: "Halt galerie.west" }).click();
      const dialog = page.getByRole("dialog", { name: "Halt galerie.west" });
      await dialog.getByRole("button", { name: "Halt" }).click();
      await dialog.getByText("Write a few words").waitFor();
      await dialog.getByLabel("Note").fill("the phone is in repair");
      await dialog.getByRole("button", { name: "Halt" }).click();
      const row = page.getByRole("listitem").filter({ hasText: "galerie.west" });
      await row.getByText("halted", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Clear galerie.west" }).click();
      const other = page.getByRole("dialog", { name: "Clear galerie.west" });
      await other.getByLabel("Note").fill("it is back");
      await other.getByRole("button", { name: "Clear" }).click();
      await row.getByText("active", { exact: true }).waitFor();
    });
    const { answer } = await ask(server.url, "GET", "/api/admin-log?limit=2");
    assert.deepEqual(
      answer.items.map(({ note }) => note),
      ["it is back", "the phone is in repair"],
    );
  });

  test("count down to nothing by the server's clock, whatever this machine's says", async () => {
    const before = (await ask(server.url, "GET", "/api/settings")).answer;
    await set(server.url, { rate_limit_steps: [6], backoff_jitter: 0 });
    await say(server.url, "cafe.luz", "stranger.two", SLOW_DOWN);
    const { page, close } = await open(browser, server, { timezoneId: "Asia/Tokyo" });
    // A clock that is a day ahead must not end the wait.
    await page.addInitScript(() => {
      const real = Date.now.bind(Date);
      Date.now = () => real() + 86_400_000;
    });
    await page.goto("/accounts/cafe.luz");
    const notice = page.locator("main").getByText(/^0:0[1-6]$/);
    await notice.first().waitFor();
    const seen = await notice.first().innerText();
    await page
      .getByText("any moment now")
      .or(page.getByText(/rate limited/))
      .first()
      .waitFor();
    // The countdown and nothing else: 20:04:37 in the list of what happened is no countdown.
    await page.waitForFunction(
      () => !/(?<![\d:])0:0[1-6](?![\d:])/.test(document.querySelector("main")?.innerText ?? ""),
    );
    assert.match(seen, /^0:0[1-6]$/);
    await close();
    await set(server.url, {
      rate_limit_steps: before.rate_limit_steps,
      backoff_jitter: before.backoff_jitter,
    });
    await ask(server.url, "POST", "/api/accounts/cafe.luz/clear", { note: "tests go on" });
  });

  test("show what the app said as text, whatever is in it", async () => {
    await say(server.url, "html.teller", "stranger.three", NASTY);
    await on("/accounts/html.teller", async (page) => {
      await page.getByText(NASTY).first().waitFor();
      assert.equal(await page.locator("main img, main b").count(), 0);
      assert.notEqual(await page.title(), "owned");
    });
    await on(
      `/people/${encodeURIComponent(NASTY)}`,
      async (page) => {
        await page.getByText("That did not work").waitFor();
        assert.equal(await page.locator("main img, main b").count(), 0);
      },
      { trouble: /40\d/ },
    );
    await ask(server.url, "POST", "/api/accounts/html.teller/clear", { note: "only text" });
  });
});

describe("interactions", () => {
  const FILTERS = {
    account_id: "studio.nord",
    target_username: "twice.met",
    action: "like",
    status: "dedupe_hit",
    error_class: "network",
    task_id: "spring-list",
    device_id: "iphone-1-1",
    from: "2020-01-01T00:00:00.000Z",
    to: "2020-01-02T00:00:00.000Z",
    order: "oldest",
  };

  test("are filtered by everything the API can, and by what the address says", async () => {
    await on("/interactions", async (page) => {
      for (const [name, value] of Object.entries(FILTERS)) {
        const query = new URLSearchParams({ [name]: value });
        const { answer } = await ask(server.url, "GET", `/api/interactions/events?${query}`);
        await page.goto(`/interactions?${query}`);
        const wanted = answer.items.length;
        await page.getByText(new RegExp(`· ${wanted} events? on this page`)).waitFor();
        assert.equal(await rows(page).count(), wanted, `${name}=${value}`);
        assert.ok(wanted > 0 || name === "to", `${name}=${value} matches nothing`);
      }
    });
  });

  test("are exported exactly as they are filtered", async () => {
    await on("/interactions", async (page) => {
      await page.getByLabel("Status").selectOption("success");
      await page.getByLabel("Account", { exact: true }).fill("studio.nord");
      await page.waitForURL(/account_id=studio\.nord/);
      assert.match(page.url(), /status=success/);
      await page.getByRole("button", { name: "Export" }).click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("menuitem", { name: "JSON", exact: true }).click(),
      ]);
      const exported = JSON.parse(await readFile(await download.path(), "utf8"));
      const query = "account_id=studio.nord&status=success&limit=1000";
      const { answer } = await ask(server.url, "GET", `/api/interactions/events?${query}`);
      assert.ok(answer.items.length > 5);
      assert.deepEqual(
        exported.map(({ id }) => id),
        answer.items.map(({ id }) => id),
      );
    });
  });

  test("come a hundred a page, forth and back", async () => {
    await on("/interactions", async (page) => {
      await page.getByText("Page 1 · 100 events").waitFor();
      const first = await rows(page).first().innerText();
      await page.getByRole("button", { name: "Next page" }).click();
      await page.getByText("Page 2").waitFor();
      await page.waitForFunction(
        (text) => document.querySelector("main tbody tr").innerText !== text,
        first,
      );
      await page.getByRole("button", { name: "Previous page" }).click();
      await page.getByText("Page 1 · 100 events").waitFor();
      assert.equal(await rows(page).first().innerText(), first);
    });
  });

  test("are followed live, and only those that match", async () => {
    await on("/interactions?live=1&target_username=followed.live", async (page) => {
      await page.getByText("Nothing matches").waitFor();
      await engage(server.url, {
        accounts: ["studio.nord"],
        targets: ["not.this.one", "followed.live"],
        actions: ["view"],
      });
      await page.getByRole("link", { name: "followed.live" }).waitFor();
      assert.equal(await rows(page).count(), 1);
    });
  });

  test("have details with their story and their place in the chain", async () => {
    const { answer } = await ask(
      server.url,
      "GET",
      "/api/interactions/events?target_username=twice.met",
    );
    await on("/interactions?target_username=twice.met", async (page) => {
      await page.getByRole("button", { name: "details of follow twice.met" }).first().click();
      const drawer = page.getByRole("dialog", { name: "Details" });
      await drawer.getByText(answer.items[0].hash).waitFor();
      await drawer.getByText(answer.items[0].prev_hash).waitFor();
      assert.equal(await drawer.locator("ol > li").count(), 2);
      assert.deepEqual(await violations(page), []);
    });
  });

  test("show the columns that were chosen, also next time", async () => {
    await on("/interactions", async (page) => {
      await page.getByRole("button", { name: "Columns" }).click();
      await page.getByRole("menuitemcheckbox", { name: "Task" }).click();
      await page.getByRole("columnheader", { name: "Task" }).waitFor();
      await page.reload();
      await page.getByRole("columnheader", { name: "Task" }).waitFor();
    });
  });
});

describe("settings", () => {
  test("are checked as one types, and saved", async () => {
    await on("/settings", async (page) => {
      const days = page.getByLabel("Days after a success");
      await days.fill("0");
      await page.getByText("A whole number from 1 to 3650.").waitFor();
      assert.ok(await page.getByRole("button", { name: "Save" }).isDisabled());
      await days.fill("45");
      await page.getByText("left alone for 45 days").waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved.").waitFor();
    });
    const { answer } = await ask(server.url, "GET", "/api/settings");
    assert.equal(answer.reengagement_days, 45);
  });

  test("never overwrite what somebody else saved meanwhile", async () => {
    await on(
      "/settings",
      async (page) => {
        await page.getByLabel("Minutes of rest").fill("50");
        await set(server.url, { private_retry_days: 9 });
        await page.getByRole("button", { name: "Save" }).click();
        await page.getByText("Somebody else saved meanwhile").waitFor();
        await page.getByText("private_retry_days").waitFor();
        await page.getByRole("button", { name: "Put mine on top of theirs" }).click();
        await page.getByRole("button", { name: "Save" }).click();
        await page.getByText("Saved.").waitFor();
      },
      { trouble: /412/ },
    );
    const { answer } = await ask(server.url, "GET", "/api/settings");
    assert.equal(answer.cooldown_minutes, 50);
    assert.equal(answer.private_retry_days, 9);
  });
});

describe("what the server tells", () => {
  test("moves tasks without a reload", async () => {
    const task = {
      kind: "engage",
      account_id: "studio.nord",
      actions: ["follow"],
      source: { kind: "list" },
      targets: ["told.of"],
      name: "Told of",
    };
    await on("/tasks", async (page) => {
      await page.getByRole("heading", { name: "Tasks" }).waitFor();
      await settled(page);
      const { answer } = await ask(server.url, "POST", "/api/tasks", task);
      // Sooner than the page would ask by itself.
      const soon = { timeout: 5000 };
      const link = page.getByRole("link", { name: "Told of" });
      await link.waitFor(soon);
      const row = page.locator("tr, li").filter({ has: link }).first();
      await row.getByText("queued", { exact: true }).waitFor(soon);
      await ask(server.url, "POST", `/api/tasks/${answer.id}/pause`);
      await row.getByText("paused", { exact: true }).waitFor(soon);
      await link.click();
      await page.getByRole("heading", { name: "Told of" }).waitFor();
      await ask(server.url, "POST", `/api/tasks/${answer.id}/cancel`);
      await page.getByText("cancelled", { exact: true }).waitFor(soon);
    });
  });

  test("has an alert appear, and go once it is seen to", async () => {
    const own = await (await Server.begin()).start();
    try {
      await on(
        "/",
        async (page) => {
          await page.getByRole("heading", { name: "Nothing has happened yet" }).waitFor();
          await ask(own.url, "POST", "/api/devices", {
            url: "http://127.0.0.1:9",
            account_ids: ["studio.nord"],
          });
          await page.getByRole("heading", { name: "1 thing needs a person" }).waitFor();
          await page.getByText("phone lost", { exact: true }).waitFor();
          await page.getByRole("button", { name: "Seen to: 127.0.0.1:9" }).click();
          await page.getByRole("heading", { name: "Nothing has happened yet" }).waitFor();
        },
        { at: own },
      );
    } finally {
      await own.end();
    }
  });
});

describe("people", () => {
  test("who must never be contacted are listed, erased ones without their name", async () => {
    await ask(server.url, "POST", "/api/suppressions", {
      targets: ["asked.us", "soon.erased"],
      note: "by mail",
    });
    await ask(server.url, "DELETE", "/api/targets/soon.erased");
    await on("/people", async (page) => {
      const row = page.getByRole("row").filter({ hasText: "asked.us" });
      await row.getByRole("cell", { name: "by mail" }).waitFor();
      await page
        .getByText(/^erased #[0-9a-f]{12}$/)
        .first()
        .waitFor();
      assert.equal(await page.getByText("soon.erased").count(), 0);
      await row.getByRole("link", { name: "asked.us" }).click();
      await page.getByRole("heading", { name: "asked.us" }).waitFor();
    });
  });

  test("are looked up, suppressed, and erased once the name is typed", async () => {
    await engage(server.url, {
      accounts: ["studio.nord"],
      targets: ["wants.peace"],
      actions: ["follow"],
    });
    await on("/people", async (page) => {
      await page.getByLabel("Username").fill("@Wants.Peace");
      await page.getByRole("button", { name: "Look up" }).click();
      await page.getByRole("heading", { name: "wants.peace" }).waitFor();
      await page.getByRole("button", { name: "Suppress" }).click();
      await page
        .getByRole("dialog", { name: "Never contact" })
        .getByRole("button", { name: "Suppress" })
        .click();
      await page.getByText("Never to be contacted").waitFor();
      await page.getByRole("button", { name: "Erase" }).click();
      const dialog = page.getByRole("dialog", { name: "Erase wants.peace" });
      assert.ok(await dialog.getByRole("button", { name: "Erase" }).isDisabled());
      await dialog.getByLabel("Type wants.peace to confirm").fill("wants.peace");
      await dialog.getByRole("button", { name: "Erase" }).click();
      await page.getByText(/no longer name them/).waitFor();
      await page.getByText("Nothing is on the log about this person.").waitFor();
    });
    const { answer } = await ask(server.url, "GET", "/api/targets/wants.peace");
    assert.deepEqual([answer.suppressed, answer.events], [true, []]);
  });
});

describe("tasks", () => {
  test("are previewed, submitted, paused, resumed and cancelled", async () => {
    await on("/tasks/new", async (page) => {
      await page.getByLabel("Account", { exact: true }).fill("studio.nord");
      await page.getByLabel("Usernames").fill("twice.met\nbrand.new\nquite.new");
      await page.getByText("follow: 2 people may be engaged now.").waitFor();
      await page.getByText("already engaged").waitFor();
      await page.getByLabel("Name", { exact: true }).fill("A short list");
      await page.getByRole("button", { name: "Submit" }).click();
      await page.getByRole("heading", { name: "A short list" }).waitFor();
      await page.getByRole("link", { name: "brand.new" }).waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByText("paused", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Resume" }).click();
      await page.getByText("queued", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page
        .getByRole("dialog", { name: "Cancel this task" })
        .getByRole("button", { name: "Cancel" })
        .click();
      await page.getByText("cancelled", { exact: true }).waitFor();
      await page.goto("/tasks?state=cancelled");
      await page.getByRole("link", { name: "A short list" }).waitFor();
    });
  });

  test("that cannot be are refused at the field at fault", async () => {
    await on(
      "/tasks/new",
      async (page) => {
        await page.getByLabel("Account", { exact: true }).fill("studio.nord");
        await page.getByLabel("Usernames").fill("same.one\nsame.one");
        await page
          .getByText(/is on the list twice/)
          .first()
          .waitFor();
        assert.ok(await page.getByRole("button", { name: "Submit" }).isDisabled());
      },
      { trouble: /422|400/ },
    );
  });
});

describe("a phone and its worker", () => {
  test("see a task from its creation to its end", async () => {
    const own = await (await Server.begin()).start();
    const phone = await simulatedPhone();
    const id = new URL(phone.url).host;
    try {
      await set(own.url, { min_seconds_between_actions: 0 });
      await on(
        "/devices",
        async (page) => {
          await page.getByRole("button", { name: "Add a phone" }).click();
          const dialog = page.getByRole("dialog", { name: "Add a phone" });
          await dialog.getByLabel("Accounts").fill("studio.nord");
          await dialog.getByLabel("Address").fill(phone.url);
          await dialog.getByRole("button", { name: "Save" }).click();
          // One phone has one name, whoever adds it: here as on the command line.
          await page.getByRole("heading", { name: id }).waitFor();
          await page.goto("/tasks/new");
          await page.getByLabel("Account", { exact: true }).fill("studio.nord");
          await page.getByLabel("Usernames").fill("ada.stone\nbela.ruiz\ncato.lind");
          await page.getByRole("button", { name: "Submit" }).click();
          await page.getByText("done", { exact: true }).first().waitFor({ timeout: 60_000 });
          await page.getByText("3 people of 3 people seen to").waitFor();
          await page.goto("/devices");
          // The worker took a picture while it was at it.
          const taken = page.getByRole("button", { name: `What Decorum sees on ${id}` }).first();
          assert.ok(
            await taken.locator("img").evaluate((img) => img.decode().then(() => img.width)),
          );
          await page.getByRole("button", { name: `Connect and test: ${id}` }).click();
          await page.getByText("Every rung holds").waitFor();
          await taken.click();
          const dialog2 = page.getByRole("dialog", { name: `What Decorum sees on ${id}` });
          await dialog2.getByRole("button", { name: "Take a new picture" }).click();
          await dialog2.locator("svg rect").first().waitFor();
          const known = await dialog2.locator("svg rect").count();
          await dialog2.getByText("Everything", { exact: true }).click();
          await page.waitForFunction(
            (few) => document.querySelectorAll("[role=dialog] svg rect").length > few,
            known,
          );
          await dialog2.getByLabel("Read from it").getByText("page").waitFor();
          assert.deepEqual(await violations(page), []);
        },
        { at: own },
      );
      const { answer } = await ask(own.url, "GET", "/api/interactions/events");
      assert.equal(new Set(answer.items.map((e) => e.target_username)).size, 3);
    } finally {
      await phone.end();
      await own.end();
    }
  });
});

describe("phones", () => {
  test("are added, taken out of use and removed", async () => {
    await on(
      "/devices",
      async (page) => {
        await page.getByRole("button", { name: "Add a phone" }).click();
        const dialog = page.getByRole("dialog", { name: "Add a phone" });
        await dialog.getByLabel("Accounts").fill("studio.nord, cafe.luz");
        await dialog.getByLabel("Address").fill("http://192.0.2.1:8100");
        await dialog.getByRole("button", { name: "Save" }).click();
        await dialog.getByText("--device-host").last().waitFor();
        await dialog.getByLabel("Address").fill("http://127.0.0.1:8100");
        await dialog.getByRole("button", { name: "Save" }).click();
        await page.getByRole("heading", { name: "127.0.0.1:8100" }).waitFor();
        await page.getByRole("button", { name: "Connect and test: 127.0.0.1:8100" }).click();
        await page.getByText("A rung is broken").waitFor();
        await page.getByRole("listitem").getByText("nothing listens there").waitFor();
        await page.getByRole("button", { name: "Take out of use" }).click();
        await page.getByText("out of use", { exact: true }).waitFor();
        await page.getByRole("button", { name: "Remove 127.0.0.1:8100" }).click();
        await page
          .getByRole("dialog", { name: "Remove 127.0.0.1:8100" })
          .getByRole("button", { name: "Remove" })
          .click();
        await page.getByText("No phone yet").waitFor();
      },
      { trouble: /422/ },
    );
  });
});

describe("the audit", () => {
  test("follows every chain and says that the log is whole", async () => {
    await on("/audit", async (page) => {
      await page.getByRole("button", { name: "Verify" }).click();
      await page.getByText("The log is whole").waitFor();
      await page.getByRole("cell", { name: "studio.nord" }).waitFor();
    });
  });
});

describe("whoever has a token", () => {
  test("is let in by it, and offered only what their role may do", async () => {
    const own = await Server.begin("--require-tokens", ...BY_HAND);
    const made = {};
    for (const role of ["viewer", "operator", "admin"]) {
      const told = await decorum(own.dir, "token", "create", "--role", role, "--name", role);
      made[role] = /decorum_[0-9a-f]+/.exec(told)[0];
    }
    await own.start();
    try {
      const seen = {};
      for (const role of ["viewer", "operator", "admin"]) {
        await on(
          "/accounts/some.one",
          async (page) => {
            if (role === "viewer") {
              await page.getByLabel("Token").fill("decorum_nothing");
              await page.getByRole("button", { name: "Log in" }).click();
              await page.getByText("never given out").waitFor();
              assert.deepEqual(await violations(page), []);
            }
            await page.getByLabel("Token").fill(made[role]);
            await page.getByRole("button", { name: "Log in" }).click();
            await page.getByText("Nothing is known of some.one").waitFor();
            const halt = await page.getByRole("button", { name: "Halt some.one" }).isEnabled();
            await page.goto("/settings");
            const change = await page.getByLabel("Days after a success").isEnabled();
            seen[role] = { halt, change };
            await page.getByRole("button", { name: "More" }).click();
            await page.getByRole("menuitem", { name: "Log out" }).click();
            await page.getByLabel("Token").waitFor();
          },
          { at: own, trouble: /401/ },
        );
      }
      assert.deepEqual(seen, {
        viewer: { halt: false, change: false },
        operator: { halt: true, change: false },
        admin: { halt: true, change: true },
      });
    } finally {
      await own.end();
    }
  });
});

describe("what is built", () => {
  test("knows the API as the server describes it", async () => {
    const dir = await mkdtemp(join(tmpdir(), "decorum-types-"));
    const made = join(dir, "schema.d.ts");
    await writeTypes(server.url, made);
    const [now, kept] = await Promise.all(
      [made, join(WEB, "src/api/schema.d.ts")].map((f) => readFile(f, "utf8")),
    );
    await rm(dir, { recursive: true });
    assert.ok(now === kept, "src/api/schema.d.ts is not the description's: run scripts/web-types");
  });

  test("is kept by a browser for ever, but for the page that names it", async () => {
    const index = await fetch(`${server.url}/accounts`);
    const html = await index.text();
    assert.equal(index.headers.get("cache-control"), "no-cache");
    assert.doesNotMatch(html, /<script(?![^>]*src=)/);
    assert.doesNotMatch(
      index.headers.get("content-security-policy"),
      /unsafe|script-src[^;]*nonce/,
    );
    const script = /src="(\/assets\/[^"]+)"/.exec(html)[1];
    assert.match((await fetch(server.url + script)).headers.get("cache-control"), /immutable/);
    for (const path of ["/api/nothing", "/assets/nothing.js", "/../Cargo.toml", "/nothing"]) {
      assert.equal((await fetch(server.url + path)).status, 404, path);
    }
  });
});
