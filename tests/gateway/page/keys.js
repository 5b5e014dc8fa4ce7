// By keyboard alone, and what a screen reader hears.
"use strict";

const assert = require("assert");
const { VIEWS, puts, quiet, show } = require("./bench.js");
const data = require("./data.js");
const { PASSWORD } = require("./mock.js");

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

// From the log-in to a written setting, without a mouse; what has the focus is always seen.
async function onlyKeys({ mock, open }) {
	mock.wish.needsLogin = true;
	const w = await open({ viewport: { width: 800, height: 480 } });
	const press = (key) => w.page.keyboard.press(key);
	const focused = () => w.page.evaluate(() => {
		const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
		const points = [[box.left + 3, box.top + 3], [box.right - 3, box.bottom - 3], [(box.left + box.right) / 2, (box.top + box.bottom) / 2]];

		return { id: e.id, text: e.tagName === "BODY" ? "" : e.textContent.trim(), isOutlined: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none",
			isSeen: points.some(([x, y]) => {
				const top = document.elementFromPoint(x, y);

				return top !== null && (e.contains(top) || top.contains(e) && !top.matches(".footer, header, nav"));
			}) };
	});
	const tabTo = async (is_it, what) => {
		for (let i = 0; i < 120; i++) {
			const now = await focused();

			if (now.text || now.id)
				assert.ok(now.isSeen, `${now.id || now.text} is covered`);
			if (is_it(now)) {
				assert.ok(now.isOutlined, `${what}: the focus is not seen`);
				return;
			}
			await press("Tab");
		}
		assert.fail(`${what} is never reached`);
	};

	await w.page.goto(w.url);
	await w.page.locator("#password").waitFor();
	await tabTo((e) => e.id === "password", "the password");
	await w.page.keyboard.type(PASSWORD);
	await press("Enter");
	await w.page.locator(".soc").waitFor();
	await tabTo((e) => e.text === "BMS settings", "the settings");
	await press("Enter");
	await w.page.locator("form.editor").waitFor();
	await tabTo((e) => e.id === "f-over_voltage_cutoff", "the cut-off");
	await press("Control+a");
	await w.page.keyboard.type("3.65");
	await tabTo((e) => e.text === "Review", "the review"); // through the whole form, with its footer over it
	await press("Enter");
	await tabTo((e) => e.text === "Write", "the first step");
	await press("Enter");
	await w.page.locator("#understood").waitFor();
	await press("Space"); // the focus is on the box
	await tabTo((e) => e.text === "Write to the BMS", "the second step");
	await press("Enter");
	await w.page.getByText("Written, and read back.").waitFor();
	assert.match((await focused()).text, /Written/, "the focus is where it was said");
	assert.strictEqual(puts(mock).length, 2);
	await press("Home");
	await tabTo((e) => e.text === "Curves", "the curves");
	await press("Enter");
	await w.page.locator(".u-over").nth(5).waitFor();
	await w.page.locator(".plot").first().focus();
	await press("+");
	assert.ok(await w.page.evaluate(() => uPlot.sync("time").plots.every((p) => p.scales.x.max - p.scales.x.min < 50000)));
}

// What changes each second is not read aloud each second.
async function notChatty({ mock, open }) {
	const w = await open();

	for (const view of VIEWS) {
		await show(w, view);
		await w.page.waitForTimeout(600);
		await w.page.evaluate(() => {
			window.spoken = [];
			window.watching?.disconnect();
			window.watching = new MutationObserver((list) => window.spoken.push(...list.map((m) => (m.target.textContent ?? "").slice(0, 60))));
			for (const e of document.querySelectorAll("[aria-live]:not([aria-live=off]), [role=status]:not([aria-live=off]), [role=alert]"))
				window.watching.observe(e, { subtree: true, childList: true, characterData: true });
		});
		for (let i = 0; i < 4; i++) {
			for (const id of data.IDS)
				mock.wish.patch[id] = { power_w: 600 + 7 * i, current_a: 12 + i, soc_pct: 74 + i / 10, voltage_v: 53 + i / 100,
					limits: { ...data.battery(id, 0).limits, ccl_a: 50 + i } };
			mock.publish();
			await w.page.waitForTimeout(150);
		}
		assert.deepStrictEqual(await w.page.evaluate(() => window.spoken), [], view);
	}
	quiet(w);
}

module.exports = { byKeyboard, onlyKeys, notChatty };
