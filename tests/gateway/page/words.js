// No text of the page is missing in a language, none is superfluous, and each key is used; what the
// service says in English has its translation.
//   node words.js PAGE_SOURCES
"use strict";

const fs = require("fs");
const path = require("path");
const { source, settings, configuration, events, gatewayKeys } = require("./data.js");

const IN_ALL = ["ui", "reasons", "modes", "alarms", "alarmRemedies", "can"];
const TRANSLATED = ["short", "states", "status", "events", "settings", "config", "gateway"];

const missing = (want, have) => want.filter((key) => !have.includes(String(key)));

function sourcesOf(folder) {
	const files = ["", "views"].flatMap((f) => fs.readdirSync(path.join(folder, f))
		.filter((name) => name.endsWith(".js")).map((name) => path.join(folder, f, name)));

	return files.map((name) => fs.readFileSync(name, "utf8")).join("\n");
}

// Keys that the code spells out, and the beginnings of those that it puts together.
function usedKeys(text) {
	const whole = [...text.matchAll(/\bt\(\s*"([^"]+)"/g)].map((m) => m[1]);
	const starts = [...text.matchAll(/`((?:[\w]+\.)+)\$\{/g)].map((m) => m[1]);

	return { whole: [...new Set(whole)], starts: [...new Set(starts)] };
}

const reasons = () => {
	const files = fs.readdirSync(path.join(__dirname, "../../../src/battery")).filter((f) => /^control.*\.c$/.test(f));
	const text = files.map((f) => source(`battery/${f}`)).join("\n");
	const waits = [...text.match(/awaited\[\] = \{([\s\S]*?)\};/)[1].matchAll(/"([^"]+)"/g)].map((m) => m[1]);
	// What is awaited is told in the mode, in English; missing() names it too.
	const limits = text.replace(/\nstatic const char \*missing\([\s\S]*?\n\}/, "");
	const all = [...limits.matchAll(/"((?:BMS |[a-z])[A-Za-z0-9 -]+)"/g)].map((m) => m[1]);

	return [...new Set(all)].filter((r) => !waits.includes(r));
};

async function load(folder, name) {
	const text = fs.readFileSync(path.join(folder, "lang", `${name}.js`), "utf8");

	return (await import(`data:text/javascript,${encodeURIComponent(text)}`)).default;
}

async function checkWords(folder) {
	const problems = [], tables = {};
	const { whole, starts } = usedKeys(sourcesOf(folder));
	const expect = (name, group, want) => {
		for (const key of missing(want, Object.keys(tables[name][group] ?? {})))
			problems.push(`${name}: ${group} lacks "${key}"`);
	};

	for (const name of ["en", "de", "fr"])
		tables[name] = await load(folder, name);
	const ui = Object.keys(tables.en.ui);
	const names = { reasons: reasons(), settings: settings().map((s) => s.name), events: events().map((e) => e.id),
		config: ["config_charge.c", "config_service.c"].flatMap((f) => configuration(f).map((c) => c.name)),
		can: [...source("can/can_port_state.c").matchAll(/= "([a-z-]+)"/g)].map((m) => m[1]),
		gateway: gatewayKeys().map((c) => c.name),
		alarms: [...source("battery/alarms.c").matchAll(/\[ALARM_\w+\]\s+= "(\w+)"/g)].map((m) => m[1]),
		states: [...source("battery/limits.c").matchAll(/return "([^"]+)"/g)].map((m) => m[1]),
		status: [...source("battery/battery.c").matchAll(/\{ BATTERY_STATUS_\w+, "(\w+)" \}/g)].map((m) => m[1]) };

	for (const [group, least] of Object.entries({ reasons: 30, settings: 37, events: 34, config: 51, gateway: 21, can: 7, alarms: 15, states: 8, status: 6 }))
		if (names[group].length < least)
			problems.push(`the sources have ${names[group].length} ${group}, ${least} were there: is the test blind?`);
	for (const name of Object.keys(tables)) {
		expect(name, "ui", [...whole, ...ui]);
		for (const group of IN_ALL.slice(1))
			expect(name, group, Object.keys(tables.en[group]));
		expect(name, "reasons", names.reasons);
		expect(name, "modes", names.states);
		for (const group of ["alarms", "alarmRemedies", "can"])
			expect(name, group, names[group] ?? names.alarms);
		for (const [key, text] of Object.entries(tables[name].ui)) {
			const holes = (s) => [...s.matchAll(/\{\w+\}/g)].map((m) => m[0]).sort().join();

			if (!text.trim() || holes(text) !== holes(tables.en.ui[key] ?? ""))
				problems.push(`${name}: "${key}" has other places to fill in than English`);
		}
	}
	for (const name of ["de", "fr"])
		for (const group of TRANSLATED)
			expect(name, group, group === "short" ? names.reasons : names[group]);
	for (const key of ui)
		if (!whole.includes(key) && !starts.some((s) => key.startsWith(s)) && !new RegExp(`"${key.replace(/[.+]/g, "\\$&")}"`).test(sourcesOf(folder)))
			problems.push(`"${key}" is used nowhere`);
	return problems;
}

module.exports = { checkWords };

if (require.main === module)
	checkWords(path.resolve(process.argv[2])).then((problems) => {
		problems.forEach((p) => console.log(p));
		process.exit(problems.length ? 1 : 0);
	});
