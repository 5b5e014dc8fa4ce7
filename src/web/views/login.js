import { h } from "../dom.js";
import { login } from "../link.js";
import { duration, t } from "../words.js";

function sentenceOf(problem) {
	const { status, wait_s } = problem;

	if (status === 429)
		return t("login.wait", { time: duration(wait_s || 60) });
	return { 401: `${t("login.wrong")} ${t("login.forgotten")}`, 403: t("login.none") }[status] ?? problem.message;
}

// @why: a sentence on why it is shown, or none.
export function loginView(done, why) {
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
			error.textContent = sentenceOf(problem);
			password.select();
			password.focus();
		}
		button.disabled = false;
	}
	return h("main", { className: "login" }, h("form", { className: "card", onsubmit: submit },
		h("img", { src: "icon.svg", alt: "", width: 56, height: 56 }),
		h("h1", {}, t("login.title")), why ? h("p", { role: "status" }, why) : "",
		h("label", { htmlFor: "user" }, t("login.user")), user,
		h("label", { htmlFor: "password" }, t("login.password")), password, error, button));
}
