// A browser against the bench's gateway: windows, checks that are counted, what every view has to keep to.
//   argv: PAGE MODULES OUT [NAME]
"use strict";

const assert = require("assert");
const path = require("path");

const [, , folder, modules, out, only = ""] = process.argv;
const { chromium } = require(`${modules}/node_modules/playwright-core`);
const { AxeBuilder } = require(`${modules}/node_modules/@axe-core/playwright`);
const { makeMock } = require("./mock.js");

// A phone, the GX's screens of five and seven inches (victronenergy/gui-v2, themes/geometry), a desk.
const SIZES = [[360, 740], [800, 480], [1024, 600], [1280, 800]];
const LANGUAGES = ["en", "de", "fr"];
const VIEWS = ["overview", "cells", "curves", "alarms", "settings", "charge", "system", "gateway", "journal", "more"];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let browser, passed = 0, failed = 0;

async function start() {
	browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
}

// How many have failed.
async function end() {
	await browser.close();
	console.log(`${passed} passed, ${failed} failed`);
	return failed;
}

// A browser window whose complaints and requests are kept.
async function open(mock, port, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB",
		timezoneId: "Europe/Berlin", reducedMotion: "reduce", ...options });
	const page = await context.newPage();
	const complaints = [], strangers = [];

	page.on("console", (m) => ["error", "warning"].includes(m.type()) && complaints.push(m.text()));
	page.on("pageerror", (e) => complaints.push(String(e)));
	page.on("request", (r) => new URL(r.url()).host !== `127.0.0.1:${port}` && !r.url().startsWith("blob:") &&
		strangers.push(r.url()));
	return { page, context, complaints, strangers, url: `http://127.0.0.1:${port}/`, close: () => context.close() };
}

async function check(name, fn) {
	if (!name.includes(only))
		return;
	const mock = makeMock(folder, `${modules}/node_modules`);
	const port = await mock.listen();
	const windows = [];

	try {
		await fn({ mock, port, open: async (options) => {
			windows.push(await open(mock, port, options));
			return windows[windows.length - 1];
		} });
		passed++;
	} catch (e) {
		failed++;
		console.log(`FAILED: ${name}\n    ${String(e.stack ?? e).split("\n").join("\n    ")}`);
		for (const w of windows)
			console.log(`    the browser says: ${w.complaints.join("; ") || "nothing"}`);
		for (const w of windows)
			await w.page.screenshot({ path: path.join(out, `${name.replace(/\W+/g, "-")}.png`) }).catch(() => {});
	}
	for (const w of windows)
		await w.close();
	await mock.close().catch(() => {});
}

async function show(w, view) {
	await w.page.goto(`${w.url}#/${view}`);
	await w.page.locator(`main.view.${view} h1`).waitFor({ state: "attached" });
	if (view === "curves")
		await w.page.locator(".u-over").nth(5).waitFor();
	if (view === "cells")
		await w.page.locator(".u-over").first().waitFor();
	if (view === "journal")
		await w.page.locator(".entry").nth(40).waitFor();
	if (["settings", "charge", "system", "gateway"].includes(view))
		await w.page.locator("form.editor").waitFor();
	if (view === "alarms")
		await w.page.locator(".entry").nth(5).waitFor();
}

async function noAxeViolation(page, where) {
	const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
	const text = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.target} ${n.failureSummary}`).join("; ")}`);

	assert.deepStrictEqual(text, [], where);
}

async function noHorizontalScroll(page, where) {
	const [wide, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);

	assert.ok(wide <= width, `${where}: ${wide} px wide on ${width} px`);
}

function quiet(w) {
	assert.deepStrictEqual(w.complaints, []);
	assert.deepStrictEqual(w.strangers, []);
}

// Nothing may leave its card, or the window.
async function nothingSticksOut(page, where) {
	const out = await page.evaluate(() => [...document.querySelectorAll("main *, header *, nav *, .banner *")]
		.filter((e) => e.childNodes.length && [...e.childNodes].some((c) => c.nodeType === 3 && c.data.trim()))
		.filter((e) => !e.closest(".hidden, h1, svg, .scroll, option, select, .uplot") && e.offsetParent !== null)
		.filter((e) => getComputedStyle(e).textOverflow !== "ellipsis")
		.flatMap((e) => {
			const box = e.closest(".tile, .card, header, nav, .notice, .banner") ?? document.body, range = document.createRange();

			range.selectNodeContents(e);
			const text = range.getBoundingClientRect(), frame = box.getBoundingClientRect();
			const is_cut = e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow !== "visible";

			return text.right > frame.right + 1 || text.left < frame.left - 1 || is_cut
				? [`${e.tagName}.${e.className}: ${e.textContent.slice(0, 40)}`] : [];
		}));

	assert.deepStrictEqual(out, [], where);
}

const puts = (mock) => mock.calls.filter((c) => c.method === "PUT");

module.exports = { LANGUAGES, SIZES, VIEWS, check, end, folder, modules, noAxeViolation, noHorizontalScroll, nothingSticksOut, puts,
	quiet, show, start };
