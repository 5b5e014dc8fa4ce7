// Texts and numbers in the reader's language.
import en from "./lang/en.js";
import de from "./lang/de.js";
import fr from "./lang/fr.js";
import { recall, remember } from "./dom.js";

const tables = { en, de, fr };
export const languages = { en: "English", de: "Deutsch", fr: "Français" };

function choose() {
	const wanted = [recall("language"), ...(navigator.languages ?? [])];

	return wanted.map((l) => String(l).slice(0, 2).toLowerCase()).find((l) => tables[l]) ?? "en";
}

// With the reader's country, which says how hours and dates are written.
const placeOf = (name) => (navigator.languages ?? []).find((l) => l.startsWith(name)) ?? name;

export let language = choose();
let place = placeOf(language);

export function setLanguage(name) {
	remember("language", name);
	language = name;
	place = placeOf(name);
}

const fillIn = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values?.[key] ?? "");

// No line begins with a sign that belongs to the word before it.
const tied = (text) => (typeof text === "string" ? text.replace(/ (?=[:;!?%»])/g, "\u00a0") : text);

export const t = (key, values) => fillIn(tied(tables[language].ui[key] ?? en.ui[key] ?? key), values);

// A text of the service, which speaks English, by its key in @group; @text where nobody knows it.
export function said(group, key, text = key) {
	const known = Object.hasOwn(tables[language][group] ?? {}, key) ? tables[language][group][key] : text ?? "";

	return Array.isArray(known) ? known.map(tied) : tied(known);
}

export const isNumber = (v) => typeof v === "number" && Number.isFinite(v);

// No quantity of a battery is so large, and no counter: neither may break the layout.
const HUGE = 1e6, UNCOUNTED = 1e12, NO_MEASUREMENT = 1e99;

const format = (v, options) => new Intl.NumberFormat(place, options).format(v);
const exponential = (v) => format(v, { notation: "scientific", maximumFractionDigits: 1 });

export function num(v, digits = 0) {
	if (!isNumber(v))
		return "–";
	return Math.abs(v) >= UNCOUNTED ? exponential(v)
		: format(Number(v.toFixed(digits)) + 0, { minimumFractionDigits: digits, maximumFractionDigits: digits }); // no -0
}

// As many digits as it has.
export const plain = (v) =>
	isNumber(v) ? format(v, { maximumSignificantDigits: 10, useGrouping: false }) : "–";

const NARROW = "\u202f"; // space that no line breaks at

export const unitOf = (unit) => (unit === "degC" ? "°C" : unit);

export const plainQty = (v, unit) => plain(v) + (unit ? NARROW + unitOf(unit) : "");

export const qty = (v, digits, unit) =>
	isNumber(v) && Math.abs(v) < NO_MEASUREMENT ? (Math.abs(v) >= HUGE ? exponential(v) : num(v, digits)) + NARROW + unitOf(unit) : "–";

export const bytes = (n) =>
	(n >= 1e6 ? qty(n / 1e6, 1, "MB") : n >= 1e4 ? qty(n / 1e3, 0, "kB") : qty(n, 0, "B"));

export const power = (w) =>
	(Math.abs(w) >= 9995 ? qty(w / 1000, 1, "kW") : qty(w, 0, "W"));

export function duration(s) {
	if (!isNumber(s))
		return "–";
	if (s < 90)
		return qty(s, 0, "s");
	if (s < 5400)
		return qty(s / 60, 0, "min");
	return s < 172800 ? qty(s / 3600, 1, "h") : qty(s / 86400, 0, t("days"));
}

const TIME_MAX_S = 8.64e12; // what a date can hold

export const moment = (s, options = { dateStyle: "medium", timeStyle: "short" }) =>
	isNumber(s) && s > 0 && s < TIME_MAX_S ? new Intl.DateTimeFormat(place, options).format(s * 1000) : "–";
