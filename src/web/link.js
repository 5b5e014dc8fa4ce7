// The gateway: requests, and the live document of the battery that is shown.
const FIRST_RETRY_S = 1, LAST_RETRY_S = 30;
const QUIET_S = 5;     // nothing heard for so long: ask
const PATIENCE_S = 15; // with an answer

export const state = {
	batteries: new Map(), // id -> document
	heard: new Map(),     // id -> ms of performance.now() when it came
	chosen: null,         // id of what is shown
	wanted: null,         // id that the reader chose last, also while it is away
	isOpen: false,
	reason: "",           // why the gateway gave no batteries
	retryAt: 0,
	gateway: null,
};

let csrf = null;
let socket = null, retry_s = FIRST_RETRY_S, timer = 0;
let listeners = { document() {}, event() {}, link() {}, login() {} };

export class Problem extends Error {
	constructor(status, body) {
		super(body?.detail ?? body?.title ?? `HTTP ${status}`);
		this.status = status;
		this.body = body ?? {};
	}
}

async function bodyOf(response) {
	const text = await response.text();

	try {
		return text ? JSON.parse(text) : null;
	} catch {
		return { detail: text.slice(0, 200) };
	}
}

export async function request(method, path, data) {
	const headers = { Accept: "application/json" };

	if (data !== undefined)
		headers["Content-Type"] = "application/json";
	if (method !== "GET" && csrf)
		headers["X-CSRF-Token"] = csrf;
	const response = await fetch(`api/v1/${path}`, { method, headers,
		body: data === undefined ? undefined : JSON.stringify(data),
		credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE_S * 1000) });
	const body = await bodyOf(response);

	if (response.status === 401 && path !== "login")
		listeners.login();
	if (!response.ok)
		throw new Problem(response.status, body);
	return body;
}

export const get = (path) => request("GET", path);
export const ofBattery = (path) => `batteries/${encodeURIComponent(state.chosen)}/${path}`;

export async function login(user, password) {
	csrf = (await request("POST", "login", { user, password })).csrf;
}

export async function logout() {
	await request("POST", "logout", {});
	csrf = null;
	stop();
}

// Seconds since the BMS was last read, also while nothing comes any more.
export function age(id = state.chosen) {
	const d = state.batteries.get(id);

	if (!d || typeof d.age_s !== "number")
		return Infinity;
	return d.age_s + (performance.now() - state.heard.get(id)) / 1000;
}

function take(d) {
	state.batteries.set(d.id, d);
	state.heard.set(d.id, performance.now());
	if (d.id === state.wanted || !state.batteries.has(state.chosen))
		state.chosen = d.id;
	listeners.document(d);
}

function onMessage({ data }) {
	const m = JSON.parse(data);

	if (m.topic === "battery" && m.data)
		take(m.data);
	else if (m.topic === "battery")
		forget(m.battery);
	else if (m.topic === "event" && m.battery === state.chosen)
		listeners.event(m.data);
	else if (m.topic === "gateway")
		state.gateway = m.data;
}

function forget(id) {
	state.batteries.delete(id);
	if (state.chosen === id)
		state.chosen = state.batteries.keys().next().value ?? null;
	listeners.document(null);
}

async function loadAll() {
	const answer = await get("batteries");
	const list = answer.batteries ?? answer;

	if (list.length === 0)
		listeners.document(null);
	for (const b of list)
		take(b.age_s === undefined ? await get(`batteries/${encodeURIComponent(b.id)}`) : b);
	state.reason = "";
}

// A gateway that answers is there, whatever it says; one that does not is looked for again.
function onRefusal(e) {
	if (!(e instanceof Problem))
		return socket?.close();
	state.reason = e.message;
	listeners.link();
}

function onClose() {
	const wait_s = retry_s * (0.8 + 0.4 * Math.random());

	socket = null;
	state.isOpen = false;
	state.retryAt = performance.now() + wait_s * 1000;
	retry_s = Math.min(retry_s * 2, LAST_RETRY_S);
	timer = setTimeout(connect, wait_s * 1000);
	listeners.link();
}

function onOpen() {
	state.isOpen = true;
	retry_s = FIRST_RETRY_S;
	socket.send(JSON.stringify({ subscribe: ["battery", "event", "gateway"], battery: null,
		interval: 1.0 }));
	listeners.link();
	loadAll().catch(onRefusal);
}

function connect() {
	clearTimeout(timer);
	socket = new WebSocket(new URL("ws", location.href.replace(/^http/, "ws").split("#")[0]));
	socket.onopen = onOpen;
	socket.onmessage = onMessage;
	socket.onclose = onClose;
}

export const retryNow = () => void (!socket && connect());

// A line that says nothing may be dead without being closed.
setInterval(() => {
	const heard = state.heard.get(state.chosen);

	if (!state.isOpen || heard === undefined || performance.now() - heard < QUIET_S * 1000)
		return;
	get(`batteries/${encodeURIComponent(state.chosen)}`).then(take, onRefusal);
}, QUIET_S * 1000);

function stop() {
	clearTimeout(timer);
	if (socket) {
		socket.onclose = null;
		socket.close();
	}
	socket = null;
	state.isOpen = false;
	state.batteries.clear();
}

// Throws a Problem with status 401 where a login is needed first.
export async function start(those) {
	listeners = { ...listeners, ...those };
	stop();
	const session = await get("session");

	csrf = session?.csrf ?? csrf;
	await loadAll().catch((e) => {
		if (e.status === 401)
			throw e;
	});
	connect();
}
