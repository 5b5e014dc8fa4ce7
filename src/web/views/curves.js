import { every, h } from "../dom.js";
import { chart, dropCharts, zoomButtons } from "../chart.js";
import { ofBattery } from "../link.js";
import { loading } from "../load.js";
import { loadCurves } from "../past.js";
import { t } from "../words.js";

const RENEW_S = 120; // the step of the day's curves
const RANGES = ["24h", "30d"];

const known = (column) => column.some((v) => v !== null);

// [spec, columns] of each chart.
function chartsOf(c) {
	const temperatures = [["internal", "internal_c", "c1"], ["external1", "external_1_c", "c2"],
		["external2", "external_2_c", "c3"]].filter(([key]) => known(c[key]));

	return [
		[{ title: t("soc"), unit: "%", digits: 1, axisDigits: 0, range: [0, 100],
			series: [{ label: t("soc"), color: "c1", fill: "c1fill" }] }, [c.soc]],
		[{ title: t("power"), unit: "W", digits: 0,
			series: [{ label: t("power"), color: "c2", fill: "c2fill" }] }, [c.power]],
		[{ title: t("voltage"), unit: "V", digits: 2, axisDigits: 1,
			series: [{ label: t("voltage"), color: "c1" }] }, [c.volts]],
		[{ title: t("cellVoltages"), unit: "V", digits: 3,
			series: [{ label: t("cellHighest"), color: "high" },
				{ label: t("cellLowest"), color: "low", dash: [6, 3] }] }, [c.high, c.low]],
		[{ title: t("spread"), unit: "mV", digits: 0,
			series: [{ label: t("spread"), color: "c1", fill: "c1fill" }] }, [c.spread.map((v) => v === null ? null : v * 1000)]],
		...(temperatures.length ? [[{ title: t("temperatures"), unit: "°C", digits: 1, axisDigits: 0,
			series: temperatures.map(([, key, color], i) => ({ label: t(`sensor.${key}`), color,
				dash: [undefined, [6, 3], [2, 2]][i] })) }, temperatures.map(([key]) => c[key])]] : []),
	];
}

function draw(place, c) {
	const specs = chartsOf(c), same = place.children.length === specs.length;

	if (!same)
		dropCharts();
	if (same)
		specs.forEach(([, columns], i) => place.children[i].renew(c.span, [c.time, ...columns]));
	else
		place.replaceChildren(...specs.map(([spec, columns]) => chart(spec, c.span, [c.time, ...columns])));
}

export function curves(root) {
	const place = h("div", { className: "charts" });
	const buttons = RANGES.map((range) => h("button", { type: "button",
		onclick: () => choose(range) }, t(`range.${range}`)));
	const status = h("p", { className: "muted", role: "status" });
	const path = ofBattery("curves");
	let range = RANGES[0];

	function mark() {
		buttons.forEach((b, i) => b.setAttribute("aria-pressed", RANGES[i] === range));
	}
	root.append(h("div", { className: "bar-tools" },
		h("div", { className: "segments", role: "group", ariaLabel: t("range") }, ...buttons), zoomButtons()),
	status, place);
	mark();
	const load = loading(status, async () => {
		const asked = range, c = await loadCurves(asked, path);

		if (!place.isConnected || asked !== range)
			return "";
		if (c.time.length === 0)
			return t("noCurves");
		draw(place, c);
		return "";
	});

	function choose(wanted) {
		range = wanted;
		mark();
		dropCharts();
		place.replaceChildren();
		status.textContent = t("loading");
		load();
	}
	every(place, RENEW_S, load);
}
