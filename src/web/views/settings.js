// The settings of the BMS itself.
import { h } from "../dom.js";
import { editor } from "../editor.js";
import { get, ofBattery, request } from "../link.js";
import { loading } from "../load.js";
import { plainQty, said, t } from "../words.js";

// By register; what is not named is hardware.
const GROUPS = [["protection", [305, 315, 316, 317, 318, 319, 320, 332]],
	["cells", [300, 301, 303, 306, 307, 308, 322, 323, 328]],
	["charging", [304, 310, 311, 321, 330, 333, 335]],
	["hardware", []]];

const groupOf = (s) => GROUPS.find(([, registers]) => registers.includes(s.register))?.[0] ?? "hardware";

// What sets a counter of the BMS: it has a value only until the BMS has taken it.
const isOrder = (s) => s.name.startsWith("set_");

export function settingField(s) {
	const choices = s.choices && Object.entries(s.choices);
	const value = s.value === null || s.value === undefined ? "" : String(s.value);
	const fallback = typeof s.default === "number" && !choices && !isOrder(s)
		? t("default", { value: plainQty(s.default, s.unit) }) : "";

	if (choices && !choices.some(([key]) => key === value))
		choices.unshift([value, value]);
	return { name: s.name, label: said("settings", s.name, s.meaning), kind: choices ? "choice" : "number",
		value, unit: s.unit, min: s.min, max: s.max, options: choices?.map(([key, text]) => [key, said("choices", text)]),
		isReadOnly: s.value === null && !isOrder(s), isOptional: isOrder(s), empty: t("unset"),
		hint: [t("register", { n: s.register }), fallback].filter(Boolean).join(" · ") };
}

// What the gateway wants to be confirmed is no error the first time.
export async function orConfirm(confirm, send) {
	try {
		await send();
	} catch (e) {
		if (e.status === 409 && e.body.confirm && !confirm)
			return e.body.confirm;
		throw e;
	}
	return null;
}

const writer = (path) => (values, confirm) => orConfirm(confirm, () => request("PUT", path, {
	values: Object.fromEntries(Object.entries(values).map(([k, v]) => [k, Number(v)])), confirm: confirm ?? {} }));

// A view that loads fields and draws itself anew when they were written or discarded.
export function editing(root, load) {
	const status = h("p", { className: "muted", role: "status", tabIndex: -1 });
	const place = h("div");

	root.append(status, place);
	const draw = loading(status, async (sentence) => {
		place.replaceChildren(await load((text) => draw(text)));
		if (sentence)
			status.focus(); // the button that had it is gone
		return sentence;
	});
}

export function settings(root) {
	const path = ofBattery("settings");

	root.append(h("p", { className: "lead" }, t("settings.lead")));
	editing(root, async (done) => {
		const list = (await get(path)).settings;

		return editor(GROUPS.map(([name]) => [t(`group.${name}`),
			list.filter((s) => groupOf(s) === name).map(settingField)]),
		{ title: t("settings.title"), action: t("write"), write: writer(path), done });
	});
}
