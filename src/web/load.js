// Load what a view shows; what fails is said, and tried again when gateway or battery are back.
import { t } from "./words.js";

// @status: an element of the view that speaks. @fn(argument) resolves with what is to be said.
// Returns a function that loads again.
export function loading(status, fn) {
	let has_failed = false;

	async function attempt(argument) {
		try {
			status.textContent = (await fn(argument)) ?? "";
			has_failed = false;
		} catch (e) {
			status.textContent = e.message;
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
	status.textContent = t("loading");
	attempt();
	return attempt;
}
