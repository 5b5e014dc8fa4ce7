#!/usr/bin/env node
// The page in a real browser, against the bench's gateway.
//   node page.test.js PAGE MODULES OUT [NAME]     pictures of what failed go to OUT; NAME: those only
// Ends with "N passed, N failed".
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");

const { LANGUAGES, SIZES, VIEWS, check, end, folder, modules, noAxeViolation, noHorizontalScroll, nothingSticksOut, puts, quiet, show,
	start } = require("./bench.js");
const data = require("./data.js");
const hostile = require("./hostile.js");
const keys = require("./keys.js");
const { makeMock, PASSWORD } = require("./mock.js");
const reader = require("./reader.js");
const { checkWords } = require("./words.js");

const BUDGET = 100_000; // bytes compressed, of 150 kB that are allowed

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

// What a card says, {name: value}.
const factsOf = async (page, title) => Object.fromEntries(await page.locator("section.card", { has: page.getByRole("heading", { name: title, exact: true }) })
	.locator("dl.facts > dt").evaluateAll((list) => list.map((dt) => [dt.textContent, dt.nextElementSibling.textContent])));

async function diagnosticsOfBattery({ mock, open }) {
	const w = await open();

	await show(w, "system");
	assert.deepStrictEqual(await factsOf(w.page, "Told to the GX"), { Messages: "86,410", "Values in them": "777,000",
		"Their size": "41.2\u202fMB", "Mean / longest delay": "0.9 / 7.3\u202fms", "Gaps in the record": "3", "Their length": "1.5\u202fh" });
	const can = await factsOf(w.page, "CAN");

	assert.deepStrictEqual([can["Left out"], can["Queue was full"], can.Opened, can["Mean / longest until sent"]], ["2", "31", "4", "0.6 / 12.5\u202fms"]);
	mock.wish.patch[data.IDS[0]] = { diagnostics: {}, can: [{ interface: "can1", protocol: "victron", state: "absent", error: "can1 is not there" }] };
	mock.publish();
	await w.page.getByText("can1 is not there").waitFor();
	assert.deepStrictEqual(Object.values(await factsOf(w.page, "Told to the GX")), Array(6).fill("–"), "nothing is made up");
	quiet(w);
}

async function certificates({ mock, open }) {
	const w = await open(), notice = w.page.locator(".notice", { hasText: "ertificate" });
	const of = (...list) => {
		mock.wish.gateway = { certificates: list };
		mock.publish();
	};
	const shows = (text) => w.page.locator("main.view").getByText(text, { exact: false }).first().waitFor();

	await show(w, "overview");
	await w.page.waitForTimeout(300);
	assert.strictEqual(await notice.count(), 0, "all is well");
	of(data.certificate("https", "expires_soon", 12));
	await notice.getByText(/^Warning: Certificate of the page: expires on .* 20\d\d, in 12\sd$/).waitFor();
	await noAxeViolation(w.page, "certificate");
	await notice.click();
	await w.page.locator("main.view.gateway h1").waitFor({ state: "attached" });
	await shows("Put a new file in its place");
	await shows("/data/conf/dbus-tinybms/gateway/https.pem");
	of(data.certificate("https", "expired", -3), data.certificate("mqtt_authority", "clock_wrong", 0, { days_left: null }));
	await w.page.locator(".bad", { hasText: "expired on" }).waitFor();
	await shows("the device’s clock is wrong");
	await shows("Set the clock");
	of(data.certificate("https", "valid", 80, { refused: "tls_key: x.key is not the key of the certificate in x.pem" }));
	await shows("x.key is not the key");
	await noAxeViolation(w.page, "refused");
	await show(w, "overview");
	await notice.getByText("the new file cannot be used").waitFor();
	of(data.certificate("https", "unusable", 0, { name: null, valid_from: null, valid_until: null, days_left: null, sentence: "tls_certificate: <b> is none" }));
	await notice.getByText("Certificate of the page: cannot be used").waitFor();
	await show(w, "gateway");
	await shows("tls_certificate: <b> is none");
	of();
	await shows("None is configured.");
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
		await w.page.locator(".soc", { hasText: "61.5" }).waitFor(); // the whole document is fetched anew
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
	assert.match(await w.page.innerText("dialog tbody tr"), /Capacity of the battery\s+battery_capacity\s+10\sAh\s+280\sAh/i);
	await w.page.getByRole("button", { name: "Write", exact: true }).click();
	await w.page.locator("dialog").waitFor({ state: "detached" });
	assert.ok(mock.calls.some((c) => c.query === "?apply=1"));
	await w.page.setInputFiles("#restore-file", { name: "b.txt", mimeType: "text/plain", buffer: Buffer.from("no") });
	await w.page.getByText("it is not JSON").waitFor();
	quiet(w);
}

/* ---- keyboard, choices, size --------------------------------------------------------------- */

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
	await w.page.getByLabel("New password").pressSequentially("short");
	assert.ok(await w.page.getByLabel("New password, 10 characters or more").evaluate((e) => e.validity.tooShort));
	await w.page.getByLabel("New password").fill("another horse");
	await w.page.getByRole("button", { name: "Change the password" }).click();
	await w.page.getByText("The present password is wrong.").waitFor();
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
	await start();
	await check("words", async () => assert.deepStrictEqual(await checkWords(path.join(__dirname, "../../../src/web")), []));
	await check("sizes", async () => sizes());
	for (const [name, fn] of Object.entries({ atAGlance, severalBatteries, cellsOfBattery, diagnosticsOfBattery, certificates, curvesZoom, oldData, silentLine,
		lostAndFound, noBattery, batteryLeaves, batteryComesLate, noBus, loginFirst, riskySetting, cancelledSetting, chargeKeys, backupAndRestore, choices, newPassword, ...keys, ...reader, ...hostile }))
		await check(name, fn);
	for (const [i, [width, height]] of SIZES.entries())
		for (const [k, language] of LANGUAGES.entries())
			for (const [n, theme] of ["light", "dark"].entries())
				await check(`every view, ${width}x${height}, ${language}, ${theme}`,
					everyView(width, height, language, theme, (i + n) % 3 === k));
	process.exit(await end() ? 1 : 0);
}

main().catch((e) => {
	console.error(e);
	console.log("0 passed, 1 failed");
	process.exit(1);
});
