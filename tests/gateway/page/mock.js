#!/usr/bin/env node
// A gateway for the page's bench: the same addresses and documents, made-up data, and a few wishes.
//   node mock.js FOLDER [PORT]     serves the page in FOLDER until it is killed
"use strict";

const fs = require("fs");
const http = require("http");
const path = require("path");
const data = require("./data.js");

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css",
	".svg": "image/svg+xml", ".txt": "text/plain" };
const SECURITY = {
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
		"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
	"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache",
};
const PASSWORD = "correct horse";

// wish: {needsLogin, login (answer to each log-in), age_s, isLive, silent (the WebSocket says nothing), none (no battery), gone (ids), noBus (503), text (in place of every text of events,
// settings and journals), journal (entries), patch (id -> values), gateway (values)}
function makeMock(folder, modules) {
	const { WebSocketServer } = require(require.resolve("ws", { paths: [modules, __dirname] }));
	const wish = { needsLogin: false, age_s: 0.08, isLive: true, silent: false, none: false, gone: [], noBus: false, patch: {}, gateway: {} };
	const calls = [];
	const changed = {}, configured = {}, own = {};
	let tokens = [{ name: "grafana", scope: "read", created: data.NOW_S }];
	let session = "";

	const battery = (id) => ({ ...data.battery(id, data.IDS.indexOf(id)), age_s: wish.age_s, is_live: wish.isLive,
		...wish.patch[id] });
	const ids = () => (wish.none || wish.noBus ? [] : data.IDS.filter((id) => !wish.gone.includes(id)));
	const settings = () => data.settings().map((s) => ({ ...s, value: changed[s.name] ?? s.value }));
	const config = (file) => data.configuration(file).map((c) => (c.name in configured
		? { ...c, value: String(configured[c.name]), is_default: false } : c));

	const twisted = (e) => (wish.text ? { ...e, what: wish.text, who: wish.text, by: wish.text, before: wish.text, after: wish.text, result: wish.text } : e);

	function putSettings({ values, confirm }) {
		const known = settings(), missing = {};

		for (const [name, value] of Object.entries(values)) {
			const s = known.find((k) => k.name === name);

			if (!s || value < s.min || value > s.max)
				return [422, { title: "Out of range", field: name, detail: `${name}: ${value} is outside of its range.` }];
			if (s.risky && confirm?.[name] !== `${s.value}->${value}`)
				missing[name] = `${s.value}->${value}`;
		}
		if (Object.keys(missing).length)
			return [409, { title: "To be confirmed", detail: "This can switch the battery off.", confirm: missing }];
		Object.assign(changed, values);
		return [200, { done: true }];
	}

	function putConfig({ values }) {
		if (Number(values.float_cell_v) >= 4.4)
			return [422, { title: "Contradiction", field: "float_cell_v", detail: "float_cell_v is above absorption_cell_v." }];
		Object.assign(configured, values);
		return [200, { done: true }];
	}

	function restore(backup, apply) {
		const changes = Object.entries(backup.settings ?? {}).map(([name, to]) =>
			({ name, from: settings().find((s) => s.name === name)?.value, to })).filter((c) => c.from !== c.to);

		return apply ? putSettings({ values: Object.fromEntries(changes.map((c) => [c.name, c.to])),
			confirm: backup.confirm }) : [200, { changes }];
	}

	// Of .../batteries/ID/WHAT.
	function ofBattery(method, what, query, body) {
		switch (`${method} ${what}`) {
		case "GET curves": return [200, data.curves(query.get("range"), (query.get("columns") ?? data.COLUMNS.join()).split(","))];
		case "GET events": {
			const rest = data.events().map((e) => (wish.text ? { ...e, id: 300 + e.id, text: wish.text, remedy: wish.text } : e))
				.filter((e) => e.n > Number(query.get("since") ?? 0));

			return [200, { events: rest.slice(0, 20), more: rest.length > 20 }];
		}
		case "GET settings": return [200, { settings: settings().map((s) => (wish.text ? { ...s, meaning: wish.text, name: `x${s.register}` } : s)) }];
		case "PUT settings": return putSettings(body);
		case "GET charge": return [200, { configuration: config("config_charge.c") }];
		case "GET configuration": return [200, { configuration: config("config_service.c") }];
		case "PUT charge":
		case "PUT configuration": return putConfig(body);
		case "GET journal": return [200, { journal: (wish.journal ?? data.journal()).map(twisted), gateway: [] }];
		case "GET backup": return [200, { version: 1, settings: Object.fromEntries(settings().map((s) => [s.name, s.value])) }];
		case "POST restore": return restore(body, query.get("apply") === "1");
		case "POST full-charge":
		case "POST storage": return [200, { done: true }];
		default: return [404, { title: "Not found" }];
		}
	}

	// Of the gateway itself.
	function ofGateway(request, name, query, body) {
		switch (`${request.method} ${name}`) {
		case "GET gateway": return [200, { ...data.gateway(), ...wish.gateway }];
		case "GET gateway/configuration": return [200, { needs_restart: Object.keys(own).length > 0, has_mqtt_password: false,
			configuration: data.gatewayKeys().map((k) => (k.name in own ? { ...k, value: own[k.name] ?? k.default, is_default: false } : k)) }];
		case "PUT gateway/configuration":
			if (body.values.interval > 60)
				return [422, { title: "Unprocessable Content", field: "interval", min: 0.2, max: 60, detail: "interval: 61 is out of range" }];
			if (body.values.listen && !/^[\d.:]+$/.test(body.values.listen))
				return [422, { title: "Unprocessable Content", field: "listen", detail: `listen: "${body.values.listen}" is no address` }];
			Object.assign(own, body.values);
			return [200, { done: true }];
		case "PUT gateway/mqtt-password":
		case "POST gateway/restart": return [200, { done: true }];
		case "GET tokens": return [200, { tokens: tokens.map((k) => (wish.text ? { ...k, name: wish.text } : k)) }];
		case "POST tokens":
			if (tokens.some((k) => k.name === body.name))
				return [422, { title: "Unprocessable Content", field: "name", detail: `there is a token "${body.name}" already` }];
			tokens.push({ name: body.name, scope: body.scope, created: data.NOW_S });
			return [201, { name: body.name, scope: body.scope, token: "t0k3n-of-43-characters-0123456789abcdefghij" }];
		case "GET writes": {
			const all = data.writes(), skip = Number(query.get("skip")), end = skip + Number(query.get("limit"));

			return [200, { total: all.length, writes: all.slice(skip, end).map(twisted), next: end < all.length ? `/api/v1/writes?skip=${end}` : null }];
		}
		default:
			if (request.method !== "DELETE" || !name.startsWith("tokens/"))
				return null;
			tokens = tokens.filter((k) => k.name !== decodeURIComponent(name.slice(7)));
			return [204, null];
		}
	}

	function api(request, url, body) {
		const name = url.pathname.replace("/api/v1/", "");
		const is_in = !wish.needsLogin || (session && request.headers.cookie?.includes(`session=${session}`));

		calls.push({ method: request.method, name, query: url.search, body, csrf: request.headers["x-csrf-token"] });
		if (name === "login" && wish.login)
			return wish.login;
		if (name === "login" && body.password !== PASSWORD)
			return [401, { title: "Wrong user or password" }];
		if (name === "login") {
			session = "s1";
			return [200, { csrf: "c1" }, { "Set-Cookie": `session=${session}; HttpOnly; SameSite=Strict; Path=/` }];
		}
		if (!is_in)
			return [401, { title: "Log in first" }];
		if ((request.method !== "GET" || name === "tokens") && request.headers["x-csrf-token"] !== "c1")
			return [403, { title: "No CSRF token" }];
		if (name === "logout") {
			session = "";
			return [200, {}];
		}
		if (name === "password")
			return body.old === PASSWORD ? [200, {}] : [403, { title: "Forbidden", field: "old", detail: "the old password is wrong" }];
		if (name === "session")
			return [200, { user: "admin", csrf: "c1" }];
		const answer = ofGateway(request, name, url.searchParams, body);

		if (answer)
			return answer;
		if (name.startsWith("batteries") && wish.noBus)
			return [503, { title: "Service Unavailable", detail: "There is no D-Bus." }];
		if (name === "batteries")
			return [200, { batteries: ids().map(battery) }];
		const [, id, what] = name.match(/^batteries\/([^/]+)\/?(.*)$/) ?? [];

		if (!ids().includes(id))
			return [404, { title: "No such battery" }];
		return what ? ofBattery(request.method, what, url.searchParams, body) : [200, battery(id)];
	}

	function file(url, response) {
		const name = url.pathname === "/" ? "/index.html" : path.posix.normalize(url.pathname);
		const full = path.join(folder, name);

		if (!full.startsWith(folder) || !fs.existsSync(`${full}.gz`)) {
			response.writeHead(404, SECURITY).end();
			return;
		}
		response.writeHead(200, { ...SECURITY, "Content-Type": TYPES[path.extname(name)] ?? "application/octet-stream",
			"Content-Encoding": "gzip" });
		response.end(fs.readFileSync(`${full}.gz`)); // what the device would send
	}

	const server = http.createServer((request, response) => {
		const url = new URL(request.url, "http://x");
		let text = "";

		request.on("data", (part) => (text += part));
		request.on("end", () => {
			if (!url.pathname.startsWith("/api/"))
				return file(url, response);
			const [status, body, more] = api(request, url, text ? JSON.parse(text) : {});

			response.writeHead(status, { ...SECURITY, ...more,
				"Content-Type": status < 400 ? "application/json" : "application/problem+json" });
			response.end(body === null ? "" : JSON.stringify(body));
		});
	});
	const sockets = new WebSocketServer({ server, path: "/ws" });
	const all = (message) => sockets.clients.forEach((c) => c.send(JSON.stringify(message)));
	const publish = () => {
		if (!wish.silent)
			all({ topic: "gateway", time: Date.now() / 1000, data: { ...data.gateway(), ...wish.gateway } });
		if (!wish.silent)
			ids().forEach((id) => all({ topic: "battery", battery: id, time: Date.now() / 1000, data: battery(id) }));
	};
	const timer = setInterval(publish, 1000);

	return {
		wish, calls, publish,
		leave: (id) => all({ topic: "battery", battery: id, time: Date.now() / 1000, data: null }),
		event: (e) => all({ topic: "event", battery: data.IDS[0], time: Date.now() / 1000, data: e }),
		listen: (port = 0) => new Promise((done) => server.listen(port, "127.0.0.1", () => done(server.address().port))),
		close() { // as when the gateway dies
			clearInterval(timer);
			sockets.clients.forEach((c) => c.terminate());
			sockets.close();
			server.closeAllConnections();
			return new Promise((done) => server.close(done));
		},
		drop: () => sockets.clients.forEach((c) => c.terminate()),
	};
}

module.exports = { makeMock, PASSWORD };

if (require.main === module)
	makeMock(path.resolve(process.argv[2]), process.env.NODE_PATH ?? __dirname).listen(Number(process.argv[3] ?? 0))
		.then((port) => console.log(`http://127.0.0.1:${port}/`));
