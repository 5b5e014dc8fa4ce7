import { h, icon } from "../dom.js";
import { request } from "../link.js";
import { setTheme, theme, themes } from "../theme.js";
import { language, languages, setLanguage, t } from "../words.js";

const LEAST_LENGTH = 10; // as the gateway has it

function choice(id, title, options, value, change) {
	const select = h("select", { id, onchange: () => change(select.value) }, ...options.map(([key, text]) =>
		h("option", { value: key, selected: key === value }, text)));

	return h("div", { className: "field" }, h("div", { className: "what" }, h("label", { htmlFor: id }, title)),
		h("div", { className: "value" }, select));
}

function password() {
	const status = h("p", { role: "status" });
	const field = (id, autocomplete) => h("input", { id, type: "password", autocomplete, required: true });
	const old = field("old-password", "current-password"), fresh = field("new-password", "new-password");

	fresh.minLength = LEAST_LENGTH;

	async function submit(e) {
		e.preventDefault();
		status.className = "";
		try {
			await request("POST", "password", { old: old.value, new: fresh.value });
			status.textContent = t("done"); // every session has ended: the next request asks to log in
		} catch (problem) {
			status.className = "error";
			status.textContent = problem.body?.field === "old" ? t("password.wrong") : problem.message;
		}
	}
	return h("form", { className: "card password", onsubmit: submit }, h("h2", {}, t("password")),
		h("input", { type: "text", autocomplete: "username", value: "admin", hidden: true, readOnly: true }),
		h("label", { htmlFor: "old-password" }, t("password.old")), old,
		h("label", { htmlFor: "new-password" }, t("password.new")), fresh,
		h("button", { type: "submit" }, t("password.change")), status);
}

export function more(root, { rebuild, signOut }) {
	root.append(
		h("div", { className: "menu" }, ...["settings", "charge", "system", "gateway", "journal"].map((id) =>
			h("a", { href: `#/${id}`, className: id === "journal" ? "always" : "" }, icon(id), h("span", {}, t(`nav.${id}`))))),
		h("section", { className: "card" }, h("h2", {}, t("appearance")),
			choice("language", t("languageName"), Object.entries(languages), language, (name) => {
				setLanguage(name);
				rebuild();
				document.getElementById("language")?.focus();
			}),
			choice("theme", t("theme"), themes.map((key) => [key, t(`theme.${key}`)]), theme(), setTheme)),
		password(),
		h("div", { className: "buttons left" }, h("button", { type: "button", onclick: signOut }, t("logout"))));
}
