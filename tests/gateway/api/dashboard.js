// The dashboard and the rules ask only for metrics that the gateway tells.
//   dashboard.js DASHBOARD METRICS
"use strict";

const fs = require("fs");
const [dashboard, metrics] = process.argv.slice(2).map((name) => fs.readFileSync(name, "utf8"));
const rules = fs.readFileSync("docs/monitoring/tinybms.rules.yml", "utf8");
const told = new Set([...metrics.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name));
const asked = [...(dashboard + rules).matchAll(/tinybms_(?:battery|gateway)_\w+/g)].map(([name]) => name);
const missing = asked.filter((name) => !told.has(name));

if (JSON.parse(dashboard).panels.length < 8 || asked.length < 20 || missing.length) {
	console.log(`not told: ${[...new Set(missing)].join(", ")}`);
	process.exit(1);
}
