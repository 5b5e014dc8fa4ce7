#!/usr/bin/env node
// The page in a real browser, against the bench's gateway.
//   node page.test.js PAGE MODULES OUT [NAME]     pictures of what failed go to OUT; NAME: those only
// Ends with "N passed, N failed".
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");

const [, , folder, modules, out, only = ""] = process.argv;
const { chromium } = require(`${modules}/node_modules/playwright-core`);
const { AxeBuilder } = require(`${modules}/node_modules/@axe-core/playwright`);
const data = require("./data.js");
const { makeMock, PASSWORD } = require("./mock.js");
const { checkWords } = require("./words.js");

const SIZES = [[360, 740], [800, 480], [1280, 800]];
const LANGUAGES = ["en", "de", "fr"];
const VIEWS = ["overview", "cells", "curves", "alarms", "settings", "charge", "system", "gateway", "journal", "more"];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const BUDGET = 100_000; // bytes compressed, of 150 kB that are allowed

let browser, passed = 0, failed = 0;

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

/* ---- every view ---------------------------------------------------------------------------- */

// Structure and colours are judged once for each size and scheme, each language in its turn.
const everyView = (width, height, language, colorScheme, is_judged) => async ({ open }) => {
	const w = await open({ viewport: { width, height }, locale: language, colorScheme });

	for (const view of VIEWS) {
		await show(w, view);
		assert.strictEqual(await w.page.getAttribute("html", "lang"), language);
		await noHorizontalScroll(w.page, view);
		await nothingSticksOut(w.page, view);
		if (is_judged)
			await noAxeViolation(w.page, view);
	}
	quiet(w);
};

async function atAGlance({ mock, open }) {
	const w = await open();

	await show(w, "overview");
	assert.match(await w.page.innerText(".soc"), /74\.2\s*%/);
	assert.match(await w.page.innerText(".power"), /659\sW/);
	assert.strictEqual(await w.page.getAttribute(".arrow", "data-flow"), "in");
	assert.match(await w.page.innerText(".why"), /^Charging is limited to 52\.5\sA: the temperature allows no more\.$/);
	assert.match(await w.page.innerText(".notice"), /Warning: too cold to charge/);
	mock.wish.patch.usb_FTDI_A50285BI = { power_w: -1500, status: "discharging", soc_pct: 9.1,
		faults: [{ id: 5, text: "discharging over-current cut-off", remedy: "Reduce the load; compare it with register 317." }] };
	mock.publish();
	await w.page.locator(".doing").getByText("discharging", { exact: true }).waitFor();
	assert.strictEqual(await w.page.getAttribute(".arrow", "data-flow"), "out");
	await w.page.locator(".notice.alarm").click();
	await w.page.getByText("Reduce the load; compare it with register 317.").first().waitFor();
	quiet(w);
}

async function severalBatteries({ open }) {
	const w = await open();

	await show(w, "overview");
	await w.page.selectOption("header select", { label: "Garage" });
	assert.match(await w.page.innerText(".soc"), /38\.5/);
	assert.strictEqual(await w.page.getAttribute(".arrow", "data-flow"), "out");
	await w.page.reload();
	await w.page.locator(".soc").waitFor();
	assert.match(await w.page.innerText(".soc"), /38\.5/, "the choice is kept");
	quiet(w);
}

async function cellsOfBattery({ open }) {
	const w = await open();

	await show(w, "cells");
	assert.strictEqual(await w.page.locator(".bar").count(), 16);
	assert.strictEqual(await w.page.locator(".bar.high").textContent(), "93.358");
	assert.strictEqual(await w.page.locator(".bar.low").textContent(), "133.337");
	assert.strictEqual(await w.page.locator(".bleed").count(), 1);
	await w.page.locator("summary").first().click();
	assert.match(await w.page.locator("tbody tr").nth(8).innerText(), /9\s+3\.358\sV\s+21\s+highest, balancing/);
	quiet(w);
}

async function curvesZoom({ mock, open }) {
	const w = await open();
	const span = () => w.page.evaluate(() => document.querySelector(".u-axis") && uPlot.sync("time").plots
		.map((p) => p.scales.x.max - p.scales.x.min));

	await show(w, "curves");
	assert.ok(mock.calls.some((c) => c.query.includes("range=24h")));
	const whole = await span();

	await w.page.getByRole("button", { name: "Closer" }).click();
	(await span()).forEach((s, i) => assert.ok(Math.abs(s - whole[i] / 2) < 1, `${s} of ${whole[i]}`));
	await w.page.locator(".plot").first().focus();
	await w.page.keyboard.press("0");
	assert.deepStrictEqual(await span(), whole);
	await w.page.getByRole("button", { name: "30 days" }).click();
	await w.page.waitForFunction((s) => uPlot.sync("time").plots.some((p) => p.scales.x.max - p.scales.x.min > s), 20 * 86400);
	await w.page.locator(".chart summary").first().click();
	await w.page.locator(".chart").first().locator("tbody tr").nth(19).waitFor(); // the table has the numbers
	quiet(w);
}

/* ---- old data, lost connection ------------------------------------------------------------- */

async function oldData({ mock, open }) {
	const w = await open();

	await show(w, "overview");
	assert.ok(await w.page.locator(".banner").isHidden());
	mock.wish.age_s = 34;
	mock.publish();
	await w.page.getByText(/last read 3\d\ss ago/).waitFor();
	await noAxeViolation(w.page, "old");
	assert.ok(await w.page.evaluate(() => document.body.classList.contains("stale")));
	mock.wish.age_s = 0.1;
	mock.wish.isLive = false;
	mock.publish();
	await w.page.getByText(/last read \d\ss ago/).waitFor();
	assert.match(await w.page.innerText(".why"), /does not answer/);
	mock.wish.isLive = true;
	mock.publish();
	await w.page.locator(".banner").waitFor({ state: "hidden" });
	quiet(w);
}

// The line is open and says nothing: the page asks, and believes the answer's age.
async function silentLine({ mock, open }) {
	const w = await open();

	await show(w, "overview");
	mock.wish.silent = true;
	mock.calls.length = 0;
	await w.page.waitForTimeout(11500);
	assert.ok(await w.page.locator(".banner").isHidden(), "asked in time");
	assert.ok(mock.calls.some((c) => c.name === "batteries/usb_FTDI_A50285BI"));
	mock.wish.age_s = 60;
	await w.page.getByText(/last read 6\d\ss ago/).waitFor({ timeout: 15000 });
	quiet(w);
}

async function lostAndFound({ mock, port, open }) {
	const w = await open();

	await show(w, "overview");
	await mock.close();
	await w.page.getByText(/connection is lost/).waitFor();
	await noAxeViolation(w.page, "lost");
	await w.page.waitForTimeout(2500); // a few attempts
	const again = makeMock(folder, `${modules}/node_modules`);

	again.wish.patch.usb_FTDI_A50285BI = { soc_pct: 61.5 };
	await again.listen(port);
	try {
		await w.page.getByRole("button", { name: "Try now" }).click({ timeout: 5000 }).catch(() => {});
		await w.page.locator(".banner").waitFor({ state: "hidden", timeout: 20000 });
		assert.match(await w.page.innerText(".soc"), /61\.5/, "the whole document is fetched anew");
		assert.deepStrictEqual(w.strangers, []);
		assert.deepStrictEqual(w.complaints.filter((c) => !/ERR_CONNECTION|WebSocket/.test(c)), []);
	} finally {
		await w.page.goto("about:blank");
		await again.close();
	}
}

async function noBattery({ mock, open }) {
	mock.wish.none = true;
	const w = await open();

	await show(w, "overview");
	await w.page.locator(".banner", { hasText: "No battery service is running." }).waitFor();
	await w.page.getByText("There is no battery to show").waitFor();
	await noAxeViolation(w.page, "none");
	mock.wish.none = false;
	mock.publish();
	await w.page.locator(".banner").waitFor({ state: "hidden" });
	await w.page.locator(".u-over").waitFor(); // the view is made anew for the battery that came
	quiet(w);
}

// What has left is not taken for another battery, and nothing is written to another one.
async function batteryLeaves({ mock, open }) {
	const w = await open();
	const [house] = data.IDS;

	await show(w, "settings");
	await w.page.locator("#f-over_voltage_cutoff").fill("3.65");
	mock.wish.gone = [house];
	mock.leave(house);
	await w.page.getByText(/battery service has stopped/).waitFor();
	assert.strictEqual(await w.page.inputValue("header select"), house);
	await w.page.getByRole("button", { name: "Review" }).click();
	await w.page.getByRole("button", { name: "Write", exact: true }).click();
	await w.page.locator("dialog .error").getByText("No such battery").waitFor();
	assert.deepStrictEqual(puts(mock).map((c) => c.name), [`batteries/${house}/settings`]);
	await w.page.getByRole("button", { name: "Cancel" }).click();
	await show(w, "overview");
	assert.match(await w.page.innerText(".soc"), /74\.2/, "the last values stay");
	assert.match(await w.page.innerText(".why"), /does not answer/);
	assert.ok(await w.page.evaluate(() => document.body.classList.contains("stale")));
	await noAxeViolation(w.page, "left");
	mock.wish.gone = [];
	mock.publish();
	await w.page.locator(".banner").waitFor({ state: "hidden" });
	mock.wish.gone = [house];
	mock.leave(house);
	await w.page.getByText(/battery service has stopped/).waitFor();
	await w.page.locator(".battery", { hasText: "Garage" }).click();
	await w.page.locator(".banner").waitFor({ state: "hidden" });
	assert.match(await w.page.innerText(".soc"), /38\.5/);
	assert.deepStrictEqual(w.complaints.filter((c) => !/status of 404/.test(c)), []);
}

// The battery that was chosen last comes later: the one that is shown stays, and what is edited is its own.
async function batteryComesLate({ mock, open }) {
	const w = await open();

	await show(w, "overview");
	await w.page.selectOption("header select", { label: "Garage" });
	mock.wish.gone = [data.IDS[1]];
	await w.page.reload();
	await show(w, "charge");
	await w.page.locator("#f-float_cell_v").fill("3.36");
	mock.wish.gone = [];
	mock.publish();
	await w.page.locator("header select").waitFor();
	assert.strictEqual(await w.page.inputValue("header select"), data.IDS[0]);
	assert.strictEqual(await w.page.inputValue("#f-float_cell_v"), "3.36");
	await w.page.getByRole("button", { name: "Review" }).click();
	await w.page.getByRole("button", { name: "Save" }).click();
	await w.page.getByText("Written, and read back.").waitFor();
	assert.deepStrictEqual(puts(mock).map((c) => c.name), [`batteries/${data.IDS[0]}/charge`]);
	quiet(w);
}

async function noBus({ mock, open }) {
	mock.wish.noBus = true;
	const w = await open();

	await show(w, "overview");
	await w.page.getByText("There is no D-Bus.").waitFor();
	mock.wish.noBus = false;
	mock.publish();
	await w.page.locator(".banner").waitFor({ state: "hidden" });
	assert.deepStrictEqual(w.complaints.filter((c) => !/status of 503/.test(c)), []);
}

/* ---- login --------------------------------------------------------------------------------- */

async function loginFirst({ mock, open }) {
	mock.wish.needsLogin = true;
	const w = await open({ viewport: { width: 360, height: 740 } });

	await w.page.goto(w.url);
	await w.page.getByLabel("Password", { exact: true }).fill("wrong");
	await noAxeViolation(w.page, "login");
	await w.page.keyboard.press("Enter");
	await w.page.getByText("User or password is wrong.").waitFor();
	await w.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
	await w.page.keyboard.press("Enter");
	await w.page.locator(".soc").waitFor();
	await w.page.goto(`${w.url}#/more`);
	await w.page.getByRole("button", { name: "Log out" }).click();
	await w.page.getByLabel("Password", { exact: true }).waitFor();
	assert.strictEqual(mock.calls.find((c) => c.name === "logout").csrf, "c1");
	assert.deepStrictEqual(w.strangers, []);
	assert.deepStrictEqual(w.complaints.filter((c) => !/status of 401/.test(c)), []);
}

/* ---- changing ------------------------------------------------------------------------------ */

const puts = (mock) => mock.calls.filter((c) => c.method === "PUT");

async function riskySetting({ mock, open }) {
	const w = await open({ viewport: { width: 800, height: 480 } });
	const field = () => w.page.locator("#f-over_voltage_cutoff");

	await show(w, "settings");
	await field().fill("4.6");
	await w.page.getByText("Must be 1.2 to 4.5 V.").waitFor();
	assert.ok(await w.page.getByRole("button", { name: "Review" }).isDisabled());
	await field().fill("3.65");
	await w.page.getByRole("button", { name: "Review" }).click();
	assert.match(await w.page.innerText("dialog tbody tr"), /4\.2\sV\s+3\.65\sV/);
	assert.strictEqual(puts(mock).length, 0, "nothing is sent before it was seen");
	await w.page.getByRole("button", { name: "Write", exact: true }).click();
	await w.page.getByText("over_voltage_cutoff: 4.2 → 3.65").waitFor();
	await noAxeViolation(w.page, "second step");
	assert.ok(await w.page.getByRole("button", { name: "Write to the BMS" }).isDisabled());
	await w.page.getByLabel(/data sheet/).check();
	await w.page.getByRole("button", { name: "Write to the BMS" }).click();
	await w.page.getByText("Written, and read back.").waitFor();
	assert.strictEqual(await field().inputValue(), "3.65");
	assert.deepStrictEqual(puts(mock).map((c) => c.body), [
		{ values: { over_voltage_cutoff: 3.65 }, confirm: {} },
		{ values: { over_voltage_cutoff: 3.65 }, confirm: { over_voltage_cutoff: "4.2->3.65" } }]);
	assert.ok(puts(mock).every((c) => c.csrf === "c1"));
	assert.deepStrictEqual(w.complaints.filter((c) => !/status of 409/.test(c)), []);
}

async function cancelledSetting({ mock, open }) {
	const w = await open();

	await show(w, "settings");
	await w.page.selectOption("#f-broadcast_time", { label: "1 s" });
	await w.page.getByRole("button", { name: "Review" }).click();
	assert.match(await w.page.innerText("dialog tbody tr"), /off\s+1 s/);
	await w.page.keyboard.press("Escape");
	await w.page.locator("dialog").waitFor({ state: "detached" });
	await w.page.getByRole("button", { name: "Discard" }).click();
	await w.page.waitForFunction(() => document.querySelector("#f-broadcast_time").value === "0");
	assert.strictEqual(puts(mock).length, 0);
	quiet(w);
}

async function chargeKeys({ mock, open }) {
	const w = await open();

	await show(w, "charge");
	await w.page.locator("#f-float_cell_v").fill("4.45");
	await w.page.getByRole("button", { name: "Review" }).click();
	await w.page.getByRole("button", { name: "Save" }).click();
	await w.page.locator("dialog").getByText("float_cell_v is above absorption_cell_v.").waitFor();
	await w.page.getByRole("button", { name: "Cancel" }).click();
	assert.match(await w.page.innerText("#f-float_cell_v-e"), /is above absorption_cell_v/);
	await w.page.locator("#f-float_cell_v").fill("3.36");
	await w.page.locator("#f-storage").check();
	await w.page.getByRole("button", { name: "Review" }).click();
	await w.page.getByRole("button", { name: "Save" }).click();
	await w.page.getByText("Written, and read back.").waitFor();
	assert.deepStrictEqual(puts(mock)[1].body, { values: { float_cell_v: "3.36", storage: "1" } });
	await w.page.getByRole("button", { name: "Full charge now" }).click();
	await w.page.getByRole("button", { name: "Do it" }).click();
	await w.page.getByText("Done.").waitFor();
	assert.deepStrictEqual(mock.calls.find((c) => c.name.endsWith("full-charge")).body, { on: true });
	assert.deepStrictEqual(w.complaints.filter((c) => !/status of 422/.test(c)), []);
}

async function backupAndRestore({ mock, open }) {
	const w = await open();

	await show(w, "system");
	const [download] = await Promise.all([w.page.waitForEvent("download"),
		w.page.getByRole("button", { name: "Save a backup" }).click()]);
	const backup = JSON.parse(fs.readFileSync(await download.path(), "utf8"));

	assert.strictEqual(backup.settings.over_voltage_cutoff, 4.2);
	backup.settings.battery_capacity = 280;
	await w.page.setInputFiles("#restore-file", { name: "b.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(backup)) });
	assert.match(await w.page.innerText("dialog tbody tr"), /battery_capacity\s+10\s+280/);
	await w.page.getByRole("button", { name: "Write", exact: true }).click();
	await w.page.locator("dialog").waitFor({ state: "detached" });
	assert.ok(mock.calls.some((c) => c.query === "?apply=1"));
	await w.page.setInputFiles("#restore-file", { name: "b.txt", mimeType: "text/plain", buffer: Buffer.from("no") });
	await w.page.getByText("it is not JSON").waitFor();
	quiet(w);
}

/* ---- what nobody should send ---------------------------------------------------------------- */

const EVIL = "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>&amp;{s}";
const LONG = "Batterieraumunterverteilungsbezeichnung".repeat(8);
const NAMES = { markup: EVIL, long: LONG, emoji: "\u{1F50B}\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\uD800", rtl: "\u202Eסוללה ראשית‮ بطارية" };

// Nothing may leave its card, or the window.
async function nothingSticksOut(page, where) {
	const out = await page.evaluate(() => [...document.querySelectorAll("main *, header *, nav *, .banner *")]
		.filter((e) => e.childNodes.length && [...e.childNodes].some((c) => c.nodeType === 3 && c.data.trim()))
		.filter((e) => !e.closest(".hidden, h1, svg, .scroll, option, select, .uplot") && e.offsetParent !== null)
		.filter((e) => getComputedStyle(e).textOverflow !== "ellipsis")
		.flatMap((e) => {
			const box = e.closest(".card, header, nav, .notice, .banner") ?? document.body, range = document.createRange();

			range.selectNodeContents(e);
			const text = range.getBoundingClientRect(), frame = box.getBoundingClientRect();
			const is_cut = e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow !== "visible";

			return text.right > frame.right + 1 || text.left < frame.left - 1 || is_cut
				? [`${e.tagName}.${e.className}: ${e.textContent.slice(0, 40)}`] : [];
		}));

	assert.deepStrictEqual(out, [], where);
}

const evilNames = (kind) => async ({ mock, open }) => {
	const name = NAMES[kind], text = `${name} !`;
	const w = await open({ viewport: { width: 360, height: 740 } });

	for (const id of data.IDS)
		mock.wish.patch[id] = { name: `${name} ${id}`, product: text, serial: text, firmware: text, sentence: text, port: text,
			faults: [{ id: 250, text, remedy: text }], limits: { ...data.battery(id, 0).limits, charge_limitation: text, state: text },
			status: text, alarms: { [text]: 2, toString: 1, __proto__: null },
			can: [{ ...data.battery(data.IDS[0], 0).can[0], interface: text, protocol: text, inverter: text, state: text, error: text }] };
	mock.wish.text = text;
	for (const view of VIEWS) {
		await w.page.goto(`${w.url}#/${view}`);
		await w.page.locator(`main.view.${view} h1`).waitFor({ state: "attached" });
		await w.page.waitForTimeout(400);
		await noHorizontalScroll(w.page, view);
		await nothingSticksOut(w.page, `${kind} ${view}`);
	}
	assert.strictEqual(await w.page.evaluate(() => window.hit), undefined);
	assert.strictEqual(await w.page.locator("main img, header img, main script").count(), 0);
	await show(w, "overview");
	await noAxeViolation(w.page, kind);
	assert.ok((await w.page.locator("bdi.name").first().textContent()).toWellFormed().startsWith(name.toWellFormed()), "it is shown as it is");
	quiet(w);
};

// Of each value what a broken program might send.
const absurd = (value) => async ({ mock, open }) => {
	const w = await open({ viewport: { width: 360, height: 740 }, locale: "de" });
	const twist = (v) => (typeof v === "number" ? value : Array.isArray(v) ? v.map(twist)
		: v && typeof v === "object" ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, twist(x)])) : v);

	for (const id of data.IDS)
		mock.wish.patch[id] = twist({ ...data.battery(id, 0), version: 1, age_s: undefined });
	for (const view of ["overview", "cells", "alarms", "system", "more"]) {
		await w.page.goto(`${w.url}#/${view}`);
		await w.page.locator(`main.view.${view} h1`).waitFor({ state: "attached" });
		await w.page.waitForTimeout(400);
		await noHorizontalScroll(w.page, view);
		await nothingSticksOut(w.page, `${value} ${view}`);
		assert.doesNotMatch(await w.page.innerText("main"), /NaN|undefined|null|Infinity|\[object/, view);
	}
	quiet(w);
};

const withCells = (count) => async ({ mock, open }) => {
	const cells = Array.from({ length: count }, (_, i) => ({ n: i + 1, voltage_v: 3.3 + i / 1000, is_balancing: i === 0 }));

	mock.wish.patch[data.IDS[0]] = { cells, cell_count: count, cell_min_v: 3.3, cell_min_n: 1, cell_max_v: 3.3 + (count - 1) / 1000,
		cell_max_n: count, cell_spread_v: (count - 1) / 1000, temperature_min_c: null, temperature_max_c: null,
		temperatures: { internal_c: null, external_1_c: null, external_2_c: null } };
	for (const [width, height] of SIZES) {
		const w = await open({ viewport: { width, height } });

		await show(w, "cells");
		await until(async () => await w.page.locator(".bar").count() === count);
		const inside = await w.page.evaluate(() => {
			const frame = document.querySelector(".bars").getBoundingClientRect();

			return [...document.querySelectorAll(".bar text")].every((e) => {
				const box = e.getBoundingClientRect();

				return box.left >= frame.left - 1 && box.right <= frame.right + 1 && box.bottom <= frame.bottom + 1;
			});
		});

		assert.ok(inside, `${width}: each number is inside`);
		await nothingSticksOut(w.page, `${width}`);
		await show(w, "curves");
		await noHorizontalScroll(w.page, "curves");
		quiet(w);
	}
};

async function until(fn) {
	for (let i = 0; i < 100 && !await fn(); i++)
		await new Promise((done) => setTimeout(done, 100));
	assert.ok(await fn());
}

/* ---- keyboard, choices, size --------------------------------------------------------------- */

async function byKeyboard({ open }) {
	const w = await open();

	await show(w, "overview");
	await w.page.keyboard.press("Tab");
	assert.strictEqual(await w.page.evaluate(() => document.activeElement.className), "skip");
	await w.page.keyboard.press("Enter");
	assert.strictEqual(await w.page.evaluate(() => document.activeElement.id), "main");
	await w.page.locator("nav a[data-view=cells]").focus();
	await w.page.keyboard.press("Enter");
	await w.page.locator("main.cells").waitFor();
	assert.strictEqual(await w.page.evaluate(() => document.activeElement.id), "main", "the focus goes to the view");
	assert.strictEqual(await w.page.getAttribute("nav a[data-view=cells]", "aria-current"), "page");
	quiet(w);
}

async function choices({ open }) {
	const w = await open({ colorScheme: "light", viewport: { width: 360, height: 740 } });
	const background = () => w.page.evaluate(() => getComputedStyle(document.body).backgroundColor);

	await show(w, "more");
	const light = await background();

	await w.page.selectOption("#theme", "dark");
	assert.notStrictEqual(await background(), light);
	await w.page.selectOption("#language", "de");
	assert.strictEqual(await w.page.getAttribute("html", "lang"), "de");
	await w.page.reload();
	await w.page.getByRole("button", { name: "Abmelden" }).waitFor();
	assert.notStrictEqual(await background(), light, "both are kept");
	quiet(w);
}

async function newPassword({ mock, open }) {
	const w = await open();

	await show(w, "more");
	await w.page.getByLabel("Present password").fill("wrong");
	await w.page.getByLabel("New password").fill("another horse");
	await w.page.getByRole("button", { name: "Change the password" }).click();
	await w.page.getByText("the old password is wrong").waitFor();
	await w.page.getByLabel("Present password").fill(PASSWORD);
	await w.page.keyboard.press("Enter");
	await w.page.getByText("Done.").waitFor();
	assert.deepStrictEqual(mock.calls.filter((c) => c.name === "password")[1].body, { old: PASSWORD, new: "another horse" });
	assert.deepStrictEqual(w.complaints.filter((c) => !/status of 403/.test(c)), []);
}

function sizes() {
	let total = 0;

	for (const name of fs.readdirSync(folder, { recursive: true }))
		if (name.endsWith(".gz"))
			total += fs.statSync(path.join(folder, name)).size;
	assert.ok(total > 30_000 && total <= BUDGET, `the page has ${total} bytes compressed, ${BUDGET} are allowed`);
	console.log(`${total} bytes compressed`);
	for (const name of ["index.html", "uPlot-LICENSE.txt", "icons.svg", "lang/fr.js"])
		assert.ok(fs.existsSync(path.join(folder, name)), name);
	const html = fs.readFileSync(path.join(folder, "index.html"), "utf8");

	assert.ok(!/<script(?![^>]* src=)|<style|style=| on\w+=/.test(html), "no inline code or style");
}

async function main() {
	browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
	await check("words", async () => assert.deepStrictEqual(await checkWords(path.join(__dirname, "../../../src/web")), []));
	await check("sizes", async () => sizes());
	for (const [name, fn] of Object.entries({ atAGlance, severalBatteries, cellsOfBattery, curvesZoom, oldData, silentLine,
		lostAndFound, noBattery, batteryLeaves, batteryComesLate, noBus, loginFirst, riskySetting, cancelledSetting, chargeKeys, backupAndRestore, byKeyboard, choices, newPassword }))
		await check(name, fn);
	for (const kind of Object.keys(NAMES))
		await check(`names: ${kind}`, evilNames(kind));
	for (const value of [null, "NaN", 1e9, -1e9, 1e300, {}, ""])
		await check(`absurd values: ${JSON.stringify(value)}`, absurd(value));
	for (const count of [0, 1, 4, 16])
		await check(`cells: ${count}`, withCells(count));
	for (const [i, [width, height]] of SIZES.entries())
		for (const [k, language] of LANGUAGES.entries())
			for (const [n, theme] of ["light", "dark"].entries())
				await check(`every view, ${width}x${height}, ${language}, ${theme}`,
					everyView(width, height, language, theme, (i + n) % 3 === k));
	await browser.close();
	console.log(`${passed} passed, ${failed} failed`);
	process.exit(failed ? 1 : 0);
}

main().catch((e) => {
	console.error(e);
	console.log(`${passed} passed, ${failed + 1} failed`);
	process.exit(1);
});
