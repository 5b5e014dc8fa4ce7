// What is wrong with a battery, in plain words: faults of the BMS, then alarms, then warnings.
import { said } from "./words.js";

const levelOf = (value) => (value === 1 || value === 2 ? value : 0);

// [{level: 1 warning, 2 alarm; text; remedy}]
export function noticesOf(d) {
	const faults = (d?.faults ?? []).map((f) => {
		const [text, remedy] = said("events", f.id, [f.text, f.remedy]);

		return { level: 2, text: text ?? f.text, remedy: remedy ?? f.remedy };
	});
	const alarms = Object.entries(d?.alarms ?? {}).filter(([, value]) => levelOf(value) > 0)
		.sort(([, a], [, b]) => b - a)
		.map(([name, level]) => ({ level, text: said("alarms", name), remedy: said("alarmRemedies", name, "") }));

	return [...faults, ...alarms];
}

export const worst = (d) => Math.max(0, ...noticesOf(d).map((n) => n.level));
