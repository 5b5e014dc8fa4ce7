import { h } from "../dom.js";
import { chart, dropCharts, zoomButtons } from "../chart.js";
import { loadCurves } from "../past.js";
import { t } from "../words.js";

const known = (column) => column.some((v) => v !== null);

function draw(place, c) {
	const temperatures = [["internal", "internal_c", "c1"], ["external1", "external_1_c", "c2"],
		["external2", "external_2_c", "c3"]].filter(([key]) => known(c[key]));

	dropCharts();
	if (c.time.length === 0) {
		place.replaceChildren(h("p", { className: "muted" }, t("noCurves")));
		return;
	}
	place.replaceChildren(
		chart({ title: t("soc"), unit: "%", digits: 1, axisDigits: 0, range: [0, 100],
			series: [{ label: t("soc"), color: "c1", fill: "c1fill" }] }, [c.time, c.soc]),
		chart({ title: t("power"), unit: "W", digits: 0,
			series: [{ label: t("power"), color: "c2", fill: "c2fill" }] }, [c.time, c.power]),
		chart({ title: t("voltage"), unit: "V", digits: 2,
			series: [{ label: t("voltage"), color: "c1" }] }, [c.time, c.volts]),
		chart({ title: t("cellVoltages"), unit: "V", digits: 3,
			series: [{ label: t("cellHighest"), color: "high" },
				{ label: t("cellLowest"), color: "low", dash: [6, 3] }] }, [c.time, c.high, c.low]),
		chart({ title: t("temperatures"), unit: "°C", digits: 1, axisDigits: 0,
			series: temperatures.map(([, key, color], i) => ({ label: t(`sensor.${key}`), color,
				dash: [undefined, [6, 3], [2, 2]][i] })) },
		[c.time, ...temperatures.map(([key]) => c[key])]));
}

export function curves(root) {
	const place = h("div", { className: "charts" });
	const buttons = ["24h", "30d"].map((range) => h("button", { type: "button",
		onclick: () => load(range) }, t(`range.${range}`)));
	const status = h("p", { className: "muted", role: "status" });

	async function load(range) {
		buttons.forEach((b, i) => b.setAttribute("aria-pressed", ["24h", "30d"][i] === range));
		status.textContent = t("loading");
		try {
			const c = await loadCurves(range);

			if (!place.isConnected)
				return;
			draw(place, c);
			status.textContent = "";
		} catch (e) {
			status.textContent = e.message;
		}
	}
	root.append(h("div", { className: "bar-tools" },
		h("div", { className: "segments", role: "group", ariaLabel: t("range") }, ...buttons), zoomButtons()),
	status, place);
	load("24h");
}
