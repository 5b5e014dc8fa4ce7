// The state at a glance, to be read from two metres.
import { every, follow, h, icon, live, svg } from "../dom.js";
import { chart } from "../chart.js";
import { ofBattery, state } from "../link.js";
import { loading } from "../load.js";
import { noticesOf, noticesOfGateway, worst } from "../notices.js";
import { loadCurves } from "../past.js";
import { duration, isNumber, num, power, qty, said, t } from "../words.js";

const ROUND = 2 * Math.PI * 54;
const USUAL = ["BMS charge cut-off", "BMS discharge cut-off", "configured"];
const REST_W = 5, RENEW_S = 120;

const direction = (d) =>
	!isNumber(d?.power_w) || Math.abs(d.power_w) < REST_W ? "rest" : d.power_w > 0 ? "in" : "out";

// One sentence: what limits the battery, else what it is doing.
export function whyLimited(d) {
	const l = d?.limits;

	if (!l || !d.is_live)
		return t("why.silent");
	const charge = !USUAL.includes(l.charge_limitation);
	const discharge = !USUAL.includes(l.discharge_limitation);
	const is_taking = direction(d) === "out";

	if (discharge && (is_taking || !charge))
		return sentence("discharge", l.dcl_a, l.discharge_limitation);
	if (charge)
		return sentence("charge", l.ccl_a, l.charge_limitation);
	return said("modes", l.state);
}

const sentence = (what, limit_a, reason) =>
	t(limit_a > 0 ? `why.${what}` : `why.no${what}`, { a: qty(limit_a, 1, "A"), reason: said("reasons", reason) });

function ring() {
	const arc = svg("circle", { cx: 60, cy: 60, r: 54, class: "arc", "stroke-dasharray": ROUND,
		transform: "rotate(-90 60 60)" });

	follow((d) => {
		const soc = d?.soc_pct;

		arc.setAttribute("stroke-dashoffset", ROUND * (1 - (isNumber(soc) ? Math.min(100, Math.max(0, soc)) : 0) / 100));
		arc.classList.toggle("low", isNumber(soc) && soc < 10);
	});
	return h("div", { className: "ring" },
		svg("svg", { viewBox: "0 0 120 120", "aria-hidden": "true" },
		    svg("circle", { cx: 60, cy: 60, r: 54, class: "track" }), arc),
		h("p", { className: "soc" }, h("span", { className: "hidden" }, t("soc"), " "),
			h("strong", {}, live((d) => num(d?.soc_pct, d?.soc_pct === 100 ? 0 : 1))),
			h("span", {}, "%")));
}

function flow() {
	const arrow = h("span", { className: "arrow" });
	let was = null;

	follow((d) => {
		const now = direction(d);

		if (now === was)
			return;
		arrow.replaceChildren(icon(now));
		arrow.dataset.flow = was = now;
	});
	return h("div", { className: "flow" }, arrow,
		h("p", { className: "power" }, live((d) => (isNumber(d?.power_w) ? power(Math.abs(d.power_w)) : "–"))),
		h("p", { className: "doing" }, live((d) => (d?.status ? said("status", d.status) : "–"))),
		h("p", { className: "muted" }, live((d) => qty(d?.voltage_v, 2, "V")), " · ",
			live((d) => qty(d?.current_a, 1, "A"))),
		h("p", { className: "muted" }, live((d) => (isNumber(d?.time_to_go_s)
			? t("timeToGo", { time: duration(d.time_to_go_s) }) : "")))) ;
}

const nameOf = (d) => d.name || d.id;
const others = () => [...state.batteries.values()].filter((b) => b.id !== state.chosen);

// Of the battery that is shown all; of each other one the worst.
function noticesOfAll(d) {
	return [...noticesOf(d).map((n) => ({ ...n, id: null })),
		...others().flatMap((b) => (b.is_live ? noticesOf(b).slice(0, 1)
			: [{ level: 1, text: t("noAnswer") }]).map((n) => ({ ...n, id: b.id, name: nameOf(b) }))),
		...noticesOfGateway(state.gateway).map((n) => ({ ...n, view: "gateway" }))];
}

function notices(pick) {
	const box = h("div", { className: "notices" });
	let was = "";

	follow((d) => {
		const list = noticesOfAll(d), key = JSON.stringify(list);

		if (key === was)
			return;
		was = key;
		box.replaceChildren(...list.map(({ level, text, id, name, view = "alarms" }) =>
			h("a", { href: `#/${view}`, className: level === 2 ? "notice alarm" : "notice", onclick: () => id && pick(id) },
				icon("warning"), h("span", {}, name ? [h("bdi", {}, name), " – "] : "",
					t("notice", { level: t(`level.${level}`), text })))));
	});
	return h("div", { ariaLive: "polite" }, box);
}

export const tile = (title, value, ...more) =>
	h("div", { className: "tile" }, h("dt", {}, title), h("dd", {}, h("strong", {}, value), ...more));

const small = (fn) => h("small", {}, live(fn));

function limits() {
	const reason = (key) => small((d) => said("short", d?.limits?.[key]));

	return h("section", { className: "limits", ariaLabel: t("limits") }, h("dl", { className: "tiles" },
		tile(t("ccl"), live((d) => qty(d?.limits?.ccl_a, 1, "A")), reason("charge_limitation")),
		tile(t("dcl"), live((d) => qty(d?.limits?.dcl_a, 1, "A")), reason("discharge_limitation")),
		tile(t("cvl"), live((d) => qty(d?.limits?.cvl_v, 2, "V")),
			small((d) => (d?.limits ? said("states", d.limits.state) : "")))));
}

const cell = (key) => small((d) => (isNumber(d?.[key]) && d.cell_spread_v > 0 ? t("cellN", { n: d[key] }) : ""));

function facts() {
	return h("section", { className: "card" }, h("h2", {}, t("battery")), h("dl", { className: "tiles" },
		tile(t("cellLowest"), live((d) => qty(d?.cell_min_v, 3, "V")), cell("cell_min_n")),
		tile(t("cellHighest"), live((d) => qty(d?.cell_max_v, 3, "V")), cell("cell_max_n")),
		tile(t("spread"), live((d) => (isNumber(d?.cell_spread_v) ? qty(d.cell_spread_v * 1000, 0, "mV") : "–")),
			small((d) => (d?.balancing === true ? t("balancing") : ""))),
		tile(t("temperature"), live((d) => qty(d?.temperature_max_c, 1, "°C")),
			small((d) => (isNumber(d?.temperature_min_c) ? t("lowestT", { t: qty(d.temperature_min_c, 1, "°C") }) : ""))),
		tile(t("soh"), live((d) => qty(d?.soh_pct, 0, "%")), small((d) => qty(d?.capacity_ah, 0, "Ah"))),
		tile(t("consumed"), live((d) => qty(isNumber(d?.consumed_ah) ? Math.abs(d.consumed_ah) : null, 1, "Ah")),
			small((d) => (isNumber(d?.energy?.cycles) ? t("cycles", { n: num(d.energy.cycles, 1) }) : "")))));
}

function day() {
	const status = h("p", { className: "muted", role: "status" }), place = h("div"), path = ofBattery("curves");
	const load = loading(status, async () => {
		const c = await loadCurves("24h", path), data = [c.time, c.soc];

		if (!place.isConnected || c.time.length === 0)
			return "";
		if (place.firstChild)
			place.firstChild.renew(c.span, data);
		else
			place.append(chart({ title: t("soc24"), unit: "%", digits: 1, axisDigits: 0, range: [0, 100],
				series: [{ label: t("soc"), color: "c1", fill: "c1fill" }] }, c.span, data));
		return "";
	});

	every(place, RENEW_S, load);
	return [place, status];
}

function row(b, pick) {
	const level = worst(b);
	const words = !b.is_live ? t("noAnswer") : level ? t(`level.${level}`) : b.status ? said("status", b.status) : "–";
	const button = h("button", { type: "button", className: "battery", ariaPressed: String(b.id === state.chosen),
		onclick: () => pick(b.id) }, h("bdi", { className: "name" }, nameOf(b)), h("strong", {}, qty(b.soc_pct, 1, "%")),
	h("span", {}, isNumber(b.power_w) ? power(b.power_w) : "–"), h("span", { className: level === 2 || !b.is_live ? "bad" : level ? "fair" : "muted" }, words));

	button.dataset.id = b.id;
	return button;
}

// All batteries of the device, where there are several.
function fleet(pick) {
	const list = h("div", { className: "fleet" });
	const card = h("section", { className: "card" }, h("h2", {}, t("batteries")), list);
	let was = "";

	follow(() => {
		const all = [...state.batteries.values()].map((b) => (b.id === state.chosen && state.hasLeft ? { ...b, is_live: false } : b));
		const key = JSON.stringify(all.map((b) => [b.id, b.name, b.soc_pct, b.power_w, b.status, worst(b), b.is_live]));

		if (key === was)
			return;
		was = key;
		const focused = document.activeElement?.dataset.id;

		list.replaceChildren(...all.map((b) => row(b, pick)));
		[...list.children].find((button) => button.dataset.id === focused)?.focus();
		card.hidden = all.length < 2;
	});
	return card;
}

export function overview(root, { pick }) {
	root.append(notices(pick),
		h("section", { className: "hero card" }, ring(), flow(), h("p", { className: "why" }, live(whyLimited)), limits()),
		facts(), fleet(pick), ...day());
}
