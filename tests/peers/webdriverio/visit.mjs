// Follows somebody with webdriverio, and prints what it saw on the way as one JSON document.
//
//   node visit.mjs SERVER AGENT|- USERNAME
//
// SERVER is what is talked to, AGENT the WebDriverAgent behind it, `-` if there is none. It is run in
// the folder in which webdriverio is installed.

import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const entry = path.resolve("node_modules/webdriverio/build/node.js");
const { remote } = await import(pathToFileURL(entry).href);

const [server, agent, username] = process.argv.slice(2);
const FOLLOW = "user-detail-header-follow-button";
const WAIT_MS = 20_000;

const { hostname, port } = new URL(server);
const phone = await remote({
  hostname,
  port: Number(port),
  path: "/",
  logLevel: "error",
  connectionRetryCount: 0,
  capabilities: {
    platformName: "iOS",
    "appium:automationName": "XCUITest",
    "appium:udid": "00008110-001A2B3C4D5E6F70",
    "appium:platformVersion": "18.3",
    ...(agent === "-" ? {} : { "appium:webDriverAgentUrl": agent }),
  },
});

const seen = {};
try {
  await phone.navigateTo(`instagram://user?username=${username}`);
  const button = await phone.$(`~${FOLLOW}`);
  await button.waitForExist({ timeout: WAIT_MS });
  seen.before = await button.getAttribute("label");
  for (const [way, selector] of Object.entries({
    predicate: `-ios predicate string:type == 'XCUIElementTypeButton' AND name == '${FOLLOW}'`,
    chain: `-ios class chain:**/XCUIElementTypeButton[\`name == '${FOLLOW}'\`]`,
    xpath: `//XCUIElementTypeButton[@name='${FOLLOW}']`,
  })) {
    seen[way] = await (await phone.$(selector)).getAttribute("label");
  }
  seen.nobody = await (await phone.$("~no-such-thing")).isExisting();
  seen.displayed = await button.isDisplayed();
  await button.click();
  await phone.waitUntil(
    async () => (await (await phone.$(`~${FOLLOW}`)).getAttribute("label")) !== seen.before,
    { timeout: WAIT_MS, timeoutMsg: "the button never changed" },
  );
  seen.after = await (await phone.$(`~${FOLLOW}`)).getAttribute("label");
  seen.source = (await phone.getPageSource()).includes(`label="${seen.after}"`);
  seen.picture = Buffer.from(await phone.takeScreenshot(), "base64").subarray(1, 4).toString();
  seen.window = await phone.getWindowSize();
} finally {
  await phone.deleteSession();
}
console.log(JSON.stringify(seen));
