// What an owner reads: units, signs that stay with their word, what to do next.
"use strict";

const assert = require("assert");
const { quiet, show } = require("./bench.js");

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

module.exports = { unitsOfCurves, tiedSigns };
