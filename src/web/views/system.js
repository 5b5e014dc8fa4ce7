// What surrounds the battery: CAN, MQTT, the line to the BMS, the service, backup.
import { follow, h, live } from "../dom.js";
import { ask, differences, editor } from "../editor.js";
import { get, ofBattery, request, state } from "../link.js";
import { bytes, duration, isNumber, moment, num, qty, said, t } from "../words.js";
import { fieldOf, writer } from "./charge.js";
import { editing, orConfirm, settingField } from "./settings.js";

export const facts = (...rows) => h("dl", { className: "facts" }, ...rows.flatMap(([name, fn]) =>
	[h("dt", {}, name), h("dd", {}, live(fn))]));

export const card = (title, ...content) => h("section", { className: "card" }, h("h2", {}, title), ...content);

function device() {
	const text = (key) => (d) => d?.[key] || "–";

	return card(t("device"), facts([t("product"), text("product")], [t("serial"), text("serial")],
		[t("firmware"), text("firmware")], [t("hardware"), text("hardware")], [t("port"), text("port")],
		[t("service"), text("service")],
		[t("state"), (d) => (d?.sentence && d.sentence !== d.service ? d.sentence : d?.is_on_bus ? t("onBus") : "–")]));
}

function diagnostics() {
	const n = (key) => (d) => num(d?.diagnostics?.[key]);

	return card(t("diagnostics"), facts([t("polls"), n("polls")], [t("successes"), n("successes")],
		[t("timeouts"), n("timeouts")], [t("crcErrors"), n("crc_errors")], [t("refusals"), n("refusals")],
		[t("retries"), n("retries")], [t("reopens"), n("reopens")],
		[t("latency"), (d) => meanAndMax(d?.diagnostics?.latency_mean_ms, d?.diagnostics?.latency_max_ms)]));
}

const meanAndMax = (mean, max) => (isNumber(max) ? `${num(mean, 1)} / ${qty(max, 1, "ms")}` : "–");

function announced() {
	const n = (key) => (d) => num(d?.diagnostics?.[key]);

	return card(t("announced"), facts([t("busSignals"), n("bus_signals")], [t("busPaths"), n("bus_paths")],
		[t("busBytes"), (d) => bytes(d?.diagnostics?.bus_bytes)],
		[t("busLatency"), (d) => meanAndMax(d?.diagnostics?.bus_latency_mean_ms, d?.diagnostics?.bus_latency_max_ms)],
		[t("gaps"), n("history_gaps")], [t("gapTime"), (d) => duration(d?.diagnostics?.history_gap_s)]));
}

const CAN_WELL = ["active", "opening"];

function canFacts(c) {
	const rows = [[t("state"), said("can", c.state, c.state ?? "–")], [t("inverter"), c.inverter || "–"],
		[t("lastSeen"), duration(c.last_seen_s)], [t("sent"), num(c.sent)],
		[t("received"), num(c.received)], [t("errors"), num(c.errors)], [t("dropped"), num(c.dropped)],
		[t("canRefused"), num(c.refused)], [t("openings"), num(c.openings)],
		[t("canLatency"), meanAndMax(c.latency_mean_ms, c.latency_max_ms)]];

	return h("div", {}, h("h3", {}, [c.interface, c.protocol].filter(Boolean).join(" · ")),
		h("dl", { className: "facts" }, ...rows.flatMap(([name, value], i) =>
			[h("dt", {}, name), h("dd", { className: i === 0 && c.state && !CAN_WELL.includes(c.state) ? "bad" : "" }, value)])),
		c.error ? h("p", { className: "error" }, c.error) : "");
}

function can() {
	const place = h("div");
	let was = null;

	follow((d) => {
		const list = d?.can ?? [], key = JSON.stringify(list);

		if (key === was)
			return;
		was = key;
		place.replaceChildren(...(list.length === 0 ? [h("p", { className: "muted" }, t("noCan"))] : list.map(canFacts)));
	});
	return card(t("can"), place);
}

function history() {
	const e = (key, digits, unit) => (d) => qty(d?.energy?.[key], digits, unit);

	return card(t("history"), facts([t("charged"), e("charged_kwh", 1, "kWh")],
		[t("discharged"), e("discharged_kwh", 1, "kWh")], [t("drawn"), (d) => qty(isNumber(d?.energy?.drawn_ah) ? Math.abs(d.energy.drawn_ah) : null, 0, "Ah")],
		[t("cyclesCount"), (d) => num(d?.energy?.cycles, 1)], [t("fullDischarges"), (d) => num(d?.energy?.full_discharges)],
		[t("lastFull"), (d) => moment(d?.energy?.last_full_charge_time)]));
}

/* ---- backup and restore -------------------------------------------------------------------- */

async function save(status) {
	try {
		const text = JSON.stringify(await get(ofBattery("backup")), null, "\t");
		const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));

		h("a", { href: url, download: `tinybms-${state.chosen}-${new Date().toISOString().slice(0, 10)}.json` }).click();
		setTimeout(() => URL.revokeObjectURL(url), 1000);
		status.textContent = t("saved");
	} catch (e) {
		status.textContent = e.message;
	}
}

const flat = (changes) => (Array.isArray(changes) ? changes
	: Object.entries(changes ?? {}).map(([name, v]) => ({ name, from: v?.from, to: v?.to ?? v })));

// As the editor of the settings shows it.
const changeOf = (known, { name, from, to }) => ({ value: String(to ?? "–"),
	field: { ...known.find((field) => field.name === name) ?? { name, label: name, kind: "text" }, value: String(from ?? "–") } });

async function restore(file, status) {
	const path = ofBattery("restore");

	try {
		const backup = JSON.parse(await file.text());
		const answer = await request("POST", `${path}?apply=0`, backup);
		const list = flat(answer.changes);

		if (list.length === 0) {
			status.textContent = t("restore.none");
			return;
		}
		const known = (await get(ofBattery("settings"))).settings.map(settingField);
		const is_done = await ask({ title: t("restore.title"), action: t("write"),
			body: h("div", { className: "scroll" }, differences(list.map((c) => changeOf(known, c)))),
			write: (confirm) => orConfirm(confirm, () =>
				request("POST", `${path}?apply=1`, { ...backup, confirm: confirm ?? {} })) });

		status.textContent = is_done ? t("written") : "";
	} catch (e) {
		status.textContent = e instanceof SyntaxError ? t("restore.noJson") : e.message;
	}
}

function backup() {
	const status = h("p", { className: "muted", role: "status" });
	const input = h("input", { id: "restore-file", type: "file", accept: ".json,application/json",
		onchange: async () => {
			if (input.files[0])
				await restore(input.files[0], status);
			input.value = "";
		} });

	return card(t("backup"), h("p", {}, t("backup.what")), h("div", { className: "buttons left" },
		h("button", { type: "button", onclick: () => save(status) }, t("backup.save"))),
	h("label", { htmlFor: "restore-file", className: "block" }, t("restore")), input, status);
}

export function system(root) {
	root.append(h("div", { className: "grid" }, device(), diagnostics(), announced(), can(), history(), backup()));
	const path = ofBattery("configuration");

	editing(root, async (done) => {
		const list = (await get(path)).configuration.filter((c) => c.type !== "json");

		return editor([[t("configuration"), list.map(fieldOf)]],
			{ title: t("charge.title"), action: t("save"), write: writer(path), done });
	});
}
