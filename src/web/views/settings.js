// The settings of the BMS itself.
import { h } from "../dom.js";
import { editor } from "../editor.js";
import { get, ofBattery, request } from "../link.js";
import { plain, said, t, unitOf } from "../words.js";

// By register; what is not named is hardware.
const GROUPS = [["protection", [305, 315, 316, 317, 318, 319, 320, 332]],
	["cells", [300, 301, 303, 306, 307, 308, 322, 323, 328]],
	["charging", [304, 310, 311, 321, 330, 333, 335]],
	["hardware", []]];

const groupOf = (s) => GROUPS.find(([, registers]) => registers.includes(s.register))?.[0] ?? "hardware";

function fieldOf(s) {
	const choices = s.choices && Object.entries(s.choices);
	const value = s.value === null || s.value === undefined ? "" : String(s.value);
	const fallback = typeof s.default === "number" && !choices
		? t("default", { value: `${plain(s.default)} ${unitOf(s.unit)}`.trim() }) : "";

	if (choices && !choices.some(([key]) => key === value))
		choices.unshift([value, value]);
	return { name: s.name, label: said("settings", s.name, s.meaning), kind: choices ? "choice" : "number",
		value, unit: s.unit, min: s.min, max: s.max, options: choices?.map(([key, text]) => [key, said("choices", text)]),
		isReadOnly: s.value === null,
		hint: [t("register", { n: s.register }), fallback].filter(Boolean).join(" · ") };
}

async function write(values, confirm) {
	const numbers = Object.fromEntries(Object.entries(values).map(([k, v]) => [k, Number(v)]));

	try {
		await request("PUT", ofBattery("settings"), { values: numbers, confirm: confirm ?? {} });
	} catch (e) {
		if (e.status === 409 && e.body.confirm && !confirm)
			return e.body.confirm;
		throw e;
	}
	return null;
}

// A view that loads fields and draws itself anew when they were written or discarded.
export function editing(root, load) {
	const status = h("p", { className: "muted", role: "status" }, t("loading"));
	const place = h("div");

	async function draw(sentence = "") {
		try {
			const form = await load(draw);

			if (!place.isConnected)
				return;
			place.replaceChildren(form);
			status.textContent = sentence;
		} catch (e) {
			status.textContent = e.message;
		}
	}
	root.append(status, place);
	draw();
}

export function settings(root) {
	root.append(h("p", { className: "lead" }, t("settings.lead")));
	editing(root, async (done) => {
		const list = (await get(ofBattery("settings"))).settings;

		return editor(GROUPS.map(([name]) => [t(`group.${name}`),
			list.filter((s) => groupOf(s) === name).map(fieldOf)]),
		{ title: t("settings.title"), action: t("write"), write, done });
	});
}
