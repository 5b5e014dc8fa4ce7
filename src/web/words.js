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

export const t = (key, values) => fillIn(tables[language].ui[key] ?? en.ui[key] ?? key, values);

// A text of the service, which speaks English, by its key in @group; @text where nobody knows it.
export const said = (group, key, text = key) =>
	(Object.hasOwn(tables[language][group] ?? {}, key) ? tables[language][group][key] : text ?? "");

export const isNumber = (v) => typeof v === "number" && Number.isFinite(v);

const HUGE = 1e7; // nothing of a battery is so large: it may not break the layout

export function num(v, digits = 0) {
	if (!isNumber(v))
		return "–";
	return new Intl.NumberFormat(place, Math.abs(v) >= HUGE ? { notation: "scientific", maximumFractionDigits: 1 }
		: { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(Number(v.toFixed(digits)) + 0); // no -0
}

// As many digits as it has.
export const plain = (v) =>
	isNumber(v) ? new Intl.NumberFormat(place, { maximumSignificantDigits: 10,
		useGrouping: false }).format(v) : "–";

const NARROW = "\u202f"; // space that no line breaks at

export const unitOf = (unit) => (unit === "degC" ? "°C" : unit);

export const qty = (v, digits, unit) =>
	isNumber(v) ? num(v, digits) + NARROW + unitOf(unit) : "–";

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

export const moment = (s, options = { dateStyle: "medium", timeStyle: "short" }) =>
	isNumber(s) && s > 0 ? new Intl.DateTimeFormat(place, options).format(s * 1000) : "–";
