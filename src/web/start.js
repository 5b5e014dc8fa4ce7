// Before all else: where a part of the page is lost on its way, nothing of the rest runs to say so.
"use strict";

(() => {
	const AGAIN_S = 5;
	const TEXTS = {
		en: "A part of this page did not arrive. It is loaded again.",
		de: "Ein Teil dieser Seite kam nicht an. Sie wird erneut geladen.",
		fr: "Une partie de cette page n’est pas arrivée. Elle est rechargée.",
	};
	let is_told = false;

	function tell() {
		const language = navigator.languages.map((l) => l.slice(0, 2)).find((l) => l in TEXTS) ?? "en";
		const main = document.createElement("main"), title = document.createElement("h1"), text = document.createElement("p");

		document.documentElement.lang = language;
		title.textContent = "TinyBMS";
		text.setAttribute("role", "alert");
		text.textContent = TEXTS[language];
		main.append(title, text);
		document.body.replaceChildren(main);
	}

	// Errors of elements do not rise, but they can be caught on their way down.
	addEventListener("error", ({ target }) => {
		if (is_told || !(target instanceof HTMLScriptElement || target.rel === "stylesheet"))
			return;
		is_told = true;
		if (document.body)
			tell();
		else
			addEventListener("DOMContentLoaded", tell);
		setTimeout(() => location.reload(), AGAIN_S * 1000);
	}, true);
})();
