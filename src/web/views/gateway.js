// The gateway itself: state, MQTT, who has access, its configuration.
import { every, follow, h } from "../dom.js";
import { ask, editor } from "../editor.js";
import { get, request, state } from "../link.js";
import { certificateName, certificateText } from "../notices.js";
import { duration, num, said, t } from "../words.js";
import { editing } from "./settings.js";
import { card, facts } from "./system.js";
import { tokens } from "./tokens.js";

const STATE_S = 10;

/* ---- state ---------------------------------------------------------------------------------- */

const g = () => state.gateway;

const bracketed = (host) => (host.includes(":") ? `[${host}]` : host);

function addressOf(http) {
	return http ? `${bracketed(http.listen)}:${http.port}${http.tls ? " · TLS" : ""}` : "–";
}

function mqttText(m) {
	if (!m)
		return "–";
	if (!m.enabled)
		return t("mqtt.off");
	return `${t(m.connected ? "mqtt.connected" : "mqtt.disconnected")}${m.host ? ` · ${m.host}` : ""}`;
}

function stateCards() {
	const place = card(t("gateway"), facts([t("version"), () => g()?.version ?? "–"],
		[t("uptime"), () => duration(g()?.uptime_s)], [t("address"), () => addressOf(g()?.http)],
		[t("batteries"), () => num(g()?.batteries)], [t("clients"), () => num(g()?.clients)],
		[t("trouble"), () => g()?.bus_trouble || g()?.http?.trouble || t("none")]));
	const mqtt = card(t("mqtt"), facts([t("state"), () => mqttText(g()?.mqtt)], [t("sent"), () => num(g()?.mqtt?.published)],
		[t("mqttError"), () => g()?.mqtt?.last_error || t("mqttNoError")]), h("h3", {}, t("mqttPassword")), mqttPassword());
	const load = () => get("gateway").then((answer) => (state.gateway = answer), () => {});

	load();
	every(place, STATE_S, load);
	return [place, mqtt, certificates()];
}

const REMEDIES = { expires_soon: "replace", expired: "replace", not_yet_valid: "clock", clock_wrong: "clock" };

// A sentence of the gateway where it names what nobody else knows.
function certificateFacts(c) {
	const is_well = c.state === "valid" || c.state === "expires_soon";
	const remedy = REMEDIES[c.state] ? t(`certificate.do.${REMEDIES[c.state]}`) : c.sentence;

	return h("div", {}, h("h3", {}, certificateName(c)),
		h("p", { className: is_well ? "" : "bad" }, certificateText(c)), h("p", { className: "muted" }, c.name ? `${c.name} · ` : "", c.file),
		remedy ? h("p", {}, remedy) : "", c.refused ? h("p", { className: "error" }, c.refused) : "");
}

function certificates() {
	const place = h("div");
	let was = null;

	follow(() => {
		const list = g()?.certificates ?? [], key = JSON.stringify(list);

		if (key === was)
			return;
		was = key;
		place.replaceChildren(...(list.length === 0 ? [h("p", { className: "muted" }, t("certificate.none"))] : list.map(certificateFacts)));
	});
	return card(t("certificates"), place);
}

function mqttPassword() {
	const status = h("p", { role: "status" });
	const input = h("input", { id: "mqtt-password", type: "password", autocomplete: "off" });

	async function submit(e) {
		e.preventDefault();
		try {
			await request("PUT", "gateway/mqtt-password", { password: input.value });
			input.value = "";
			status.textContent = t("savedForNext");
			status.className = "";
		} catch (problem) {
			status.textContent = problem.message;
			status.className = "error";
		}
	}
	return h("form", { className: "password", onsubmit: submit },
		h("label", { htmlFor: "mqtt-password" }, t("mqttPassword.what")), input,
		h("button", { type: "submit" }, t("mqttPassword.set")), status);
}

/* ---- configuration -------------------------------------------------------------------------- */

const GROUPS = [["page", /^(listen|port|hosts|tls_)/], ["readings", /^(interval|site)/], ["mqtt", /^mqtt_/], ["rest", /./]];
const groupOf = (name) => GROUPS.find(([, pattern]) => pattern.test(name))[0];
const KINDS = { bool: "bool", int: "number", number: "number" };

const textOf = (type, value) =>
	(type === "bool" ? (value ? "1" : "0") : type === "list" ? value.join(" ") : String(value ?? ""));

function fieldOf(c) {
	const kind = KINDS[c.type] ?? "text", fallback = textOf(c.type, c.default);
	const waits = JSON.stringify(c.value) !== JSON.stringify(c.in_force);

	return { name: c.name, label: said("gateway", c.name, c.meaning), kind, value: textOf(c.type, c.value),
		unit: c.name === "interval" ? "s" : "", min: c.min, max: c.max, isOptional: kind === "text", type: c.type,
		empty: fallback || t("unset"), hint: [fallback && kind !== "bool" ? t("default", { value: fallback }) : "",
			waits ? t("waits") : ""].filter(Boolean).join(" · ") };
}

// As the gateway's file has it; null is the default.
function valueFor(type, text) {
	if (type === "bool")
		return text === "1";
	if (text === "")
		return null;
	if (type === "list")
		return text.split(/[\s,]+/);
	return type === "text" ? text : Number(text);
}

const writer = (list) => async (values) => {
	await request("PUT", "gateway/configuration", { values: Object.fromEntries(Object.entries(values)
		.map(([name, text]) => [name, valueFor(list.find((c) => c.name === name).type, text)])) });
	return null;
};

const ANYWHERE = ["0.0.0.0", "::"]; // no address to go to: the one of now stays

// Where the page is found after the new start, if it moves.
function movesTo(list) {
	const moved = list.filter((c) => /^(listen|port|tls_certificate)$/.test(c.name) &&
		JSON.stringify(c.value) !== JSON.stringify(c.in_force));
	const of = (name) => list.find((c) => c.name === name)?.value;
	const host = ANYWHERE.includes(of("listen")) ? location.hostname : bracketed(of("listen"));

	return moved.length ? t("restart.moves", { url: `${of("tls_certificate") ? "https" : "http"}://${host}:${of("port")}/` }) : "";
}

function restart(list) {
	const status = h("span", { role: "status", className: "muted" });

	return h("section", { className: "card waiting" }, h("p", {}, t("restart.needed")), h("div", { className: "buttons left" },
		h("button", { type: "button", className: "primary", onclick: async () => {
			const is_done = await ask({ title: t("restart"), action: t("restart"),
				body: h("div", {}, h("p", {}, t("restart.what")), h("p", {}, movesTo(list))),
				write: async () => {
					await request("POST", "gateway/restart", {});
					return null;
				} });

			status.textContent = is_done ? t("restart.done") : "";
		} }, t("restart")), status));
}

export function gateway(root) {
	root.append(h("p", { className: "lead" }, t("gateway.lead")), h("div", { className: "grid pair" }, ...stateCards(), tokens()));
	editing(root, async (done) => {
		const answer = await get("gateway/configuration"), list = answer.configuration;

		return h("div", {}, answer.needs_restart ? restart(list) : "", editor(GROUPS.map(([name]) =>
			[t(`group.gateway.${name}`), list.filter((c) => groupOf(c.name) === name).map(fieldOf)]),
		{ title: t("charge.title"), action: t("save"), write: writer(list), done: (sentence) => done(sentence && t("savedForNext")) }));
	});
}
