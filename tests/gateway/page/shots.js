#!/usr/bin/env node
// Pictures of the page, for people to look at.
//   node shots.js PAGE MODULES OUT [docs]     docs: those of the manual, else every view and size
"use strict";

const { chromium } = require(`${process.argv[3]}/node_modules/playwright-core`);
const { makeMock } = require("./mock.js");

const SIZES = { phone: [360, 740], gx5: [800, 480], gx7: [1024, 600], desk: [1280, 800] };
const VIEWS = ["overview", "cells", "curves", "alarms", "settings", "charge", "system", "gateway", "journal", "more"];
const DOCS = [["page-phone", "phone", "light", "overview"], ["page-gx", "gx7", "dark", "overview"],
	["page-cells", "phone", "dark", "cells"], ["page-curves", "desk", "light", "curves"]];

async function shot(browser, url, file, size, theme, language, view) {
	const [width, height] = SIZES[size];
	const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, locale: language,
		timezoneId: "Europe/Berlin", reducedMotion: "reduce" });
	const page = await context.newPage();

	await page.goto(`${url}#/${view}`);
	await page.locator("main h1").waitFor({ state: "attached" });
	if (["overview", "curves", "cells"].includes(view))
		await page.locator(".u-over").first().waitFor();
	await page.waitForTimeout(300);
	await page.screenshot({ path: `${file}.png` });
	await context.close();
}

async function main() {
	const [, , folder, modules, out, what] = process.argv;
	const mock = makeMock(folder, `${modules}/node_modules`);
	const url = `http://127.0.0.1:${await mock.listen()}/`;
	const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
	const list = what === "docs" ? DOCS.map(([name, ...rest]) => [name, rest[0], rest[1], "en", rest[2]])
		: Object.keys(SIZES).flatMap((size, i) => VIEWS.map((view, k) => {
			const theme = ["light", "dark"][(i + k) % 2], language = ["en", "de", "fr"][(i + k) % 3];

			return [`${size}-${view}-${language}-${theme}`, size, theme, language, view];
		}));

	for (const [name, ...rest] of list)
		await shot(browser, url, `${out}/${name}`, ...rest);
	await browser.close();
	await mock.close();
}

main().catch((e) => {
	console.error(e);
	process.exit(1);
});
