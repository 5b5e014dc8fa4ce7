// The frame: navigation, banners, which view is shown.
import { follow, h, icon, live, mark, recall, remember, tell, unfollow } from "./dom.js";
import * as link from "./link.js";
import { duration, num, t } from "./words.js";
import { applyTheme } from "./theme.js";
import { dropCharts } from "./chart.js";
import { worst } from "./notices.js";
import { loginView } from "./views/login.js";
import { overview } from "./views/overview.js";
import { cells } from "./views/cells.js";
import { curves } from "./views/curves.js";
import { alarms } from "./views/alarms.js";
import { settings } from "./views/settings.js";
import { charge } from "./views/charge.js";
import { system } from "./views/system.js";
import { gateway } from "./views/gateway.js";
import { journal } from "./views/journal.js";
import { more } from "./views/more.js";

const OLD_S = 10;
const WITHOUT_BATTERY = ["gateway", "journal", "more"];
const views = { overview, cells, curves, alarms, settings, charge, system, gateway, journal, more };

const main = h("main", { id: "main", tabIndex: -1 });
const banner = h("div", { className: "banner", role: "status" });
const lamp = h("span", { className: "clock" });
let shown = null, of_battery = null, frame_mark = 0;

const { state } = link;
const document_now = () => {
	const d = state.batteries.get(state.chosen) ?? null;

	return d && state.hasLeft ? { ...d, is_live: false } : d;
};
const name_of = () => location.hash.replace(/^#\/?/, "") || "overview";

/* ---- what is wrong with the data ----------------------------------------------------------- */

function trouble() {
	const d = document_now(), age_s = link.age();

	if (!state.isOpen)
		return ["lost", t("lost", { s: num(Math.max(0,
			(state.retryAt - performance.now()) / 1000)) })];
	if (!d)
		return ["old", state.reason || t("noBattery")];
	if (state.hasLeft)
		return ["old", Number.isFinite(age_s) ? t("left", { time: duration(age_s) }) : t("noBattery")];
	if (!d.is_live || age_s > OLD_S)
		return ["old", Number.isFinite(age_s) ? t("old", { time: duration(age_s) }) : t("noAnswer")];
	return null;
}

let last_kind = null;

function checkAge() {
	const what = trouble(), kind = what?.[0] ?? null;

	const word = t(kind === "lost" ? "offline" : kind ? "stale" : "live");

	if (lamp.textContent !== word)
		lamp.textContent = word;
	document.body.classList.toggle("stale", what !== null);
	banner.hidden = what === null;
	if (what) {
		// Read aloud when it begins, not at each second that it goes on.
		banner.setAttribute("aria-live", kind === last_kind ? "off" : "assertive");
		banner.replaceChildren(icon(kind === "lost" ? "lost" : "warning"), h("span", {}, what[1]),
			kind === "lost" ? h("button", { type: "button", onclick: link.retryNow }, t("retry")) : "");
	}
	last_kind = kind;
}

/* ---- frame --------------------------------------------------------------------------------- */

function navigation() {
	const link_to = (id, classes) => {
		const a = h("a", { href: `#/${id}`, className: classes }, icon(id), h("span", {}, t(`nav.${id}`)));

		a.dataset.view = id;
		return a;
	};
	const bell = link_to("alarms", "");
	const dot = h("span", { className: "dot", hidden: true });

	bell.append(dot);
	follow((d) => {
		const level = worst(d);

		dot.hidden = level === 0;
		dot.classList.toggle("alarm", level === 2);
		if (level)
			bell.setAttribute("aria-label", t("notice", { level: t("nav.alarms"), text: t(`level.${level}`) }));
		else
			bell.removeAttribute("aria-label");
	});
	return h("nav", { ariaLabel: t("navigation") }, link_to("overview", ""), link_to("cells", ""),
		link_to("curves", ""), bell, link_to("settings", "wide"), link_to("charge", "wide"),
		link_to("system", "wide"), link_to("gateway", "wide"), link_to("more", ""));
}

function chooser() {
	const select = h("select", { ariaLabel: t("battery"), onchange: () => pick(select.value) });
	const label = h("bdi", { className: "name" }, live((d) => d?.name || d?.id || "TinyBMS"));
	let known = "";

	follow(() => {
		const ids = [...state.batteries.keys()];
		const key = JSON.stringify([ids, [...state.batteries.values()].map((b) => b.name)]);

		if (key !== known)
			select.replaceChildren(...ids.map((id) =>
				h("option", { value: id }, state.batteries.get(id).name || id)));
		known = key;
		select.value = state.chosen ?? "";
		select.hidden = ids.length < 2;
		label.hidden = ids.length >= 2;
	});
	return h("div", { className: "who" }, label, select);
}

function pick(id) {
	link.choose(id);
	remember("battery", id);
	show();
}

function buildFrame() {
	unfollow(0);
	frame_mark = 0;
	document.documentElement.lang = t("language");
	document.body.replaceChildren(
		h("a", { className: "skip", href: "#main", onclick: (e) => {
			e.preventDefault();
			main.focus();
		} }, t("skip")),
		h("header", {}, chooser(), lamp),
		navigation(), banner, main);
	frame_mark = mark();
}

/* ---- views --------------------------------------------------------------------------------- */

// In place of a view: the banner says why there is no battery.
function nobody(root) {
	root.append(h("section", { className: "card" }, h("h2", {}, t("nobody")), h("p", {}, t("nobody.what"))));
}

function show(focus) {
	const id = views[name_of()] ? name_of() : "overview";

	unfollow(frame_mark);
	dropCharts();
	shown = id;
	of_battery = state.chosen;
	main.replaceChildren();
	main.className = `view ${id}`;
	main.append(h("h1", {}, t(`nav.${id}`)));
	if (state.chosen === null && !WITHOUT_BATTERY.includes(id))
		nobody(main);
	else
		views[id](main, { rebuild, signOut, pick });
	document.title = `${t(`nav.${id}`)} – TinyBMS`;
	const own = document.querySelector(`nav a[data-view=${id}]`);
	const is_under_more = !own || own.offsetParent === null;

	for (const a of document.querySelectorAll("nav a"))
		if (a.dataset.view === id || (a.dataset.view === "more" && is_under_more))
			a.setAttribute("aria-current", "page");
		else
			a.removeAttribute("aria-current");
	tell(document_now());
	checkAge();
	if (focus) {
		window.scrollTo(0, 0);
		main.focus({ preventScroll: true });
	}
}

function rebuild() {
	buildFrame();
	show();
}

function showLogin(why) {
	unfollow(0);
	dropCharts();
	shown = null;
	document.body.classList.remove("stale");
	document.documentElement.lang = t("language");
	document.title = `${t("login")} – TinyBMS`;
	document.body.replaceChildren(loginView(boot, why));
}

async function signOut() {
	await link.logout();
	showLogin();
}

// A view belongs to one battery: the first that comes makes the view anew.
function onDocument() {
	if (state.chosen !== of_battery)
		return show();
	tell(document_now());
	checkAge();
}

async function boot() {
	state.wanted = recall("battery");
	try {
		await link.start({
			document: () => shown && onDocument(),
			back: () => window.dispatchEvent(new Event("bms-back")),
			event: () => shown && window.dispatchEvent(new Event("bms-event")),
			link: () => shown && (tell(document_now()), checkAge()),
			login: () => showLogin(shown && t("login.ended")),
		});
	} catch (e) {
		if (e.status === 401)
			return;
		setTimeout(boot, 3000);
	}
	if (!shown)
		rebuild();
}

window.addEventListener("hashchange", () => shown && show(true));
window.addEventListener("languagechange", () => shown && rebuild());
setInterval(() => shown && checkAge(), 1000);
applyTheme();
boot();
