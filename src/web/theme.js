// Dark or light: the system's choice until the reader makes one.
import { recall, remember } from "./dom.js";

export const themes = ["auto", "light", "dark"];
export const theme = () => (themes.includes(recall("theme")) ? recall("theme") : "auto");

export function applyTheme() {
	document.documentElement.dataset.theme = theme();
	window.dispatchEvent(new Event("theme"));
}

export function setTheme(name) {
	remember("theme", name);
	applyTheme();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
	window.dispatchEvent(new Event("theme")));

export const color = (name) =>
	getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
