import { follow, h, icon } from "../dom.js";
import { get, ofBattery } from "../link.js";
import { loading } from "../load.js";
import { noticesOf } from "../notices.js";
import { moment, said, t } from "../words.js";

const AT_ONCE = 50;

export function entry(level, text, remedy, when, calm = "info") {
	return h("li", { className: `entry level${level}` }, icon(level ? "warning" : calm), h("div", {},
		h("strong", {}, text.charAt(0).toUpperCase() + text.slice(1)), when ? h("small", {}, when) : "", remedy ? h("p", {}, remedy) : ""));
}

function current() {
	const list = h("ul", { className: "entries", ariaLive: "polite" });
	let was = null;

	follow((d) => {
		const notices = noticesOf(d), key = JSON.stringify([notices, Boolean(d)]);

		if (key === was)
			return;
		was = key;
		list.replaceChildren(...notices.map(({ level, text, remedy }) =>
			entry(level, t("notice", { level: t(`level.${level}`), text }), remedy)));
		if (notices.length === 0)
			list.append(entry(0, d ? t("noAlarms") : t("noBattery"), "", "", d ? "ok" : "info"));
	});
	return list;
}

const LEVELS = { fault: 2, warning: 1, alarm: 2 };

function eventEntry(e) {
	const [text, remedy] = said("events", e.id, [e.text, e.remedy]);

	return entry(LEVELS[e.level] ?? 0, text ?? e.text ?? t("event", { id: e.id }), LEVELS[e.level] ? remedy ?? e.remedy : "",
		`${moment(e.t)}${e.guess ? ` (${t("guessed")})` : ""}`);
}

async function allEvents(path) {
	let since = 0, more = true, all = [];

	while (more) {
		const answer = await get(`${path}?since=${since}`);

		all = all.concat(answer.events);
		more = Boolean(answer.more) && answer.events.length > 0;
		since = all.length ? all[all.length - 1].n : 0;
	}
	return all.reverse();
}

export function alarms(root) {
	const list = h("ul", { className: "entries" });
	const status = h("p", { className: "muted", role: "status" });
	const older = h("button", { type: "button", hidden: true, onclick: () => grow() }, t("older"));
	const path = ofBattery("events");
	let events = [], count = AT_ONCE;

	function draw() {
		list.replaceChildren(...events.slice(0, count).map(eventEntry));
		older.hidden = events.length <= count;
	}
	const grow = () => {
		count += AT_ONCE;
		draw();
	};

	root.append(h("section", { className: "card" }, h("h2", {}, t("now")), current()),
		h("section", { className: "card" }, h("h2", {}, t("events")), status, list, older));
	const load = loading(status, async () => {
		events = await allEvents(path);
		draw();
		return events.length ? "" : t("noEvents");
	});
	const onEvent = () => (list.isConnected ? load() : window.removeEventListener("bms-event", onEvent));

	window.addEventListener("bms-event", onEvent);
}
