// Charge parameters and the configuration of the service; orders to the charge.
import { h } from "../dom.js";
import { ask, editor } from "../editor.js";
import { get, ofBattery, request } from "../link.js";
import { said, t } from "../words.js";
import { editing } from "./settings.js";

// What an empty field means, where the service does not work it out.
const EMPTY = { port: () => t("unset"), charge_taper_soc: () => said("choices", "off"), discharge_taper_soc: () => said("choices", "off") };

export function fieldOf(c) {
	const kinds = { bool: "bool", int: "number", number: "number", choice: "choice" };
	const kind = kinds[c.type] ?? "text";

	return { name: c.name, label: said("config", c.name, c.meaning), kind, value: String(c.value ?? ""),
		unit: c.unit, min: kind === "number" ? c.min : null, max: c.max, isOptional: true, empty: EMPTY[c.name]?.(),
		options: c.choices?.map((text) => [text, said("choices", text)]),
		isWide: c.type === "curve", hint: [c.is_default && t("isDefault"), c.type === "curve" && t("curvePairs")].filter(Boolean).join(" · ") };
}

export const writer = (path) => async (values) => {
	await request("PUT", path, { values });
	return null;
};

const GROUPS = [["targets", /cell|headroom|cvl|float|absorption|tail|bulk|chemistry/],
	["currents", /current|dcl|ccl|recovery/],
	["curves", /taper|temperature/],
	["balancing", /imbalance|full_charge/],
	["rest", /./]];
// Curves name currents' reasons: they come first.
const groupOf = (c) => (/taper/.test(c.name) ? "curves" : /imbalance|full_charge/.test(c.name) ? "balancing"
	: GROUPS.find(([, pattern]) => pattern.test(c.name))[0]);

function orders(is_stored, done) {
	const order = (name, path, on) => h("button", { type: "button", onclick: async () => {
		const is_done = await ask({ title: t(`order.${name}`), action: t("doIt"),
			body: h("p", {}, t(`order.${name}.what`)), write: async () => {
				await request("POST", path, { on });
				return null;
			} });

		if (is_done)
			done(t("done"));
	} }, t(`order.${name}`));
	const full = ofBattery("full-charge"), storage = ofBattery("storage");

	return h("section", { className: "card" }, h("h2", {}, t("orders")), h("div", { className: "buttons left" },
		order("full", full, true), order("fullOff", full, false),
		is_stored ? order("storageOff", storage, false) : order("storage", storage, true)));
}

export function charge(root) {
	const path = ofBattery("charge");

	root.append(h("p", { className: "lead" }, t("charge.lead")));
	editing(root, async (done) => {
		const list = (await get(path)).configuration;
		const is_stored = list.some((c) => c.name === "storage" && c.value === "1");

		return h("div", {}, orders(is_stored, done), editor(GROUPS.map(([name]) => [t(`group.${name}`),
			list.filter((c) => groupOf(c) === name).map(fieldOf)]),
		{ title: t("charge.title"), action: t("save"), write: writer(path), done }));
	});
}
