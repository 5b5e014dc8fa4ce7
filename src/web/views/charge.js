// Charge parameters and the configuration of the service; orders to the charge.
import { h } from "../dom.js";
import { ask, editor } from "../editor.js";
import { get, ofBattery, request } from "../link.js";
import { said, t } from "../words.js";
import { editing } from "./settings.js";

export function fieldOf(c) {
	const kinds = { bool: "bool", int: "number", number: "number", choice: "choice" };
	const kind = kinds[c.type] ?? "text";

	return { name: c.name, label: said("config", c.name, c.meaning), kind, value: String(c.value ?? ""),
		unit: c.unit, min: kind === "number" ? c.min : null, max: c.max, isOptional: true,
		options: c.choices?.map((text) => [text, said("choices", text)]),
		hint: c.is_default ? t("isDefault") : "" };
}

export const writer = (path) => async (values) => {
	await request("PUT", ofBattery(path), { values });
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

function orders() {
	const status = h("span", { role: "status", className: "muted" });
	const order = (name, send) => h("button", { type: "button", onclick: async () => {
		const is_done = await ask({ title: t(`order.${name}`), action: t("doIt"),
			body: h("p", {}, t(`order.${name}.what`)), write: async () => {
				await send();
				return null;
			} });

		status.textContent = is_done ? t("done") : "";
	} }, t(`order.${name}`));

	return h("section", { className: "card" }, h("h2", {}, t("orders")), h("div", { className: "buttons left" },
		order("full", () => request("POST", ofBattery("full-charge"), { on: true })),
		order("fullOff", () => request("POST", ofBattery("full-charge"), { on: false })),
		order("storage", () => request("POST", ofBattery("storage"), { on: true })),
		order("storageOff", () => request("POST", ofBattery("storage"), { on: false })), status));
}

export function charge(root) {
	root.append(h("p", { className: "lead" }, t("charge.lead")), orders());
	editing(root, async (done) => {
		const answer = await get(ofBattery("charge"));
		const list = answer.configuration ?? answer.charge;

		return editor(GROUPS.map(([name]) => [t(`group.${name}`), list.filter((c) => groupOf(c) === name).map(fieldOf)]),
			{ title: t("charge.title"), action: t("save"), write: writer("charge"), done });
	});
}
