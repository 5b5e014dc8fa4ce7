import { follow, h, icon } from "../dom.js";
import { get, ofBattery } from "../link.js";
import { moment, said, t } from "../words.js";

const AT_ONCE = 50;

function entry(level, text, remedy, when) {
	return h("li", { className: `entry level${level}` }, icon(level ? "warning" : "ok"), h("div", {},
		h("strong", {}, text.charAt(0).toUpperCase() + text.slice(1)), when ? h("small", {}, when) : "", remedy ? h("p", {}, remedy) : ""));
}

function current() {
	const list = h("ul", { className: "entries", ariaLive: "polite" });
	let was = null;

	follow((d) => {
		const key = JSON.stringify([d?.alarms, d?.faults, Boolean(d)]);

		if (key === was)
			return;
		was = key;
		const faults = (d?.faults ?? []).map((f) => {
			const [text, remedy] = said("events", f.id, [f.text, f.remedy]);

			return entry(2, text, remedy ?? f.remedy);
		});
		const raised = Object.entries(d?.alarms ?? {}).filter(([, level]) => level > 0)
			.sort((a, b) => b[1] - a[1])
			.map(([name, level]) => entry(level, t("notice", { level: t(`level.${level}`), text: said("alarms", name) }),
				said("alarmRemedies", name, "")));

		list.replaceChildren(...faults, ...raised);
		if (list.children.length === 0)
			list.append(entry(0, d ? t("noAlarms") : t("noBattery")));
	});
	return list;
}

const LEVELS = { fault: 2, warning: 1, alarm: 2 };

function eventEntry(e) {
	const [text, remedy] = said("events", e.id, [e.text, e.remedy]);

	return entry(LEVELS[e.level] ?? 0, text ?? e.text, LEVELS[e.level] ? remedy ?? e.remedy : "",
		`${moment(e.t)}${e.guess ? ` (${t("guessed")})` : ""}`);
}

export function alarms(root) {
	const list = h("ul", { className: "entries" });
	const status = h("p", { className: "muted", role: "status" }, t("loading"));
	const older = h("button", { type: "button", hidden: true, onclick: () => grow() }, t("older"));
	let events = [], count = AT_ONCE;

	function draw() {
		list.replaceChildren(...events.slice(0, count).map(eventEntry));
		older.hidden = events.length <= count;
		status.textContent = events.length ? "" : t("noEvents");
	}
	const grow = () => {
		count += AT_ONCE;
		draw();
	};

	async function load() {
		if (!list.isConnected)
			return window.removeEventListener("bms-event", load);
		try {
			let since = 0, more = true, all = [];

			while (more) {
				const answer = await get(ofBattery(`events?since=${since}`));

				all = all.concat(answer.events);
				more = Boolean(answer.more) && answer.events.length > 0;
				since = all.length ? all[all.length - 1].n : 0;
			}
			events = all.reverse();
			draw();
		} catch (e) {
			status.textContent = e.message;
		}
	}
	root.append(h("section", { className: "card" }, h("h2", {}, t("now")), current()),
		h("section", { className: "card" }, h("h2", {}, t("events")), status, list, older));
	window.addEventListener("bms-event", load);
	load();
}
