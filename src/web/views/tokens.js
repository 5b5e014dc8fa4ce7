// Tokens by which programs come in: make, show once, take back.
import { h } from "../dom.js";
import { ask } from "../editor.js";
import { get, request } from "../link.js";
import { loading } from "../load.js";
import { moment, t } from "../words.js";
import { card } from "./system.js";

// The clipboard is there on a safe origin only, which a GX at home is not: then what is selected is copied.
async function copy(input, status) {
	input.select();
	try {
		await navigator.clipboard.writeText(input.value);
		status.textContent = t("copied");
	} catch {
		status.textContent = t(document.execCommand("copy") ? "copied" : "copyByHand");
	}
}

function shownOnce(token) {
	const status = h("span", { role: "status", className: "muted" });
	const input = h("input", { id: "token", type: "text", readOnly: true, value: token, spellcheck: false });

	return h("div", { className: "warning-box" }, h("label", { htmlFor: "token" }, t("token.once")), input,
		h("div", { className: "buttons left" },
			h("button", { type: "button", onclick: () => copy(input, status) }, t("copy")), status));
}

function row(token, renew) {
	return h("li", { className: "entry" }, h("div", { className: "what" }, h("strong", {}, h("bdi", {}, token.name)),
		h("small", {}, `${t(`scope.${token.scope}`)} · ${moment(token.created)}`)),
	h("button", { type: "button", ariaLabel: `${t("token.revoke")}: ${token.name}`, onclick: async () => {
		const is_done = await ask({ title: t("token.revoke"), action: t("token.revoke"),
			body: h("p", {}, t("token.revoke.what", { name: token.name })), write: async () => {
				await request("DELETE", `tokens/${encodeURIComponent(token.name)}`);
				return null;
			} });

		if (is_done)
			renew();
	} }, t("token.revoke")));
}

export function tokens() {
	const status = h("p", { className: "muted", role: "status" }), list = h("ul", { className: "entries" }), fresh = h("div");
	const error = h("p", { className: "error", role: "alert" });
	const name = h("input", { id: "token-name", type: "text", required: true, maxLength: 32, pattern: "[A-Za-z0-9._\\-]+",
		autocapitalize: "none", spellcheck: false, autocomplete: "off" });
	const scope = h("select", { id: "token-scope" }, ...["read", "write"].map((key) => h("option", { value: key }, t(`scope.${key}`))));
	const load = loading(status, async () => {
		const all = (await get("tokens")).tokens;

		list.replaceChildren(...all.map((token) => row(token, load)));
		return all.length ? "" : t("token.none");
	});

	async function make(e) {
		e.preventDefault();
		error.textContent = "";
		try {
			const made = await request("POST", "tokens", { name: name.value.trim(), scope: scope.value });

			name.value = "";
			fresh.replaceChildren(shownOnce(made.token));
			fresh.querySelector("input").select();
			load();
		} catch (problem) {
			error.textContent = problem.message;
		}
	}
	return card(t("tokens"), h("p", { className: "muted" }, t("tokens.what")), status, list, fresh,
		h("form", { className: "password", onsubmit: make }, h("label", { htmlFor: "token-name" }, t("token.name")), name,
			h("label", { htmlFor: "token-scope" }, t("token.scope")), scope,
			h("button", { type: "submit" }, t("token.make")), error));
}
