#!/usr/bin/env node
// Every recorded answer against the description: status, media type, body.
//   validate.js OPENAPI SCHEMA ANSWERS      ANSWERS: JSON lines {method, path, status, type, body}
"use strict";

const fs = require("fs");
const Ajv = require("ajv/dist/2020");
const yaml = require("yaml");

const [openapi, schema, answers] = process.argv.slice(2).map((name) => fs.readFileSync(name, "utf8"));
const description = yaml.parse(openapi);
const ajv = new Ajv({ strict: false, allErrors: true });

ajv.addSchema({ ...JSON.parse(schema), $id: "http://x/battery.schema.json" });
ajv.addSchema({ ...description, $id: "http://x/openapi.yaml" });

const templates = Object.keys(description.paths).map((template) => [template,
	new RegExp(`^${template.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+")}$`)])
	.sort(([a], [b]) => a.split("{").length - b.split("{").length);
const pointer = (...parts) => parts.map((p) => `/${encodeURIComponent(p.replace(/~/g, "~0").replace(/\//g, "~1"))}`).join("");

function problemOf({ method, path, status, type, body }) {
	const [template] = templates.find(([, pattern]) => pattern.test(path.split("?")[0])) ?? [];
	const answer = description.paths[template]?.[method.toLowerCase()]?.responses?.[status];

	if (!answer)
		return `${status} is not described for ${template}`;
	const where = answer.$ref ?? `#${pointer("paths", template, method.toLowerCase(), "responses", String(status))}`;
	const content = where.slice(2).split("/").map((p) => decodeURIComponent(p).replace(/~1/g, "/").replace(/~0/g, "~"))
		.reduce((o, key) => o[key], description).content;
	const media = (type ?? "").split(";")[0];

	if (!content)
		return body ? "a body that is not described" : null;
	if (!content[media])
		return `${media} is not described`;
	if (!media.endsWith("json"))
		return null;
	const validate = ajv.compile({ $ref: `http://x/openapi.yaml${where}${pointer("content", media, "schema")}` });

	return validate(JSON.parse(body)) ? null : ajv.errorsText(validate.errors.slice(0, 5));
}

const seen = new Set();
let passed = 0, failed = 0;

for (const line of answers.split("\n").filter(Boolean)) {
	const answer = JSON.parse(line), problem = problemOf(answer);

	seen.add(templates.find(([, pattern]) => pattern.test(answer.path.split("?")[0]))?.[0]);
	if (problem) {
		failed++;
		console.log(`${answer.method} ${answer.path} ${answer.status}: ${problem}\n${answer.body.slice(0, 300)}`);
	} else {
		passed++;
	}
}
for (const [template] of templates)
	if (!seen.has(template)) {
		failed++;
		console.log(`${template} was never asked`);
	}
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed ? 1 : 0);
