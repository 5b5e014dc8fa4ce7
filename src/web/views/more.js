import { h, icon } from "../dom.js";
import { setTheme, theme, themes } from "../theme.js";
import { language, languages, setLanguage, t } from "../words.js";

function choice(id, title, options, value, change) {
	const select = h("select", { id, onchange: () => change(select.value) }, ...options.map(([key, text]) =>
		h("option", { value: key, selected: key === value }, text)));

	return h("div", { className: "field" }, h("div", { className: "what" }, h("label", { htmlFor: id }, title)),
		h("div", { className: "value" }, select));
}

export function more(root, { rebuild, signOut }) {
	root.append(
		h("div", { className: "menu" }, ...["settings", "charge", "system"].map((id) =>
			h("a", { href: `#/${id}` }, icon(id), h("span", {}, t(`nav.${id}`))))),
		h("section", { className: "card" }, h("h2", {}, t("appearance")),
			choice("language", t("languageName"), Object.entries(languages), language, (name) => {
				setLanguage(name);
				rebuild();
				document.getElementById("language")?.focus();
			}),
			choice("theme", t("theme"), themes.map((key) => [key, t(`theme.${key}`)]), theme(), setTheme)),
		h("div", { className: "buttons left" }, h("button", { type: "button", onclick: signOut }, t("logout"))));
}
