// What is wrong with a battery or the gateway, in plain words: of a battery faults of the BMS, then alarms, then warnings.
import { isNumber, moment, qty, said, t } from "./words.js";

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

// "12 d", "< 1 d": whole days.
const daysText = (days) => (!isNumber(days) ? "" : days < 1 ? `< ${qty(1, 0, t("days"))}` : qty(days, 0, t("days")));

// "expires on 15 Apr 2027, in 12 d"
export const certificateText = (c) => t(`certificate.${c.state}`, { date: moment(c.state === "not_yet_valid" ? c.valid_from : c.valid_until,
	{ dateStyle: "medium" }), time: daysText(c.days_left) });

export const certificateName = (c) => t(`certificate.of.${c.use}`);

const wrongs = (gateway) => (gateway?.certificates ?? []).filter((c) => c.state !== "valid" || c.refused);

// Of the gateway: certificates that are not as they should be. Nothing of them harms the battery.
export const noticesOfGateway = (gateway) => wrongs(gateway).map((c) => ({ level: 1,
	text: t("notice", { level: certificateName(c), text: c.state === "valid" ? t("certificate.refused") : certificateText(c) }) }));

export const worst = (d) => Math.max(0, ...noticesOf(d).map((n) => n.level));
