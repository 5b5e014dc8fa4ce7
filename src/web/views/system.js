// What surrounds the battery: CAN, MQTT, the line to the BMS, the service, backup.
import { follow, h, live } from "../dom.js";
import { ask, editor } from "../editor.js";
import { get, ofBattery, request, state } from "../link.js";
import { duration, isNumber, moment, num, qty, t } from "../words.js";
import { fieldOf, writer } from "./charge.js";
import { editing } from "./settings.js";

const facts = (...rows) => h("dl", { className: "facts" }, ...rows.flatMap(([name, fn]) =>
	[h("dt", {}, name), h("dd", {}, live(fn))]));

const card = (title, ...content) => h("section", { className: "card" }, h("h2", {}, title), ...content);

function device() {
	const text = (key) => (d) => d?.[key] || "–";

	return card(t("device"), facts([t("product"), text("product")], [t("serial"), text("serial")],
		[t("firmware"), text("firmware")], [t("hardware"), text("hardware")], [t("port"), text("port")],
		[t("service"), text("service")], [t("state"), text("sentence")]));
}

function diagnostics() {
	const n = (key) => (d) => num(d?.diagnostics?.[key]);

	return card(t("diagnostics"), facts([t("polls"), n("polls")], [t("successes"), n("successes")],
		[t("timeouts"), n("timeouts")], [t("crcErrors"), n("crc_errors")], [t("refusals"), n("refusals")],
		[t("retries"), n("retries")], [t("reopens"), n("reopens")],
		[t("latency"), (d) => `${num(d?.diagnostics?.latency_mean_ms, 1)} / ${qty(d?.diagnostics?.latency_max_ms, 1, "ms")}`]));
}

function can() {
	const place = h("div");
	let was = null;

	follow((d) => {
		const list = d?.can ?? [], key = JSON.stringify(list);

		if (key === was)
			return;
		was = key;
		place.replaceChildren(...(list.length === 0 ? [h("p", { className: "muted" }, t("noCan"))]
			: list.map((c) => h("div", {}, h("h3", {}, `${c.interface} · ${c.protocol}`),
				h("dl", { className: "facts" }, ...[[t("state"), c.state || "–"], [t("inverter"), c.inverter || "–"],
					[t("lastSeen"), isNumber(c.last_seen_s) ? duration(c.last_seen_s) : "–"], [t("sent"), num(c.sent)],
					[t("received"), num(c.received)], [t("errors"), num(c.errors)]]
					.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]))))));
	});
	return card(t("can"), place);
}

function gateway() {
	const g = () => state.gateway;
	const place = card(t("gateway"), facts([t("version"), () => g()?.version ?? "–"],
		[t("uptime"), () => duration(g()?.uptime_s)], [t("clients"), () => num(g()?.clients)],
		[t("mqtt"), () => mqttText(g()?.mqtt)],
		[t("mqttSent"), () => num(g()?.mqtt?.published)], [t("mqttError"), () => g()?.mqtt?.last_error || "–"]));

	get("gateway").then((answer) => (state.gateway = answer), () => {});
	return place;
}

function mqttText(m) {
	if (!m)
		return "–";
	if (!m.enabled)
		return t("mqtt.off");
	return `${t(m.connected ? "mqtt.connected" : "mqtt.disconnected")}${m.host ? ` · ${m.host}` : ""}`;
}

function history() {
	const e = (key, digits, unit) => (d) => qty(d?.energy?.[key], digits, unit);

	return card(t("history"), facts([t("charged"), e("charged_kwh", 1, "kWh")],
		[t("discharged"), e("discharged_kwh", 1, "kWh")], [t("drawn"), e("drawn_ah", 0, "Ah")],
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

async function restore(file, status) {
	try {
		const backup = JSON.parse(await file.text());
		const answer = await request("POST", ofBattery("restore?apply=0"), backup);
		const list = flat(answer.changes);

		if (list.length === 0) {
			status.textContent = t("restore.none");
			return;
		}
		const is_done = await ask({ title: t("restore.title"), action: t("write"),
			body: h("div", { className: "scroll" }, h("table", {}, h("thead", {}, h("tr", {},
				...["setting", "before", "after"].map((key) => h("th", { scope: "col" }, t(key))))),
			h("tbody", {}, ...list.map((c) => h("tr", {}, h("th", { scope: "row" }, c.name),
				h("td", {}, String(c.from ?? "–")), h("td", {}, String(c.to ?? "–"))))))),
			write: async (confirm) => {
				try {
					await request("POST", ofBattery("restore?apply=1"), { ...backup, confirm: confirm ?? {} });
				} catch (e) {
					if (e.status === 409 && e.body.confirm && !confirm)
						return e.body.confirm;
					throw e;
				}
				return null;
			} });

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
	root.append(h("div", { className: "grid" }, device(), diagnostics(), can(), gateway(), history(), backup()));
	editing(root, async (done) => {
		const list = (await get(ofBattery("configuration"))).configuration.filter((c) => c.type !== "json");

		return editor([[t("configuration"), list.map(fieldOf)]],
			{ title: t("configuration"), action: t("save"), write: writer("configuration"), done });
	});
}
