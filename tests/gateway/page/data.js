// What the bench's gateway says: the same at each run. Settings and keys are read from the sources,
// so that the page is tested with all of them.
"use strict";

const fs = require("fs");
const path = require("path");

const top = path.join(__dirname, "../../..");
const source = (name) => fs.readFileSync(path.join(top, "src", name), "utf8");

const NOW_S = 1_760_000_000; // of the recorded past; the present is the clock's
const IDS = ["usb_FTDI_A50285BI", "ttyUSB1"];

const cellsOf = (id) => Array.from({ length: 16 }, (_, i) => {
	const lead = id === IDS[0] ? [0, 2, -1, 4, 1, 0, 3, -2, 12, 1, 0, 2, -9, 1, 0, 3][i] : (i % 5) - 2;

	return { n: i + 1, voltage_v: Number((3.346 + lead / 1000).toFixed(4)), is_balancing: lead > 10 };
});

function battery(id, index) {
	const cells = cellsOf(id), volts = cells.map((c) => c.voltage_v);
	const min = Math.min(...volts), max = Math.max(...volts);

	return {
		version: 1, id, time: Date.now() / 1000, age_s: 0.08, is_live: true, is_on_bus: true,
		name: ["House", "Garage"][index], product: "TinyBMS s516", serial: ["A1B2C3D4", "E5F60718"][index],
		firmware: "1.242", hardware: "2.1", port: `/dev/serial/by-id/${id}`,
		service: `com.victronenergy.battery.ttyUSB${index}`, instance: 288 + index,
		sentence: `com.victronenergy.battery.ttyUSB${index}`,
		status: ["charging", "discharging"][index], soc_pct: [74.2, 38.5][index], soh_pct: 98,
		voltage_v: 53.54, current_a: [12.3, -41.7][index], power_w: [659, -2233][index], capacity_ah: 280,
		consumed_ah: -172.2, time_to_go_s: [null, 9000][index], cells, cell_min_v: min, cell_max_v: max,
		cell_min_n: volts.indexOf(min) + 1, cell_max_n: volts.indexOf(max) + 1,
		cell_spread_v: Number((max - min).toFixed(4)), cell_count: 16,
		temperatures: { internal_c: 31.4, external_1_c: 6.5, external_2_c: null },
		temperature_min_c: 6.5, temperature_max_c: 31.4,
		limits: { cvl_v: 55.2, ccl_a: [52.5, 100][index], dcl_a: 420, dvl_v: 44.8, state: "Bulk",
			mode: "Bulk (waits for a cell near its target)",
			charge_limitation: ["temperature", "BMS charge cut-off"][index],
			discharge_limitation: "BMS discharge cut-off", charge_request: 0, allow_charge: true,
			allow_discharge: true },
		alarms: { HighCellVoltage: 0, LowChargeTemperature: index === 0 ? 1 : 0, CellImbalance: 0 }, faults: [],
		balancing: index === 0,
		energy: { charged_kwh: 1234.5, discharged_kwh: 1180.2, drawn_ah: 20480, cycles: 73.1, full_discharges: 0,
			last_full_charge_time: NOW_S - 200000, since_full_charge_s: 200000 },
		history: {}, settings: {},
		can: index === 0 ? [{ interface: "can1", state: "active", protocol: "pylontech", error: null, inverter: "Deye SUN-12K",
			last_seen_s: 0, sent: 86412, received: 86400, errors: 0, dropped: 2, refused: 31, openings: 4, latency_last_ms: 0.4,
			latency_mean_ms: 0.6, latency_max_ms: 12.5 }] : [],
		diagnostics: { polls: 864000, successes: 863991, timeouts: 6, crc_errors: 3, refusals: 0, retries: 9,
			reopens: 0, latency_last_ms: 13.1, latency_mean_ms: 13.2, latency_max_ms: 48.9, bus_signals: 86410, bus_paths: 777000,
			bus_bytes: 41234567, bus_latency_last_ms: 0.8, bus_latency_mean_ms: 0.9, bus_latency_max_ms: 7.3, history_gaps: 3,
			history_gap_s: 5400 },
	};
}

/* ---- the past ------------------------------------------------------------------------------ */

const COLUMNS = ["t", "state_of_charge", "pack_voltage", "pack_current", "cell_min", "cell_max",
	"internal_temperature", "external_temperature_1", "external_temperature_2"];

function curves(range, columns) {
	const [span_s, step_s] = range === "30d" ? [30 * 86400, 3600] : [86400, 120];
	const rows = [];

	for (let s = NOW_S - span_s; s <= NOW_S; s += step_s) {
		const sun = Math.max(0, Math.sin(((s % 86400) / 86400) * 2 * Math.PI - Math.PI / 2));
		const current = sun * 60 - 14 + 3 * Math.sin(s / 700), soc = 60 - 24 * Math.cos(((s % 86400) / 86400) * 2 * Math.PI - 1.2);
		const mean = 3.25 + soc * 0.0011 + current * 0.0004, spread = 0.006 + 0.012 * Math.max(0, (soc - 70) / 15);
		const is_gap = s > NOW_S - span_s / 3 && s < NOW_S - span_s / 3 + 8 * step_s;
		const row = { t: s, state_of_charge: soc, pack_voltage: mean * 16, pack_current: current, cell_min: mean - spread / 2,
			cell_max: mean + spread / 2, internal_temperature: 24 + 6 * sun, external_temperature_1: 12 + 5 * sun,
			external_temperature_2: null };

		rows.push(columns.map((c) => (c !== "t" && is_gap ? null : row[c] ?? null)));
	}
	return { range, from: NOW_S - span_s, to: NOW_S, step: step_s, columns, rows };
}

function events() {
	const texts = [...source("tinybms/events.c").matchAll(/\{ (0x..), "([^"]+)", (NULL|"[^"]+") \}/g)];
	const level = (id) => (id < 0x31 ? "fault" : id < 0x61 ? "warning" : "information");

	return texts.map(([, id, text, remedy], i) => ({ n: i + 1, t: NOW_S - (texts.length - i) * 5400, serial: "A1B2C3D4",
		id: Number(id), life: i * 5400, guess: i < 3, level: level(Number(id)), text,
		remedy: remedy === "NULL" ? null : remedy.slice(1, -1) }));
}

/* ---- settings and configuration ------------------------------------------------------------ */

function choicesOf(text, name) {
	const body = text.match(new RegExp(`${name}\\[\\] = \\{([^;]*)\\};`))[1];

	return Object.fromEntries([...body.matchAll(/\{ (\d+), "([^"]+)" \}/g)].map(([, k, v]) => [k, v]));
}

const RISKY = [[300, 301], [304, 305], [307, 307], [310, 311], [315, 321], [329, 341]];

function settings() {
	const text = source("tinybms/settings.c");
	const rows = text.matchAll(
		/\{ (\d+), \d, (?:true|false), ([\d.]+), "(\w*|%)", (-?\d+), (\d+), (-?\d+), "(\w+)",\s+"([^"]+)", (\w+) \}/g);

	return [...rows].map(([, register, step, unit, min, max, fallback, name, meaning, choices]) => {
		const value = (raw) => Number((Number(raw) * Number(step)).toPrecision(10));
		const n = Number(register);

		const is_set = Number(fallback) <= Number(max); // what sets a counter reads as nothing

		return { name, register: n, value: is_set ? value(fallback) : null, text: is_set ? `${value(fallback)} ${unit}` : "---", unit, min: value(min),
			max: value(max), default: value(fallback), device_range: false,
			risky: RISKY.some(([a, b]) => n >= a && n <= b), meaning,
			...(choices === "NULL" ? {} : { choices: choicesOf(text, choices) }) };
	});
}

const CHOICES = { chemistry: ["auto", "LFP", "Li-ion", "LTO"], temperature_source: ["auto", "internal"],
	managed: ["auto", "yes", "no"] };

// Of "NUMBER(x), .unit = ..., .min = ..." and "FIELD(x), .type = CONFIG_INT, ...".
function configuration(file) {
	const rows = source(file).matchAll(/\{ (NUMBER|CURVE|CHOICE|SWITCH|FIELD)\((\w+)\)([\s\S]*?)\.sentence = "([^"]+)" \}/g);

	return [...rows].map(([, macro, name, rest, meaning]) => {
		const type = { NUMBER: "number", CURVE: "curve", CHOICE: "choice", SWITCH: "bool" }[macro] ??
			rest.match(/CONFIG_(\w+)/)[1].toLowerCase();
		const of = (key) => Number(rest.match(new RegExp(`\\.${key} = ([-\\d.]+)`))?.[1] ?? 0);
		const fallback = rest.match(/\.fallback = ([-\d.]+)/)?.[1] ?? rest.match(/text_fallback = "([^"]*)"/)?.[1] ?? "";

		return { name, value: type === "choice" ? CHOICES[name][0] : type === "bool" ? fallback || "0" : fallback,
			is_default: true, type, unit: rest.match(/\.unit = "([^"]*)"/)?.[1] ?? "", min: of("min"), max: of("max") || 1,
			meaning, ...(CHOICES[name] ? { choices: CHOICES[name] } : {}) };
	});
}

/* ---- the gateway itself --------------------------------------------------------------------- */

const certificate = (use, state, days_left, more = {}) => ({ use, file: `/data/conf/dbus-tinybms/gateway/${use}.pem`, name: "hut.local",
	valid_from: NOW_S, valid_until: NOW_S + days_left * 86400, days_left, state, sentence: null, refused: null, ...more });

const gateway = () => ({ version: "0.1.0", uptime_s: 90061, batteries: 2, clients: 1, bus_trouble: null,
	mqtt: { enabled: true, connected: true, host: "127.0.0.1", published: 4711, last_error: null },
	http: { listen: "127.0.0.1", port: 8480, tls: false, is_listening: true, trouble: null },
	certificates: [certificate("https", "valid", 61), certificate("mqtt_authority", "valid", 700)] });

const TYPES = { SWITCH: "bool", PORT: "int", TEXT: "text" };

// Of "{ PORT(x), .fallback = ..., .sentence = ... }" and "{ FIELD(x, y), .type = GATEWAY_LIST, ... }".
function gatewayKeys() {
	const rows = source("gateway/gateway_config.c").matchAll(/\{ (SWITCH|TEXT|PORT|FIELD)\((\w+)[^)]*\)([^{}]*?)\.sentence = "([^"]+)" \}/g);

	return [...rows].map(([, macro, name, rest, meaning]) => {
		const type = TYPES[macro] ?? rest.match(/GATEWAY_(\w+)/)[1].toLowerCase();
		const number = Number(rest.match(/\.fallback = ([\d.]+)/)?.[1] ?? 0);
		const fallback = { bool: number > 0.5, int: number, number, list: [] }[type] ?? rest.match(/text_fallback = "([^"]*)"/)?.[1] ?? "";

		return { name, type, value: fallback, default: fallback, in_force: fallback, is_default: true, meaning,
			...(type === "int" ? { min: 1, max: 65535 } : type === "number" ? { min: 0.2, max: 60 } : {}) };
	});
}

const writes = () => Array.from({ length: 70 }, (_, i) => ({ time: NOW_S - i * 3600, who: "admin@192.168.1.7",
	path: "/api/v1/batteries/ttyUSB1/settings", what: "over_voltage_cutoff", before: "4.2", after: "3.65",
	result: i === 1 ? "over_voltage_cutoff: 9 is outside of 1.2 to 4.5" : "done" }));

const journal = () => [{ time: NOW_S - 60, who: "/usr/bin/tinybmsctl", path: "SetSettings", what: "broadcast_time", before: "off",
	after: "1 s", result: "done" }, { time: NOW_S, who: "/data/apps/tinybms-gateway", path: "SetConfiguration", by: "admin@192.168.1.7",
	what: "storage", before: "0", after: "1", result: "done" }];

module.exports = { IDS, COLUMNS, battery, curves, events, settings, configuration, gateway, certificate, gatewayKeys, writes, journal, source, NOW_S };
