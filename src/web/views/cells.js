// Each cell as a bar on a scale that makes differences visible, and how they drifted apart.
import { every, follow, h, live, svg } from "../dom.js";
import { chart } from "../chart.js";
import { ofBattery } from "../link.js";
import { loading } from "../load.js";
import { loadCurves } from "../past.js";
import { isNumber, num, qty, t } from "../words.js";
import { tile } from "./overview.js";

const H = 150, STEP_V = 0.02;
const WIDE = 38;       // px that a voltage needs beside another
const ALIKE_V = 0.001; // what the BMS can tell apart: none is the highest
const RENEW_S = 120;

// What is known: [{n, v, isBleeding, kind}], kind "high", "low" or "".
function knownCells(d) {
	const known = (d?.cells ?? []).filter((c) => isNumber(c?.voltage_v))
		.map((c) => ({ n: c.n, v: c.voltage_v, isBleeding: c.is_balancing === true, kind: "" }));
	const by_voltage = [...known].sort((a, b) => a.v - b.v);
	const lowest = by_voltage[0], highest = by_voltage[by_voltage.length - 1];

	if (known.length && highest.v - lowest.v >= ALIKE_V) {
		highest.kind = "high";
		lowest.kind = "low";
	}
	return known;
}

function scaleOf(cells) {
	const volts = cells.map((c) => c.v);
	const low = Math.floor((Math.min(...volts) - 0.005) / STEP_V) * STEP_V;
	const high = Math.ceil((Math.max(...volts) + 0.005) / STEP_V) * STEP_V;

	return [low, Math.max(high, low + 2 * STEP_V)];
}

function bar(cell, i, [low, high], width) {
	const share = (cell.v - low) / (high - low); // of absurd voltages no number
	const y = H * (1 - (share >= 0 && share <= 1 ? share : 0)), middle = width / 2, gap = Math.min(width * 0.12, 14);
	const volts = num(cell.v, 3);

	return svg("g", { class: `bar ${cell.kind}`, transform: `translate(${i * width} 14)` },
		svg("rect", { x: gap, y, width: width - 2 * gap, height: Math.max(0, H - y), rx: 2 }),
		cell.isBleeding ? svg("path", { class: "bleed", d: `M${middle - 6} ${y - 10}h12l-6 7z` }) : "",
		svg("text", { x: middle, y: H + 5 }, cell.n),
		width >= WIDE ? svg("text", { class: "volts", x: middle, y: H + 22 }, volts)
			: svg("text", { class: "volts upright", transform: `translate(${middle} ${H + 22}) rotate(-90)` }, volts));
}

function bars() {
	const plot = h("div", { className: "bars", ariaHidden: "true" });
	const scale = h("p", { className: "muted scaletext" });
	let cells = [];

	function draw() {
		if (cells.length === 0) {
			scale.textContent = "";
			return plot.replaceChildren();
		}
		const range = scaleOf(cells), width = plot.clientWidth || 300, one = width / cells.length;

		plot.replaceChildren(svg("svg", { width, height: H + (one >= WIDE ? 54 : 76) },
			svg("line", { x1: 0, x2: width, y1: H + 14, y2: H + 14, class: "base" }),
			...cells.map((c, i) => bar(c, i, range, one))));
		scale.textContent = t("scale", { from: qty(range[0], 2, "V"), to: qty(range[1], 2, "V") });
	}
	follow((d) => {
		cells = knownCells(d);
		draw();
	});
	new ResizeObserver(draw).observe(plot); // watches as long as the plot is there
	return [plot, scale, h("p", { className: "key muted" },
		h("span", {}, h("span", { className: "swatch high" }), t("cellHighest")),
		h("span", {}, h("span", { className: "swatch low" }), t("cellLowest")),
		h("span", {}, h("span", { className: "bleedmark" }, "▼"), t("balancing")))];
}

function table() {
	const body = h("tbody");

	follow((d) => {
		const cells = knownCells(d), lowest = Math.min(...cells.map((c) => c.v));
		const remark = { high: t("highest"), low: t("lowest"), "": "" };

		body.replaceChildren(...cells.map((c) => h("tr", {},
			h("th", { scope: "row" }, num(c.n)), h("td", {}, qty(c.v, 3, "V")),
			h("td", {}, num((c.v - lowest) * 1000)),
			h("td", {}, [remark[c.kind], c.isBleeding ? t("balancing") : ""].filter(Boolean).join(", ")))));
	});
	return h("details", {}, h("summary", {}, t("asTable")),
		h("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: t("nav.cells") }, h("table", {},
			h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("cell")), h("th", { scope: "col" }, t("voltage")),
				h("th", { scope: "col" }, t("above")), h("th", { scope: "col" }, t("remark")))), body)));
}

function temperatures() {
	const one = (key) => tile(t(`sensor.${key}`), live((d) => qty(d?.temperatures?.[key], 1, "°C")));

	return h("section", { className: "card" }, h("h2", {}, t("temperatures")),
		h("dl", { className: "tiles" }, one("internal_c"), one("external_1_c"), one("external_2_c")));
}

function spread() {
	const status = h("p", { className: "muted", role: "status" }), place = h("div"), path = ofBattery("curves");
	const load = loading(status, async () => {
		const c = await loadCurves("24h", path);
		const data = [c.time, c.spread.map((v) => (v === null ? null : v * 1000))];

		if (!place.isConnected)
			return "";
		if (c.time.length === 0)
			return t("noCurves");
		if (place.firstChild)
			place.firstChild.renew(c.span, data);
		else
			place.append(chart({ title: t("spread24"), unit: "mV", digits: 0,
				series: [{ label: t("spread"), color: "c1", fill: "c1fill" }] }, c.span, data));
		return "";
	});

	every(place, RENEW_S, load);
	return [status, place];
}

export function cells(root) {
	const number = (key) => h("small", {}, live((d) => (isNumber(d?.[key]) && d.cell_spread_v >= ALIKE_V
		? t("cellN", { n: d[key] }) : "")));

	root.append(h("section", { className: "card" }, h("dl", { className: "tiles" },
		tile(t("cellLowest"), live((d) => qty(d?.cell_min_v, 3, "V")), number("cell_min_n")),
		tile(t("cellHighest"), live((d) => qty(d?.cell_max_v, 3, "V")), number("cell_max_n")),
		tile(t("spread"), live((d) => (isNumber(d?.cell_spread_v) ? qty(d.cell_spread_v * 1000, 0, "mV") : "–")),
			h("small", {}, live((d) => (isNumber(d?.cell_count) ? t("inSeries", { n: d.cell_count }) : ""))))),
	...bars(), table()), temperatures(), ...spread());
}
