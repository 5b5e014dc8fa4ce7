// The state at a glance, to be read from two metres.
import { follow, h, icon, live, svg } from "../dom.js";
import { duration, isNumber, num, power, qty, said, t } from "../words.js";

const ROUND = 2 * Math.PI * 54;
const USUAL = ["BMS charge cut-off", "BMS discharge cut-off", "configured"];
const REST_W = 5;

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

		arc.setAttribute("stroke-dashoffset", ROUND * (1 - (isNumber(soc) ? soc : 0) / 100));
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

function notices() {
	const box = h("div", { className: "notices" });
	let was = "";

	follow((d) => {
		const list = [...Object.entries(d?.alarms ?? {}).filter(([, level]) => level > 0)
			.map(([name, level]) => [said("alarms", name), level]),
			...(d?.faults ?? []).map((f) => [said("events", f.id, [f.text])[0], 2])];
		const key = JSON.stringify(list);

		if (key === was)
			return;
		was = key;
		box.replaceChildren(...list.map(([text, level]) =>
			h("a", { href: "#/alarms", className: level === 2 ? "notice alarm" : "notice" },
				icon("warning"), h("span", {}, t("notice", { level: t(`level.${level}`), text })))));
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

function facts() {
	return h("section", { className: "card" }, h("h2", {}, t("battery")), h("dl", { className: "tiles" },
		tile(t("cellLowest"), live((d) => qty(d?.cell_min_v, 3, "V")), small((d) => d?.cell_min_n ? t("cellN", { n: d.cell_min_n }) : "")),
		tile(t("cellHighest"), live((d) => qty(d?.cell_max_v, 3, "V")), small((d) => d?.cell_max_n ? t("cellN", { n: d.cell_max_n }) : "")),
		tile(t("spread"), live((d) => (isNumber(d?.cell_spread_v) ? qty(d.cell_spread_v * 1000, 0, "mV") : "–")),
			small((d) => (d?.balancing ? t("balancing") : ""))),
		tile(t("temperature"), live((d) => qty(d?.temperature_max_c, 1, "°C")),
			small((d) => (isNumber(d?.temperature_min_c) ? t("lowestT", { t: qty(d.temperature_min_c, 1, "°C") }) : ""))),
		tile(t("soh"), live((d) => qty(d?.soh_pct, 0, "%")), small((d) => qty(d?.capacity_ah, 0, "Ah"))),
		tile(t("consumed"), live((d) => qty(isNumber(d?.consumed_ah) ? Math.abs(d.consumed_ah) : null, 1, "Ah")),
			small((d) => (isNumber(d?.energy?.cycles) ? t("cycles", { n: num(d.energy.cycles, 1) }) : "")))));
}

export function overview(root) {
	root.append(notices(),
		h("section", { className: "hero card" }, ring(), flow(),
			h("p", { className: "why", ariaLive: "polite" }, live(whyLimited)), limits()),
		facts());
}
