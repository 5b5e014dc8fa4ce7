#!/usr/bin/env node
// The page as the gateway itself serves it: under its headers, its log-in, its WebSocket.
//   node real.js PAGE MODULES OUT GATEWAY
// Ends with "N passed, N failed".
"use strict";

const assert = require("assert");
const { execFileSync, spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

const [, , folder, modules, out, program] = process.argv;
const { chromium } = require(`${modules}/node_modules/playwright-core`);

const PORT = 20000 + (process.pid % 10000), PASSWORD = "correct horse battery";
const place = fs.mkdtempSync(path.join(os.tmpdir(), "page-real-"));
const config = path.join(place, "gateway.json");

async function answers(url) {
	for (let i = 0; i < 100; i++) {
		if (await fetch(url).then(() => true, () => false))
			return;
		await new Promise((done) => setTimeout(done, 200));
	}
	throw new Error(`nothing answers at ${url}`);
}

async function look(browser, url) {
	const page = await browser.newPage({ locale: "en-GB" });
	const complaints = [], strangers = [];

	// The browser itself tells of the log-in that fails, and of the batteries that are not there.
	const isMeant = (m) => /status of 4/.test(m.text()) ||
		(/status of 503/.test(m.text()) && m.location().url.startsWith(`${url}api/v1/batteries`));

	page.on("console", (m) => m.type() === "error" && !isMeant(m) && complaints.push(m.text()));
	page.on("pageerror", (e) => complaints.push(String(e)));
	page.on("request", (r) => !r.url().startsWith(url) && strangers.push(r.url()));
	await page.goto(url);
	await page.getByLabel("Password").fill("wrong");
	await page.keyboard.press("Enter");
	await page.getByText("User or password is wrong.").waitFor();
	await page.getByLabel("Password").fill(PASSWORD);
	await page.keyboard.press("Enter");
	await page.getByText(/^(live|old data)$/).waitFor(); // the WebSocket is open
	await page.screenshot({ path: path.join(out, "real.png") });
	for (const view of ["overview", "cells", "curves", "alarms", "settings", "charge", "system", "more"]) {
		await page.goto(`${url}#/${view}`);
		await page.locator(`main.view.${view} h1`).waitFor({ state: "attached" });
	}
	await page.reload();
	await page.getByRole("button", { name: "Log out" }).click();
	await page.getByLabel("Password").waitFor();
	assert.deepStrictEqual(complaints, []);
	assert.deepStrictEqual(strangers.filter((u) => !u.startsWith("ws")), []);
}

async function main() {
	fs.writeFileSync(config, JSON.stringify({ port: PORT }));
	execFileSync(program, ["--config", config, "--set-password"], { input: `${PASSWORD}\n` });
	const gateway = spawn("dbus-run-session", ["--", program, "--config", config, "--page", folder],
		{ stdio: "ignore", detached: true });
	const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
	let error = null;

	try {
		await answers(`http://127.0.0.1:${PORT}/`);
		await look(browser, `http://127.0.0.1:${PORT}/`);
	} catch (e) {
		error = e;
		console.log(`FAILED: the real gateway\n    ${e.stack}`);
	}
	await browser.close();
	process.kill(-gateway.pid);
	fs.rmSync(place, { recursive: true });
	console.log(error ? "0 passed, 1 failed" : "1 passed, 0 failed");
	process.exit(error ? 1 : 0);
}

main().catch((e) => {
	console.error(e);
	console.log("0 passed, 1 failed");
	process.exit(1);
});
