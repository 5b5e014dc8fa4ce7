import { h } from "../dom.js";
import { login } from "../link.js";
import { t } from "../words.js";

export function loginView(done) {
	const error = h("p", { className: "error", role: "alert" });
	const user = h("input", { id: "user", autocomplete: "username", autocapitalize: "none",
		spellcheck: false, required: true, value: "admin" });
	const password = h("input", { id: "password", type: "password", autocomplete: "current-password",
		required: true });
	const button = h("button", { className: "primary" }, t("login"));

	async function submit(e) {
		e.preventDefault();
		button.disabled = true;
		error.textContent = "";
		try {
			await login(user.value, password.value);
			done();
		} catch (problem) {
			error.textContent = problem.status === 401 ? t("login.wrong")
				: problem.status === 429 ? t("login.wait") : problem.message;
			password.select();
			password.focus();
		}
		button.disabled = false;
	}
	return h("main", { className: "login" }, h("form", { className: "card", onsubmit: submit },
		h("img", { src: "icon.svg", alt: "", width: 56, height: 56 }),
		h("h1", {}, t("login.title")),
		h("label", { htmlFor: "user" }, t("login.user")), user,
		h("label", { htmlFor: "password" }, t("login.password")), password, error, button));
}
