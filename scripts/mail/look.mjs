// Judges the HTML of the mails that receive.py wrote, with html-validate, and as people see it: in Chromium, at the width of a phone and of
// a window, in light and in dark, where axe-core looks at it, too.
//
//   node look.mjs MODULES CHROMIUM FOLDER
//
// MODULES is a node_modules folder with html-validate, playwright-core and axe-core. Writes FOLDER/NAME-WIDTH-SCHEME.png for people to
// look at. Without a CHROMIUM ("") nothing is rendered.

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";

const [modules, chromium, folder] = process.argv.slice(2);
const require = createRequire(resolve(modules, "..", "look.cjs"));
const { HtmlValidate } = require("html-validate");

// All rules of html-validate that the HTML standard and WCAG 2.2 make, but for two that mail programs make impossible to keep.
const FAIR = {
  extends: ["html-validate:standard", "html-validate:a11y"],
  rules: {
    // Outlook lays tables out by their attributes (align, bgcolor, width, border ...), and knows little of the styles that replace them.
    "no-deprecated-attr": "off",
    // Many programs drop elements that are younger than HTML 4, <article> with them; the role on a <div> stays.
    "prefer-native-element": "off",
  },
};
const PIXEL = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
const LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="72"><rect width="300" height="72" rx="12" fill="currentColor" /></svg>';
const WIDTHS = [360, 800];
const SCHEMES = ["light", "dark"];
// What people must be able to read and to follow. The others of axe-core are about pages with landmarks and forms.
const SEEN = ["color-contrast", "image-alt", "link-name", "html-has-lang", "html-lang-valid", "document-title", "valid-lang", "list", "listitem"];

const wrong = [];
const say = (name, what) => {
  wrong.push(name);
  console.error(`BAD ${name}: ${what}`);
};
const names = readdirSync(folder).filter((file) => file.endsWith(".html")).map((file) => basename(file, ".html")).sort();
if (names.length === 0) throw new Error(`there are no mails in ${folder}`);

const validator = new HtmlValidate(FAIR);
for (const name of names) {
  const report = await validator.validateFile(join(folder, `${name}.html`));
  for (const message of report.results.flatMap((result) => result.messages)) {
    say(name, `line ${message.line}: ${message.message} (${message.ruleId})`);
  }
}

if (chromium) {
  const { chromium: browsers } = require("playwright-core");
  const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  const browser = await browsers.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  try {
    for (const scheme of SCHEMES) {
      for (const width of WIDTHS) await look(browser, axe, width, scheme);
    }
  } finally {
    await browser.close();
  }
}

async function look(browser, axe, width, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  // Nothing of the mail reaches a server; its pictures are drawn here.
  await context.route(/^https?:/, (route) => {
    const url = new URL(route.request().url());
    if (url.hostname !== "pictures.example") return route.fulfill({ contentType: "image/gif", body: PIXEL });
    const color = url.pathname.includes("dark") ? "#ffffff" : "#123456";
    return route.fulfill({ contentType: "image/svg+xml", body: LOGO.replace("currentColor", color) });
  });
  const page = await context.newPage();
  for (const name of names) {
    const which = `${name}, ${width} px, ${colorScheme}`;
    await page.goto(`file://${resolve(folder, `${name}.html`)}`);
    await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    const seen = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      // Beyond the edge of what cuts it off, where nobody can scroll to.
      hidden: [...document.querySelectorAll("td, div, a, p, h1, h2")]
        .filter((element) => getComputedStyle(element).display !== "inline" && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1)
        .map((element) => `${element.tagName} has ${element.scrollWidth} of ${element.clientWidth} px: ${element.textContent.trim().slice(0, 40)}`),
      bare: [...document.images].filter((image) => !image.hasAttribute("alt")).map((image) => image.src),
      small: [...document.querySelectorAll("body *")]
        .filter((element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()) && element.getClientRects().length > 0)
        .filter((element) => parseFloat(getComputedStyle(element).fontSize) < 12 && element.getBoundingClientRect().height > 2)
        .map((element) => element.textContent.trim().slice(0, 40)),
      text: document.body.innerText.length,
    }));
    if (seen.width > width) say(which, `${seen.width} px wide`);
    if (width < 600) for (const what of seen.hidden) say(which, `cut off: ${what}`);
    for (const image of seen.bare) say(which, `no alt: ${image}`);
    for (const text of seen.small) say(which, `under 12 px: ${text}`);
    if (seen.text < 200) say(which, `only ${seen.text} letters can be seen`);
    await page.evaluate(axe);
    const report = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: "rule", values }, resultTypes: ["violations", "incomplete"] }), SEEN);
    // A contrast that can't be told is not one that is enough.
    for (const violation of [...report.violations, ...report.incomplete]) {
      for (const node of violation.nodes) {
        say(which, `${violation.id}: ${node.html.slice(0, 160)}: ${[...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ")}`);
      }
    }
  }
  await context.close();
}

if (wrong.length > 0) {
  console.error(`${wrong.length} things are wrong with the HTML of the mails`);
  process.exit(1);
}
console.log(`${names.length} mails are right in HTML${chromium ? ", and at each width and in each colour scheme" : ""}`);
