// Each cell as a bar on a scale that makes differences visible, and how they drifted apart.
import { follow, h, live, svg } from "../dom.js";
import { chart } from "../chart.js";
import { loadCurves } from "../past.js";
import { num, qty, t } from "../words.js";
import { tile } from "./overview.js";

const H = 150, STEP_V = 0.02;

function scaleOf(d) {
	const low = Math.floor((d.cell_min_v - 0.005) / STEP_V) * STEP_V;
	const high = Math.ceil((d.cell_max_v + 0.005) / STEP_V) * STEP_V;

	return [low, Math.max(high, low + 2 * STEP_V)];
}

function bar(cell, i, d, [low, high], width) {
	const y = H * (1 - (cell.voltage_v - low) / (high - low));
	const kind = cell.n === d.cell_max_n ? "high" : cell.n === d.cell_min_n ? "low" : "";

	return svg("g", { class: `bar ${kind}`, transform: `translate(${i * width} 14)` },
		svg("rect", { x: width * 0.12, y, width: width * 0.76, height: Math.max(0, H - y), rx: 2 }),
		cell.is_balancing ? svg("path", { class: "bleed", d: `M${width / 2 - 6} ${y - 10}h12l-6 7z` }) : "",
		svg("text", { x: width / 2, y: H + 5 }, cell.n));
}

function bars() {
	const plot = h("div", { className: "bars", ariaHidden: "true" });
	const scale = h("p", { className: "muted scaletext" });

	follow((d) => {
		const cells = (d?.cells ?? []).filter((c) => typeof c.voltage_v === "number");

		if (cells.length === 0)
			return plot.replaceChildren();
		const range = scaleOf(d), width = plot.clientWidth || 300;

		plot.replaceChildren(svg("svg", { width, height: H + 36 },
			svg("line", { x1: 0, x2: width, y1: H + 14, y2: H + 14, class: "base" }),
			...cells.map((c, i) => bar(c, i, d, range, width / cells.length))));
		scale.textContent = t("scale", { from: qty(range[0], 2, "V"), to: qty(range[1], 2, "V") });
	});
	return [plot, scale, h("p", { className: "key muted" },
		h("span", {}, h("span", { className: "swatch high" }), t("cellHighest")),
		h("span", {}, h("span", { className: "swatch low" }), t("cellLowest")),
		h("span", {}, h("span", { className: "bleedmark" }, "▼"), t("balancing")))];
}

function table() {
	const body = h("tbody");

	follow((d) => body.replaceChildren(...(d?.cells ?? []).map((c) => h("tr", {},
		h("th", { scope: "row" }, num(c.n)), h("td", {}, qty(c.voltage_v, 3, "V")),
		h("td", {}, num((c.voltage_v - d.cell_min_v) * 1000)),
		h("td", {}, c.is_balancing ? t("balancing") : c.n === d.cell_max_n ? t("highest")
			: c.n === d.cell_min_n ? t("lowest") : "")))));
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

async function spread(place) {
	const c = await loadCurves("24h");

	if (!place.isConnected)
		return;
	place.replaceWith(chart({ title: t("spread24"), unit: "mV", digits: 0,
		series: [{ label: t("spread"), color: "c1", fill: "c1fill" }] },
		[c.time, c.spread.map((v) => (v === null ? null : v * 1000))]));
}

export function cells(root) {
	const place = h("p", { className: "muted" }, t("loading"));

	root.append(h("section", { className: "card" }, h("dl", { className: "tiles" },
		tile(t("cellLowest"), live((d) => qty(d?.cell_min_v, 3, "V"))),
		tile(t("cellHighest"), live((d) => qty(d?.cell_max_v, 3, "V"))),
		tile(t("spread"), live((d) => qty(d?.cell_spread_v * 1000, 0, "mV")))), ...bars(), table()),
	temperatures(), place);
	spread(place).catch((e) => (place.textContent = e.message));
}
