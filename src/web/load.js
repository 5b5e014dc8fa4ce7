// Load what a view shows; what fails is said, and tried again when gateway or battery are back.
import { every } from "./dom.js";
import { t } from "./words.js";

const RETRY_S = 5; // a service that has just started does not know everything yet

// @status: an element of the view that speaks. @fn(argument) resolves with what is to be said.
// Returns a function that loads again.
export function loading(status, fn) {
	let has_failed = false;

	function say(sentence) {
		if (status.textContent !== sentence) // the same is not read aloud again
			status.textContent = sentence;
	}
	async function attempt(argument) {
		try {
			say((await fn(argument)) ?? "");
			has_failed = false;
		} catch (e) {
			say(e.message);
			has_failed = true;
		}
	}
	function again() {
		if (!status.isConnected)
			window.removeEventListener("bms-back", again);
		else if (has_failed)
			attempt();
	}
	window.addEventListener("bms-back", again);
	say(t("loading"));
	attempt();
	every(status, RETRY_S, () => has_failed && attempt());
	return attempt;
}
