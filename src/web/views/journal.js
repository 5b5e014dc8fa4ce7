// Who has changed what, and what was refused.
import { h } from "../dom.js";
import { get, ofBattery, state } from "../link.js";
import { loading } from "../load.js";
import { moment, plainQty, said, t } from "../words.js";
import { entry } from "./alarms.js";

const AT_ONCE = 50;

// Names in English are words already.
const labelOf = (what) => said("settings", what, said("config", what, said("gateway", what, String(what).replaceAll("_", " "))));

// The program's path says little to its owner; for whom it asked says more.
const whoOf = (e) => e.by || String(e.who ?? "").split("/").pop();

const NUMBER = /^(-?\d+(?:\.\d+)?)(?: (\S{1,4}))?$/; // "3.7 V", as the service writes it

// In the reader's language. What sets a counter of the BMS stands above its range while nothing is to be set.
function valueOf(what, text) {
	const [, number, unit] = String(text ?? "–").match(NUMBER) ?? [];

	if (String(what).startsWith("set_state") && Number(number) > 100)
		return t("unset");
	return number === undefined ? text ?? "–" : plainQty(Number(number), unit);
}

function changeOf(e) {
	if (e.before === undefined && e.after === undefined)
		return "";
	return `${valueOf(e.what, e.before)} → ${valueOf(e.what, e.after)}`;
}

function changeEntry(e, more) {
	const is_done = e.result === "done";

	return entry(is_done ? 0 : 1, labelOf(e.what), [changeOf(e), is_done ? "" : t("refused", { why: e.result })].filter(Boolean).join(". "),
		[moment(e.time), whoOf(e), more].filter(Boolean).join(" · "), "ok");
}

function section(title, what, read) {
	const status = h("p", { className: "muted", role: "status" }), list = h("ul", { className: "entries" });
	const older = h("button", { type: "button", hidden: true, onclick: () => load(list.children.length) }, t("older"));
	const load = loading(status, async (skip = 0) => {
		const [entries, has_more] = await read(skip);

		if (skip === 0)
			list.replaceChildren();
		list.append(...entries);
		older.hidden = !has_more;
		return list.children.length ? "" : t("noChanges");
	});

	return h("section", { className: "card" }, h("h2", {}, title), h("p", { className: "muted" }, what), status, list, older);
}

export function journal(root) {
	const path = ofBattery("journal");

	if (state.chosen !== null)
		root.append(section(t("journal.battery"), t("journal.battery.what"), async (skip) => {
			const all = (await get(path)).journal.reverse();

			return [all.slice(skip, skip + AT_ONCE).map((e) => changeEntry(e)), all.length > skip + AT_ONCE];
		}));
	root.append(section(t("journal.gateway"), t("journal.gateway.what"), async (skip) => {
		const answer = await get(`writes?skip=${skip}&limit=${AT_ONCE}`);

		return [answer.writes.map((e) => changeEntry(e, e.path)), answer.next !== null];
	}));
}
