// Edit named values: ranges, what differs, and two steps before anything is written.
import { h } from "./dom.js";
import { plain, plainQty, t, unitOf } from "./words.js";

// field: {name, label, kind: "number" | "choice" | "bool" | "text", value (text), unit, min, max,
//         options: [[value, text]], hint, isOptional, isWide, empty (what an empty field means)}
const emptyOf = (field) => field.empty ?? t("automatic");

const shownValue = (field, value) => {
	const option = field.options?.find(([key]) => String(key) === String(value));

	if (option)
		return option[1];
	if (value === "")
		return emptyOf(field);
	if (field.kind === "bool")
		return t(value === "1" ? "yes" : "no");
	return field.kind === "number" ? plainQty(Number(value), field.unit) : value;
};

function rangeOf(field) {
	if (field.kind !== "number" || field.min === null || field.min === undefined)
		return "";
	return t("rangeText", { min: plain(field.min), max: plainQty(field.max, field.unit) });
}

function inputOf(field, id) {
	if (field.kind === "choice")
		return h("select", { id }, ...field.options.map(([key, text]) =>
			h("option", { value: key, selected: String(key) === field.value }, text)));
	if (field.kind === "bool")
		return h("input", { id, type: "checkbox", checked: field.value === "1" });
	if (field.kind === "number")
		return h("input", { id, type: "number", step: "any", inputMode: "decimal", value: field.value,
			min: field.min ?? "", max: field.max ?? "", placeholder: field.isOptional ? emptyOf(field) : "" });
	return h("input", { id, type: "text", value: field.value, spellcheck: false,
		placeholder: field.isOptional ? emptyOf(field) : "" });
}

const valueOf = (field, input) =>
	field.kind === "bool" ? (input.checked ? "1" : "0") : input.value.trim();

function problemOf(field, input) {
	const value = valueOf(field, input);

	if (field.kind !== "number" || (value === "" && field.isOptional && !input.validity.badInput))
		return "";
	const number = Number(value), has_range = typeof field.min === "number";

	if (value === "" || !Number.isFinite(number) ||
	    (has_range && (number < field.min - 1e-9 || number > field.max + 1e-9)))
		return t("outOfRange", { range: rangeOf(field) });
	return "";
}

const isSame = (field, a, b) =>
	a === b || (field.kind === "number" && a !== "" && b !== "" && Number(a) === Number(b));

function row(field, changed) {
	const id = `f-${field.name}`;
	const input = inputOf(field, id);
	const error = h("p", { id: `${id}-e`, className: "error" });
	const place = h("div", { className: field.isWide ? "field wide" : "field" },
		h("div", { className: "what" }, h("label", { htmlFor: id }, field.label),
			h("small", { id: `${id}-h` }, [field.name, field.hint, rangeOf(field)].filter(Boolean).join(" · "))),
		h("div", { className: "value" }, input, field.unit ? h("span", { className: "unit" }, unitOf(field.unit)) : ""),
		error);

	input.setAttribute("aria-describedby", `${id}-h ${id}-e`);
	input.disabled = Boolean(field.isReadOnly);
	const it = { field, input, place, problem: "", say(text) {
		it.problem = text;
		error.textContent = text;
		input.setAttribute("aria-invalid", String(text !== ""));
	} };

	input.addEventListener("input", () => {
		const is_changed = !isSame(field, valueOf(field, input), field.value);

		place.classList.toggle("changed", is_changed);
		it.say(is_changed ? problemOf(field, input) : "");
		changed();
	});
	return it;
}

/* ---- the dialogue -------------------------------------------------------------------------- */

// changes: [{field, value}]
export function differences(changes) {
	return h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("setting")),
		h("th", { scope: "col" }, t("before")), h("th", { scope: "col" }, t("after")))),
	h("tbody", {}, ...changes.map(({ field, value }) => h("tr", {},
		h("th", { scope: "row" }, field.label, h("small", {}, field.name)),
		h("td", {}, shownValue(field, field.value)),
		h("td", {}, h("strong", {}, shownValue(field, value)))))));
}

// Resolves with true when it was done. write(confirm) returns null, or what has to be confirmed.
export function ask({ title, body, action, write }) {
	return new Promise((resolve) => {
		const error = h("p", { className: "error", role: "alert" });
		const extra = h("div", { role: "status" });
		const go = h("button", { type: "button", className: "primary" }, action);
		const dialog = h("dialog", { onclose: () => {
			dialog.remove();
			resolve(dialog.returnValue === "done");
		} }, h("h2", { id: "dialog-title" }, title), body, extra, error,
		h("div", { className: "buttons" },
			h("button", { type: "button", onclick: () => dialog.close("") }, t("cancel")), go));
		let confirm;

		dialog.setAttribute("aria-labelledby", "dialog-title");
		go.addEventListener("click", async () => {
			go.disabled = true;
			error.textContent = "";
			try {
				const wanted = await write(confirm);

				if (!wanted)
					return dialog.close("done");
				confirm = wanted;
				secondStep(extra, go, wanted);
			} catch (e) {
				error.textContent = e.message;
				go.disabled = false;
			}
		});
		document.body.append(dialog);
		dialog.showModal();
	});
}

function secondStep(extra, go, wanted) {
	const box = h("input", { id: "understood", type: "checkbox", onchange: () => (go.disabled = !box.checked) });
	const list = typeof wanted === "string" ? [] : Object.entries(wanted);

	extra.className = "warning-box";
	extra.replaceChildren(h("p", {}, h("strong", {}, t("risky"))),
		h("ul", {}, ...list.map(([name, text]) => h("li", {}, `${name}: ${text.replace("->", " → ")}`))),
		h("p", { className: "check" }, box, h("label", { htmlFor: "understood" }, t("understood"))));
	go.textContent = t("writeAnyway");
	go.classList.add("danger");
	box.focus();
}

/* ---- the form ------------------------------------------------------------------------------ */

// groups: [[title, fields]]; write(values, confirm) -> null or what has to be confirmed; done()
export function editor(groups, { title, action, write, done }) {
	const count = h("span", { role: "status" });
	const review = h("button", { type: "button", className: "primary", onclick: () => open() }, t("review"));
	const reset = h("button", { type: "button", onclick: () => done() }, t("discard"));
	const footer = h("div", { className: "footer", hidden: true }, count, reset, review);
	const rows = [];
	const changes = () => rows.filter((r) => r.place.classList.contains("changed"))
		.map((r) => ({ ...r, value: valueOf(r.field, r.input) }));
	const changed = () => {
		const list = changes();

		footer.hidden = list.length === 0;
		review.disabled = list.some((r) => r.problem);
		count.textContent = t(list.length === 1 ? "oneChange" : "changes", { n: list.length });
	};

	async function open() {
		const list = changes();
		const values = Object.fromEntries(list.map(({ field, value }) => [field.name, value]));
		const send = async (confirm) => {
			try {
				return await write(values, confirm);
			} catch (e) {
				const row = rows.find((r) => r.field.name === e.body?.field);

				if (row && typeof e.body.min === "number" && typeof e.body.max === "number")
					e.message = `${row.field.label}: ${t("outOfRange", { range: rangeOf({ ...row.field, kind: "number", ...e.body }) })}`;
				row?.say(e.message);
				throw e;
			}
		};

		if (await ask({ title, action, body: h("div", { className: "scroll" }, differences(list)), write: send }))
			done(t("written"));
	}

	return h("form", { className: "editor", onsubmit: (e) => {
		e.preventDefault();
		if (!footer.hidden && !review.disabled)
			open();
	} }, ...groups.filter(([, fields]) => fields.length).map(([name, fields]) =>
		h("fieldset", { className: "card" }, h("legend", {}, name), ...fields.map((field) => {
			const r = row(field, changed);

			rows.push(r);
			return r.place;
		}))), footer);
}
