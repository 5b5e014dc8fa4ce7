// What an owner reads: units, signs that stay with their word, what to do next.
"use strict";

const assert = require("assert");
const { noAxeViolation, noHorizontalScroll, nothingSticksOut, puts, quiet, show } = require("./bench.js");
const data = require("./data.js");
const { PASSWORD } = require("./mock.js");

const PHONE = { viewport: { width: 360, height: 740 } };

async function unitsOfCurves({ open }) {
	const w = await open({ ...PHONE, locale: "fr" });

	await show(w, "curves");
	assert.deepStrictEqual(await w.page.locator(".chart h2").allTextContents(), ["État de charge (%)", "Puissance (W)", "Tension (V)",
		"Tensions des cellules (V)", "Écart (mV)", "Températures (°C)"]);
	await show(w, "charge");
	const broken = await w.page.locator(".value .unit").evaluateAll((list) => list.filter((e) => e.getClientRects().length > 1 || e.offsetHeight > 30)
		.map((e) => e.textContent));

	assert.deepStrictEqual(broken, [], "a unit stays on its line");
	quiet(w);
}

// In French a space stands before these signs: no line may begin with one, nor with a unit.
async function tiedSigns({ open }) {
	const w = await open({ ...PHONE, locale: "fr" });

	for (const view of ["overview", "alarms", "settings", "charge", "system", "gateway"]) {
		await show(w, view);
		const text = await w.page.locator("main").evaluate((e) => e.textContent);

		assert.deepStrictEqual(text.match(/\S* [:;!?%»]/g), null, view);
		assert.deepStrictEqual((await w.page.locator("main small").allTextContents()).filter((s) => /\d (V|A|Ah|s|%|°C|mV|h|d)( |$)/.test(s)), [], view);
	}
	quiet(w);
}

// A register that sets a counter of the BMS has no value, and takes one.
async function orderOfSetting({ mock, open }) {
	const w = await open(), field = w.page.locator("#f-set_state_of_charge");

	await show(w, "settings");
	assert.strictEqual(await field.getAttribute("placeholder"), "not set");
	assert.doesNotMatch(await w.page.innerText("form.editor"), /131|65535 once/);
	await field.fill("120");
	await w.page.getByText("Must be 0 to 100 %.").waitFor();
	await field.fill("80");
	await w.page.getByRole("button", { name: "Review" }).click();
	assert.match(await w.page.innerText("dialog tbody tr"), /not set\s+80\s%/);
	await w.page.getByRole("button", { name: "Write", exact: true }).click();
	await w.page.getByText("Written, and read back.").waitFor();
	assert.deepStrictEqual(puts(mock)[0].body.values, { set_state_of_charge: 80 });
	quiet(w);
}

// On a bad line; it comes up by itself.
async function partLost({ open }) {
	const w = await open({ ...PHONE, locale: "de" });

	await w.page.route("**/words.js", (route) => route.abort(), { times: 1 });
	await w.page.goto(w.url);
	await w.page.getByText("Ein Teil dieser Seite kam nicht an.").waitFor();
	await noAxeViolation(w.page, "a part is lost");
	await w.page.locator(".soc").waitFor();
	assert.deepStrictEqual(w.complaints.filter((c) => !/net::ERR_FAILED/.test(c)), []);
}

async function loginExplained({ mock, open }) {
	mock.wish.needsLogin = true;
	const w = await open(PHONE), password = w.page.getByLabel("Password", { exact: true });
	const answer = async (status, body, headers, pattern) => {
		mock.wish.login = [status, body, headers];
		await password.fill("x");
		await w.page.keyboard.press("Enter");
		await w.page.locator("form .error", { hasText: pattern }).waitFor();
	};

	await w.page.goto(w.url);
	await password.waitFor();
	assert.strictEqual(await w.page.getByText("You were logged out").count(), 0, "nobody was in yet");
	await answer(401, { title: "Unauthorized" }, {}, "Forgotten? On the GX, install.sh gateway password sets a new one.");
	await answer(429, { title: "Too Many Requests" }, { "Retry-After": "900" }, /try again in 15\smin\./);
	await answer(403, { title: "Forbidden" }, {}, "No password has been set yet");
	mock.wish.login = null;
	await password.fill(PASSWORD);
	await w.page.keyboard.press("Enter");
	await w.page.locator(".soc").waitFor();
	await w.context.clearCookies(); // the session has ended
	mock.drop();
	await w.page.getByText("You were logged out: please log in again.").waitFor();
	await noAxeViolation(w.page, "logged out");
	assert.deepStrictEqual(w.complaints.filter((c) => !/status of 4\d\d/.test(c)), []);
}

// After a new start of the gateway at another address or port.
async function whereItMoves({ mock, open }) {
	const w = await open();
	const saidFor = async (listen) => {
		await show(w, "gateway");
		await w.page.locator("#f-listen").fill(listen);
		await w.page.locator("#f-port").fill("8999");
		await w.page.getByRole("button", { name: "Review" }).click();
		await w.page.getByRole("button", { name: "Save" }).click();
		await w.page.getByRole("button", { name: "Start again" }).click();
		const text = await w.page.locator("dialog").innerText();

		await w.page.getByRole("button", { name: "Cancel" }).click();
		return text;
	};

	assert.match(await saidFor("0.0.0.0"), /Then it is at http:\/\/127\.0\.0\.1:8999\/$/m, "nobody can go to 0.0.0.0");
	await w.page.reload();
	assert.match(await saidFor("2001::7"), /Then it is at http:\/\/\[2001::7\]:8999\/$/m);
	mock.wish.gateway = { http: { listen: "::", port: 8480, tls: false } };
	mock.publish();
	await w.page.getByText("[::]:8480", { exact: true }).waitFor();
	quiet(w);
}

async function lastDays({ mock, open }) {
	const w = await open({ locale: "de" }), notice = w.page.locator(".notice", { hasText: "Zertifikat" });

	await show(w, "overview");
	for (const [days, pattern] of [[12, /in 12\sd$/], [1, /in 1\sd$/], [0, /in < 1\sd$/]]) {
		mock.wish.gateway = { certificates: [data.certificate("https", "expires_soon", days)] };
		mock.publish();
		await notice.getByText(pattern).waitFor({ timeout: 5000 });
	}
	quiet(w);
}

// Two fingers keep what they hold, and no step goes where there is nothing to see.
async function fingersAndSteps({ open }) {
	const w = await open({ ...PHONE, hasTouch: true });
	const spans = () => w.page.evaluate(() => uPlot.sync("time").plots.map((p) => [p.scales.x.min, p.scales.x.max]));
	const at = (x) => w.page.evaluate((px) => uPlot.sync("time").plots[0].posToVal(px, "x"), x);
	const near = (a, b, what) => assert.ok(Math.abs(a - b) < 400, `${what}: ${a}, not ${b}`);

	await show(w, "curves");
	const [[first, last]] = await spans();
	const cdp = await w.context.newCDPSession(w.page), box = await w.page.locator(".u-over").first().boundingBox();
	const touch = (type, ...xs) => cdp.send("Input.dispatchTouchEvent", { type, touchPoints: xs.map((x, id) => ({ x: box.x + x, y: box.y + 60, id })) });
	const held = [await at(60), await at(100)];

	await touch("touchStart", 60, 100);
	await touch("touchMove", 50, 130);
	await touch("touchMove", 40, 160);
	near(await at(40), held[0], "the left finger");
	near(await at(160), held[1], "the right finger");
	await touch("touchMove", 70, 190);
	near(await at(70), held[0], "both move");
	await touch("touchEnd");
	await w.page.getByRole("button", { name: "All" }).click();
	for (let i = 0; i < 15; i++)
		await w.page.getByRole("button", { name: "Closer" }).click();
	for (const [min, max] of await spans())
		assert.ok(max - min >= 600 && max - min < 1300, `${max - min} s are shown`);
	for (let i = 0; i < 15; i++)
		await w.page.getByRole("button", { name: "Wider" }).click();
	assert.deepStrictEqual((await spans())[0], [first, last]);
	quiet(w);
}

// A view that is reached by "More" says which one it is.
async function titlesOnPhone({ open }) {
	const w = await open(PHONE);

	for (const [view, name] of [["settings", "BMS settings"], ["charge", "Charge"], ["system", "System"], ["gateway", "Gateway"], ["journal", "Changes"]]) {
		await show(w, view);
		const box = await w.page.locator("h1", { hasText: name }).boundingBox();

		assert.ok(box.height > 15 && box.width > 40, `${view}: the title is hidden`);
	}
	await show(w, "cells");
	assert.ok((await w.page.locator("h1").boundingBox()).height <= 1, "the bottom says it");
	quiet(w);
}

// What an empty field means, and how a curve is written.
async function emptyFields({ open }) {
	const w = await open({ viewport: { width: 1024, height: 600 }, locale: "de" });
	const empty = (name) => w.page.getAttribute(`#f-${name}`, "placeholder");

	await show(w, "charge");
	assert.deepStrictEqual([await empty("tail_current"), await empty("charge_taper_soc"), await empty("discharge_taper_soc")], ["automatisch", "aus", "aus"]);
	assert.match(await w.page.innerText("#f-charge_taper_temp-h"), /Paare Wert:Anteil, 1 ist der ganze Strom/);
	const { width, needed } = await w.page.locator("#f-charge_taper_temp").evaluate((e) => ({ width: e.clientWidth, needed: e.scrollWidth }));

	assert.ok(needed <= width, `the curve is cut: ${needed} px in ${width}`);
	await show(w, "system");
	assert.strictEqual(await empty("port"), "nicht gesetzt");
	await show(w, "gateway");
	assert.deepStrictEqual([await empty("mqtt_user"), await empty("mqtt_ca")], ["nicht gesetzt", "nicht gesetzt"]);
	await w.page.locator("dd", { hasText: /^keiner$/ }).waitFor(); // the last error
	quiet(w);
}

async function coloursOfFleet({ mock, open }) {
	const w = await open({ colorScheme: "light" });
	const [house, garage] = data.IDS, level = (id) => w.page.locator(`.battery[data-id="${id}"] span`).last().getAttribute("class");

	mock.wish.patch[garage] = { alarms: { LowSoc: 2 } };
	await show(w, "overview");
	await w.page.locator(".battery", { hasText: "Alarm" }).waitFor();
	assert.deepStrictEqual([await level(house), await level(garage)], ["fair", "bad"], "a warning is no alarm");
	await noAxeViolation(w.page, "fleet");
	quiet(w);
}

// What is to be confirmed can be read, and ticked, beside the battery.
async function secondStepIsRead({ open }) {
	for (const viewport of [PHONE.viewport, { width: 800, height: 480 }]) {
		const w = await open({ viewport, locale: "fr" });

		await show(w, "settings");
		await w.page.locator("#f-over_voltage_cutoff").fill("3.65");
		await w.page.getByRole("button", { name: "Vérifier" }).click();
		await w.page.getByRole("button", { name: "Écrire", exact: true }).click();
		const box = await w.page.locator("#understood").boundingBox(), label = await w.page.locator("label[for=understood]").boundingBox();

		assert.ok(box.width < 40 && label.width > 180 && label.height < 120, JSON.stringify({ box, label }));
		assert.ok(label.x + label.width <= viewport.width);
	}
}

async function bannerOnPhone({ mock, open }) {
	const w = await open({ ...PHONE, locale: "de" });

	await show(w, "overview");
	await mock.close();
	await w.page.getByText("Verbindung ist unterbrochen").waitFor();
	const { width, height } = await w.page.locator(".banner").boundingBox();

	assert.ok(width === 360 && height < 160, `${height} px are hidden by what is said of the connection`);
	await nothingSticksOut(w.page, "lost");
}

// The 7-inch screen at 200 %: a third of it was bars that do not move.
async function zoomedTwice({ open }) {
	const w = await open({ viewport: { width: 512, height: 300 }, locale: "de" });

	await show(w, "settings");
	await noHorizontalScroll(w.page, "settings");
	await w.page.evaluate(() => window.scrollTo(0, 400));
	const fixed = await w.page.evaluate(() => ["header", "nav"].reduce((sum, name) => {
		const { top, bottom } = document.querySelector(name).getBoundingClientRect();

		return sum + Math.max(0, Math.min(innerHeight, bottom) - Math.max(0, top));
	}, 0));

	assert.ok(fixed < 75, `${fixed} px of 300 are covered`);
	quiet(w);
}

async function numbersOfJournal({ mock, open }) {
	const w = await open({ locale: "fr" });

	mock.wish.journal = [{ time: data.NOW_S, who: "x", what: "set_state_of_charge", before: "131.07 %", after: "55 %", result: "done" },
		{ time: data.NOW_S, who: "x", what: "over_voltage_cutoff", before: "3.7 V", after: "3.75 V", result: "done" },
		{ time: data.NOW_S, who: "x", what: "listen", before: "127.0.0.1", after: "0.0.0.0", result: "done" }];
	await show(w, "journal");
	const texts = await w.page.locator("section").first().locator(".entry p").allTextContents();

	assert.deepStrictEqual(texts, ["127.0.0.1 → 0.0.0.0", "3,7\u202fV → 3,75\u202fV", "non défini → 55\u202f%"]);
	quiet(w);
}

module.exports = { unitsOfCurves, tiedSigns, orderOfSetting, partLost, loginExplained, whereItMoves, lastDays, fingersAndSteps, titlesOnPhone, emptyFields, coloursOfFleet, secondStepIsRead, bannerOnPhone, zoomedTwice, numbersOfJournal };
