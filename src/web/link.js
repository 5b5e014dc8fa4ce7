// The gateway: requests, and the live document of the battery that is shown.
import { t } from "./words.js";

const FIRST_RETRY_S = 1, LAST_RETRY_S = 30;
const QUIET_S = 5;     // nothing heard for so long: ask
const PATIENCE_S = 15; // with an answer

export const state = {
	batteries: new Map(), // id -> document; the chosen one's last document stays when it has left
	heard: new Map(),     // id -> ms of performance.now() when it came
	chosen: null,         // id of what is shown; only the reader takes another one
	hasLeft: false,       // the chosen one is not on the bus any more
	wanted: null,         // id that the reader chose last, also while it is away
	isOpen: false,
	reason: "",           // why the gateway gave no batteries
	retryAt: 0,
	gateway: null,
};

const UNREACHABLE = 0; // as a Problem's status
const GONE = [404, 503];

let csrf = null;
let socket = null, retry_s = FIRST_RETRY_S, timer = 0;
let listeners = { document() {}, event() {}, link() {}, back() {}, login() {} };

export class Problem extends Error {
	constructor(status, body, wait_s = 0) {
		super(body?.detail ?? body?.title ?? `HTTP ${status}`);
		this.status = status;
		this.body = body ?? {};
		this.wait_s = wait_s; // until another attempt is listened to
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

async function answerTo(method, path, headers, data) {
	try {
		const response = await fetch(`api/v1/${path}`, { method, headers,
			body: data === undefined ? undefined : JSON.stringify(data),
			credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE_S * 1000) });

		return [response, await bodyOf(response)];
	} catch {
		throw new Problem(UNREACHABLE, { detail: t("unreachable") });
	}
}

export async function request(method, path, data) {
	const headers = { Accept: "application/json" };

	if (data !== undefined)
		headers["Content-Type"] = "application/json";
	if (csrf) // who may read the tokens has to show it, too
		headers["X-CSRF-Token"] = csrf;
	const [response, body] = await answerTo(method, path, headers, data);

	if (response.status === 401 && path !== "login") {
		stop();
		listeners.login();
	}
	if (!response.ok)
		throw new Problem(response.status, body, Number(response.headers.get("Retry-After") ?? 0));
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
	const is_back = state.hasLeft && d.id === state.chosen;

	state.batteries.set(d.id, d);
	state.heard.set(d.id, performance.now());
	state.chosen ??= d.id;
	state.hasLeft &&= !is_back;
	listeners.document(d);
	if (is_back)
		listeners.back();
}

export function choose(id) {
	if (state.hasLeft)
		state.batteries.delete(state.chosen);
	state.chosen = state.wanted = id;
	state.hasLeft = false;
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

// What is shown stays, as something old: nobody is to take one battery for another.
function forget(id) {
	if (id === state.chosen)
		state.hasLeft = true;
	else
		state.batteries.delete(id);
	listeners.document(null);
}

function keepOnly(ids) {
	for (const id of [...state.batteries.keys()])
		if (!ids.includes(id))
			forget(id);
}

async function loadAll() {
	const list = (await get("batteries")).batteries;
	const ids = list.map((b) => b.id);

	if (state.chosen === null && ids.includes(state.wanted))
		state.chosen = state.wanted;
	list.forEach(take);
	keepOnly(ids);
	state.reason = "";
	listeners.document(null);
}

// A gateway that answers is there, whatever it says; one that does not is looked for again.
function onRefusal(e) {
	if (!(e instanceof Problem) || e.status === UNREACHABLE)
		return socket?.close();
	state.reason = e.message;
	if (GONE.includes(e.status))
		keepOnly([]);
	listeners.link();
}

function onClose() {
	const wait_s = retry_s * (0.8 + 0.4 * Math.random()), was_open = state.isOpen;

	socket = null;
	state.isOpen = false;
	state.retryAt = performance.now() + wait_s * 1000;
	retry_s = Math.min(retry_s * 2, LAST_RETRY_S);
	timer = setTimeout(connect, wait_s * 1000);
	listeners.link();
	if (!was_open)
		get("session").catch(() => {}); // a gateway that has forgotten the session asks to log in
}

function onOpen() {
	state.isOpen = true;
	retry_s = FIRST_RETRY_S;
	socket.send(JSON.stringify({ subscribe: ["battery", "event", "gateway"], battery: null,
		interval: 1.0 }));
	listeners.link();
	loadAll().then(listeners.back).catch(onRefusal);
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

	if (!state.isOpen || state.hasLeft || heard === undefined || performance.now() - heard < QUIET_S * 1000)
		return;
	const id = state.chosen;

	get(`batteries/${encodeURIComponent(id)}`).then(take, (e) =>
		(GONE.includes(e.status) ? forget(id) : onRefusal(e)));
}, QUIET_S * 1000);

function stop() {
	clearTimeout(timer);
	if (socket) {
		socket.onclose = null;
		socket.close();
	}
	socket = null;
	state.isOpen = state.hasLeft = false;
	state.chosen = null;
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
