// Curves over time: uPlot, with zoom by mouse, touch and keyboard, and a table of the same.
/* global uPlot */
import { h } from "./dom.js";
import { color } from "./theme.js";
import { moment, num, t } from "./words.js";

const HEIGHT = 200, ROWS = 24;
const LEAST_S = 600; // of time that is shown: five steps of the day's curves
let charts = [];

export function dropCharts() {
	charts.forEach((c) => c.drop());
	charts = [];
}

const range_of = (c) => [c.scales.x.min, c.scales.x.max];

function zoomAll(move) {
	for (const { plot, span: [first, last] } of charts.filter((c) => c.plot)) {
		const [from, to] = range_of(plot), [min, max] = move(from, to, first, last);

		if (max - min < LEAST_S && max - min < to - from)
			continue;
		plot.setScale("x", { min: Math.max(first, min), max: Math.min(last, max) });
	}
}

const moves = {
	"+": (a, b) => [a + (b - a) / 4, b - (b - a) / 4],
	"−": (a, b) => [a - (b - a) / 2, b + (b - a) / 2],
	"←": (a, b, first) => [Math.max(first, a - (b - a) / 2), Math.max(first + (b - a), b - (b - a) / 2)],
	"→": (a, b, _, last) => [Math.min(last - (b - a), a + (b - a) / 2), Math.min(last, b + (b - a) / 2)],
	"0": (a, b, first, last) => [first, last],
};
const keys = { "+": "+", "-": "−", ArrowLeft: "←", ArrowRight: "→", 0: "0", Escape: "0" };

export function zoomButtons() {
	return h("div", { className: "zoom", role: "group", ariaLabel: t("zoom") },
		...Object.keys(moves).map((key) => h("button", { type: "button", ariaLabel: t(`zoom.${key}`),
			title: t(`zoom.${key}`), onclick: () => zoomAll(moves[key]) }, key === "0" ? t("zoom.0") : key)));
}

const APART = 20; // px between two fingers that still count as two

// Two fingers: uPlot knows a mouse only. What was under each finger stays under it.
function pinch({ over, posToVal }) {
	let held = null; // the times under the fingers
	const fingers = (e) => {
		const { left } = over.getBoundingClientRect();
		const [a, b] = [...e.touches].map((touch) => touch.clientX - left).sort((x, y) => x - y);

		return [a, Math.max(b, a + APART)];
	};

	over.addEventListener("touchstart", (e) => (held = e.touches.length === 2 ? fingers(e).map((x) => posToVal(x, "x")) : null),
		{ passive: true });
	over.addEventListener("touchmove", (e) => {
		if (e.touches.length !== 2 || !held)
			return;
		const [a, b] = fingers(e), per_px = (held[1] - held[0]) / (b - a), from = held[0] - a * per_px;

		e.preventDefault();
		zoomAll(() => [from, from + over.clientWidth * per_px]);
	}, { passive: false });
}

// A value between two gaps is no line: a point shows it.
function lonely(plot, series) {
	const values = plot.data[series], known = (i) => values[i] !== null && values[i] !== undefined;

	return values.map((_, i) => i).filter((i) => known(i) && !known(i - 1) && !known(i + 1));
}

function options(spec, width, [first, last]) {
	const line = color("line"), text = color("muted");
	const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 },
		font: "12px system-ui, sans-serif" };
	const dates = (plot, splits) => {
		const long = plot.scales.x.max - plot.scales.x.min > 2 * 86400;

		return splits.map((s) => moment(s, long ? { day: "numeric", month: "short" }
			: { hour: "2-digit", minute: "2-digit" }));
	};

	return {
		width, height: HEIGHT, tzDate: (s) => new Date(s * 1000),
		cursor: { sync: { key: "time" }, drag: { x: true, y: false }, points: { size: 6 },
			bind: { dblclick: () => () => zoomAll(moves["0"]) } },
		legend: { show: true, live: true, markers: { width: 3 } },
		scales: { x: { time: true, auto: false, min: first, max: last }, y: spec.range ? { range: spec.range } : {} },
		axes: [{ ...axis, values: dates, space: 60, size: 34 },
			{ ...axis, size: 56, values: (_, s) => s.map((v) => num(v, spec.axisDigits ?? spec.digits)) }],
		series: [{ label: t("time"), value: (_, v) => (v === null ? "–" : moment(v)) },
			...spec.series.map((s) => ({ label: s.label, stroke: color(s.color), width: 1.6,
				dash: s.dash, fill: s.fill ? color(s.fill) : undefined,
				points: { show: true, size: 5, filter: lonely },
				value: (_, v) => (v === null || v === undefined ? "–" : `${num(v, spec.digits)} ${spec.unit}`) }))],
	};
}

// Of each slot of the time the mean of what is known.
function rowsOf(data) {
	const rows = [], step = Math.ceil(data[0].length / ROWS);

	for (let i = 0; i < data[0].length; i += step)
		rows.push([data[0][i], ...data.slice(1).map((column) => {
			const known = column.slice(i, i + step).filter((v) => v !== null);

			return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
		})]);
	return rows;
}

function table(spec, rows) {
	const details = h("details", {}, h("summary", {}, t("asTable")));

	details.addEventListener("toggle", () => {
		while (details.children.length > 1)
			details.lastChild.remove();
		if (!details.open)
			return;
		details.append(h("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: spec.title },
			h("table", {}, h("caption", { className: "hidden" }, spec.title),
				h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("time")), ...spec.series.map((s) =>
					h("th", { scope: "col" }, `${s.label} (${spec.unit})`)))),
				h("tbody", {}, ...rows().map(([x, ...values]) => h("tr", {},
					h("th", { scope: "row" }, moment(x)),
					...values.map((v) => h("td", {}, num(v, spec.digits)))))))));
	});
	return details;
}

// spec: {title, unit, digits, range?, series: [{label, color, dash?, fill?}]};
// span: first and last time in s; data: [times in s, values...], null where unknown.
// The section has renew(span, data), which keeps what is zoomed.
export function chart(spec, span, data) {
	const place = h("div", { className: "plot", tabIndex: 0, role: "group",
		ariaLabel: `${spec.title}. ${t("chartHelp")}`, onkeydown: (e) => {
			const move = moves[keys[e.key]];

			if (move && !e.ctrlKey && !e.metaKey && !e.altKey) {
				e.preventDefault();
				zoomAll(move);
			}
		} });
	const mine = { span, data, plot: null, drop() {
		window.removeEventListener("theme", draw);
		watch.disconnect();
		mine.plot?.destroy();
	} };
	const draw = () => {
		const range = mine.plot ? range_of(mine.plot) : null;

		mine.plot?.destroy();
		mine.plot = new uPlot(options(spec, place.clientWidth || 300, mine.span), mine.data, place);
		pinch(mine.plot);
		if (range)
			mine.plot.setScale("x", { min: range[0], max: range[1] });
	};
	const watch = new ResizeObserver(() => {
		if (!place.clientWidth)
			return;
		if (!mine.plot)
			draw();
		else if (mine.plot.width !== place.clientWidth)
			mine.plot.setSize({ width: place.clientWidth, height: HEIGHT });
	});
	const renew = (to_span, to_data) => {
		const range = mine.plot ? range_of(mine.plot) : mine.span;
		const [min, max] = range.every((edge, i) => edge === mine.span[i]) ? to_span : range;

		Object.assign(mine, { span: to_span, data: to_data });
		mine.plot?.setData(to_data, false);
		mine.plot?.setScale("x", { min, max });
	};

	window.addEventListener("theme", draw);
	watch.observe(place);
	charts.push(mine);
	return Object.assign(h("section", { className: "card chart" },
		h("h2", {}, spec.title, " ", h("span", { className: "unit" }, `(${spec.unit})`)), place,
		table(spec, () => rowsOf(mine.data))), { renew });
}
