// What nobody should send: names with markup, absurd values, any number of cells.
"use strict";

const assert = require("assert");
const { SIZES, VIEWS, noAxeViolation, noHorizontalScroll, nothingSticksOut, quiet, show } = require("./bench.js");
const data = require("./data.js");

const EVIL = "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>&amp;{s}";
const LONG = "Batterieraumunterverteilungsbezeichnung".repeat(8);
const NAMES = { markup: EVIL, long: LONG, emoji: "\u{1F50B}\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\uD800", rtl: "\u202Eסוללה ראשית‮ بطارية" };

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

const all = (what, list, make) => Object.fromEntries(list.map((one) => [`${what}: ${typeof one === "string" && one ? one : JSON.stringify(one)}`, make(one)]));

module.exports = { ...all("names", Object.keys(NAMES), evilNames), ...all("absurd values", [null, "NaN", 1e9, -1e9, 1e300, {}, ""], absurd),
	...all("cells", [0, 1, 4, 16], withCells) };
