#!/usr/bin/env node
// The page as the gateway itself serves it, with battery services and simulated BMS behind it.
//   node real.js PAGE MODULES OUT BUILD     BUILD: a meson build folder
// Each step goes on where the one before ended. Ends with "N passed, N failed".
"use strict";

const assert = require("assert");
const path = require("path");
const { PASSWORD, Rig, sleep, until } = require("./rig.js");

const [, , folder, modules, out, build] = process.argv;
const { chromium } = require(`${modules}/node_modules/playwright-core`);

const VIEWS = ["overview", "cells", "curves", "alarms", "settings", "charge", "system", "gateway", "journal", "more"];
const FIRST = ["--chemistry", "lfp", "--cells", "16", "--capacity", "280", "--soc", "60"];
const SECOND = ["--serial", "0123456789abcdef01234567", "--chemistry", "lfp", "--cells", "4", "--capacity", "100", "--soc", "93"];

// Refusals that a step provokes are said by the browser itself.
const isMeant = (text) => /status of (4\d\d|503)|ERR_CONNECTION|WebSocket/.test(text);

async function openPage(browser, rig) {
	const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
	const page = await context.newPage();
	const w = { page, rig, complaints: [], strangers: [] };

	page.setDefaultTimeout(40000);
	page.on("console", (m) => ["error", "warning"].includes(m.type()) && !isMeant(m.text()) && w.complaints.push(m.text()));
	page.on("pageerror", (e) => w.complaints.push(String(e)));
	page.on("request", (r) => new URL(r.url()).host !== new URL(rig.url).host && !r.url().startsWith("blob:") && w.strangers.push(r.url()));
	page.on("websocket", (s) => new URL(s.url()).host !== new URL(rig.url).host && w.strangers.push(s.url()));
	return w;
}

async function show({ page, rig }, view) {
	await page.goto(`${rig.url}#/${view}`);
	await page.locator(`main.view.${view} h1`).waitFor({ state: "attached" });
}

async function enter({ page }) {
	await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
	await page.keyboard.press("Enter");
	await page.locator(".clock").getByText("live").waitFor();
}

// The text is there at last: documents come once a second.
const text = (page, selector, pattern) => until(`${pattern} in ${selector}`, async () =>
	pattern.test(await page.locator(selector).first().evaluate((e) => e.innerText ?? e.textContent, null, { timeout: 1000 }).catch(() => "")));

const banner = (page, pattern) => text(page, ".banner", pattern);
const isWell = (page) => page.locator(".banner").waitFor({ state: "hidden" });

/* ---- steps ---------------------------------------------------------------------------------- */

const steps = {
	async "a wrong password, then the right one"(w) {
		await w.page.goto(w.rig.url);
		await w.page.getByLabel("Password", { exact: true }).fill("wrong");
		await w.page.keyboard.press("Enter");
		await w.page.getByText("User or password is wrong.").waitFor();
		await enter(w);
	},
	async "what the simulator was told"({ page, rig }) {
		await rig.tell("A", "current 12.5");
		await rig.tell("A", "set counted-soc 71.5");
		await rig.tell("A", "set cell 9 3.402");
		await rig.tell("A", "temperature 1 6.5");
		await show({ page, rig }, "overview");
		await text(page, ".soc", /71\.\d\s*%/);
		await text(page, ".flow", /12\.5\sA/);
		assert.strictEqual(await page.getAttribute(".arrow", "data-flow"), "in");
		await show({ page, rig }, "cells");
		await text(page, ".bar.high", /93\.40/);
		await text(page, "main", /Sensor 1\s+6\.5\s°C/);
		await rig.tell("A", "current -20");
		await show({ page, rig }, "overview");
		await text(page, ".flow", /-20\.0\sA/);
		assert.strictEqual(await page.getAttribute(".arrow", "data-flow"), "out");
	},
	async "a fault of the BMS, in words"({ page, rig }) {
		await rig.tell("A", "fault 5");
		await text(page, ".notice.alarm", /over-current/);
		await page.locator(".notice.alarm").first().click();
		await page.getByText(/Reduce the load/).first().waitFor();
		await rig.tell("A", "clear fault");
		await page.getByText("No alarm. All is well.").waitFor();
	},
	async "a setting of the BMS, in two steps"({ page, rig }) {
		const before = Number(await rig.tell("A", "get setting over_voltage_cutoff"));

		await show({ page, rig }, "settings");
		await page.locator("#f-over_voltage_cutoff").fill("3.62");
		await page.getByRole("button", { name: "Review" }).click();
		await page.getByRole("button", { name: "Write", exact: true }).click();
		await page.getByText(`over_voltage_cutoff: ${before} → 3.62`).waitFor();
		assert.strictEqual(Number(await rig.tell("A", "get setting over_voltage_cutoff")), before, "nothing yet");
		await page.getByLabel(/data sheet/).check();
		await page.getByRole("button", { name: "Write to the BMS" }).click();
		await page.getByText("Written, and read back.").waitFor();
		assert.strictEqual(Number(await rig.tell("A", "get setting over_voltage_cutoff")), 3.62);
		await show({ page, rig }, "journal");
		await page.locator("section", { hasText: "This battery" }).locator(".entry", { hasText: `${before} V → 3.62 V` }).getByText(/admin@127\.0\.0\.1/).waitFor();
		await page.locator("section", { hasText: "By way of the gateway" }).getByText(/Refused|→ 3\.62/).first().waitFor();
	},
	async "a value that the BMS refuses"({ page, rig }) {
		await rig.tell("A", "range 315 3000 3700");
		await show({ page, rig }, "settings");
		await page.locator("#f-over_voltage_cutoff").fill("4.1");
		await page.getByRole("button", { name: "Review" }).click();
		await page.getByRole("button", { name: "Write", exact: true }).click();
		const refused = page.locator("dialog .error").getByText(/\w/), asked = page.getByLabel(/data sheet/);

		await refused.or(asked).waitFor();
		if (await asked.isVisible()) { // the service does not know yet what this BMS takes
			await asked.check();
			await page.getByRole("button", { name: "Write to the BMS" }).click();
		}
		await refused.waitFor();
		await page.getByRole("button", { name: "Cancel" }).click();
		assert.strictEqual(Number(await rig.tell("A", "get setting over_voltage_cutoff")), 3.62);
	},
	async "a charge key, and storage"({ page, rig }) {
		await show({ page, rig }, "charge");
		await page.locator("#f-soc_ceiling").fill("85");
		await page.getByRole("button", { name: "Review" }).click();
		await page.getByRole("button", { name: "Save" }).click();
		await page.getByText("Written, and read back.").waitFor();
		assert.strictEqual(await page.inputValue("#f-soc_ceiling"), "85");
		await page.getByRole("button", { name: "Store" }).click();
		await page.getByRole("button", { name: "Do it" }).click();
		await page.getByRole("button", { name: "End storage" }).click();
		await page.getByRole("button", { name: "Do it" }).click();
		await page.getByRole("button", { name: "Store" }).waitFor();
	},
	async "the BMS falls silent and speaks again"({ page, rig }) {
		await show({ page, rig }, "overview");
		await rig.tell("A", "silent 14");
		await banner(page, /last read 1\d\ss ago/);
		await text(page, ".why", /does not answer/);
		await isWell(page);
	},
	async "the service stops and starts again"({ page, rig }) {
		await show({ page, rig }, "curves");
		await page.locator(".u-over").first().waitFor();
		await rig.stop("service-A");
		await banner(page, /battery service has stopped: what you see is from/);
		await page.locator(".clock").getByText("old data").waitFor();
		await show({ page, rig }, "overview");
		await text(page, ".soc", /\d\s*%/);
		await text(page, ".why", /does not answer/);
		await show({ page, rig }, "settings"); // while the service is away
		await page.locator("main [role=status]").getByText(/\w/).waitFor();
		rig.startService("A");
		await isWell(page);
		await page.locator("#f-over_voltage_cutoff").waitFor(); // loaded again by itself
		await rig.tell("A", "current 7.5");
		await show({ page, rig }, "overview");
		await text(page, ".flow", /7\.5\sA/);
	},
	async "another battery comes, alarms, and leaves"({ page, rig }) {
		await rig.startBms("B", ...SECOND);
		rig.startService("B", { battery_name: "Boat <b>&amp;\u202e", can: [{ interface: "can9", protocol: "pylontech" }] });
		await page.locator(".battery").nth(1).waitFor();
		assert.match(await page.innerText("header"), /House/, "the one that is shown stays");
		await rig.tell("B", "set cell 2 3.68");
		await page.locator(".notice", { hasText: "Boat" }).waitFor();
		await rig.tell("B", "set cells 3.34");
		await page.locator(".battery", { hasText: "Boat" }).click();
		await text(page, ".soc", /9\d\.\d\s*%/);
		await show({ page, rig }, "cells");
		await until("four cells", async () => await page.locator(".bar").count() === 4);
		await show({ page, rig }, "system");
		await text(page, "main", /can9 · pylontech/);
		await text(page, "main", /no such interface/);
		await show({ page, rig }, "overview");
		await page.locator(".battery", { hasText: "House" }).click();
		await rig.stop("service-B");
		await until("one battery", async () => await page.locator("header option").count() === 1);
		await isWell(page);
		await text(page, ".flow", /7\.5\sA/);
	},
	async "a token: made, used, revoked"({ page, rig }) {
		await show({ page, rig }, "gateway");
		await page.getByLabel("Name of the program").fill("grafana");
		await page.getByRole("button", { name: "Make a token" }).click();
		const token = await page.locator("#token").inputValue();
		const ask = () => fetch(`${rig.url}api/v1/batteries`, { headers: { Authorization: `Bearer ${token}` } });

		assert.strictEqual((await ask()).status, 200);
		await page.reload();
		await page.getByText("grafana").waitFor();
		assert.strictEqual(await page.locator("#token").count(), 0, "it is shown once");
		await page.getByRole("button", { name: "Revoke: grafana" }).click();
		await page.locator("dialog").getByRole("button", { name: "Revoke" }).click();
		await page.getByText("There is none.").waitFor();
		assert.strictEqual((await ask()).status, 401);
	},
	async "the gateway's configuration, and its new start"({ page, rig }) {
		await show({ page, rig }, "gateway");
		await page.locator("#f-listen").fill("everywhere");
		await page.getByRole("button", { name: "Review" }).click();
		await page.getByRole("button", { name: "Save" }).click();
		await page.locator("dialog .error").getByText(/is no address/).waitFor();
		await page.getByRole("button", { name: "Cancel" }).click();
		await page.locator("#f-listen").fill("127.0.0.1");
		await page.locator("#f-site").fill("Hut \"7\" <i>");
		await page.locator("#f-hosts").fill("hut.local, battery.lan");
		await page.locator("#f-mqtt_legacy").uncheck();
		await page.getByRole("button", { name: "Review" }).click();
		await page.getByRole("button", { name: "Save" }).click();
		await page.getByText("It counts when the gateway starts again.").first().waitFor();
		assert.strictEqual(await page.inputValue("#f-hosts"), "hut.local battery.lan");
		await page.getByText("waits for a new start", { exact: false }).first().waitFor();
		await page.getByRole("button", { name: "Start again" }).click();
		await page.locator("dialog").getByRole("button", { name: "Start again" }).click();
		assert.strictEqual(await rig.ended("gateway"), 0);
		await banner(page, /connection is lost/);
		await rig.startGateway();
		await page.getByLabel("Password", { exact: true }).waitFor(); // it has forgotten the session
		await enter({ page });
		await page.locator("#f-site").waitFor();
		assert.strictEqual(await page.inputValue("#f-site"), "Hut \"7\" <i>");
		assert.strictEqual(await page.getByText("waits for a new start").count(), 0);
	},
	async "the gateway stops and starts again"({ page, rig }) {
		const headers = { Authorization: `Bearer ${rig.token("order", "write")}`, "Content-Type": "application/json" };

		await show({ page, rig }, "overview");
		await rig.tell("A", "silent 4"); // an order that waits for the BMS is on its way when the gateway ends
		const order = fetch(`${rig.url}api/v1/batteries/ttyBMSA/settings`, { method: "PUT", headers,
			body: JSON.stringify({ values: { broadcast_time: 1 } }) }).catch(() => "ended");

		await sleep(500);
		await rig.stop("gateway");
		assert.strictEqual(await order, "ended");
		await banner(page, /connection is lost: what you see is old/);
		await page.locator(".clock").getByText("offline").waitFor();
		await rig.startGateway();
		await page.getByLabel("Password", { exact: true }).waitFor();
		await enter({ page });
		await text(page, ".flow", /7\.5\sA/);
		await isWell(page);
	},
	async "every view, then log out"({ page, rig }) {
		for (const view of VIEWS) {
			await show({ page, rig }, view);
			await page.waitForTimeout(300);
			await page.screenshot({ path: path.join(out, `real-${view}.png`) });
		}
		await page.getByRole("button", { name: "Log out" }).click();
		await page.getByLabel("Password", { exact: true }).waitFor();
		assert.strictEqual((await fetch(`${rig.url}api/v1/batteries`)).status, 401);
	},
};

async function main() {
	const rig = new Rig(build, folder);
	let passed = 0, failed = 0, browser = null;

	try {
		await rig.start();
		await rig.startBms("A", ...FIRST);
		rig.startService("A", { battery_name: "House" });
		await rig.startGateway({ interval: 0.5 });
		browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
		const w = await openPage(browser, rig);

		for (const [name, step] of Object.entries(steps)) {
			await step(w).catch(async (e) => {
				await w.page.screenshot({ path: path.join(out, "real-failed.png") }).catch(() => {});
				throw new Error(`${name}: ${e.stack}`);
			});
			assert.deepStrictEqual([w.complaints, w.strangers], [[], []], name);
			passed++;
		}
	} catch (e) {
		failed++;
		console.log(`FAILED: the real gateway: ${e.message}`);
	}
	await browser?.close();
	await rig.close().catch((e) => {
		failed++;
		console.log(`FAILED: an end in order: ${e.message}`);
	});
	console.log(`${passed} passed, ${failed} failed`);
	process.exit(failed ? 1 : 0);
}

main().catch((e) => {
	console.error(e);
	console.log("0 passed, 1 failed");
	process.exit(1);
});
