// The curves of the last day or month, as columns of numbers.
import { get, ofBattery } from "./link.js";
import { isNumber } from "./words.js";

const COLUMNS = ["t", "state_of_charge", "pack_voltage", "pack_current", "cell_min", "cell_max",
	"internal_temperature", "external_temperature_1", "external_temperature_2"];

const GAP_STEPS = 2.5;

// Where nothing was recorded nothing is drawn: a row without values stands in each gap.
export function withGaps(rows, step_s) {
	return rows.flatMap((row, i) => {
		const before_s = i ? rows[i - 1][0] : row[0];

		return row[0] - before_s > GAP_STEPS * step_s ? [[before_s + step_s], row] : [row];
	});
}

// Columns, and the time that was asked for: {span: [from, to] in s, time, soc, ...}.
export async function loadCurves(range, path = ofBattery("curves")) {
	const answer = await get(`${path}?range=${range}&columns=${COLUMNS.join(",")}`);
	const { columns, from, to, step } = answer;
	const rows = withGaps(answer.rows, step);
	const column = (name) => {
		const i = columns.indexOf(name);

		return rows.map((row) => (isNumber(row[i]) ? row[i] : null));
	};
	const both = (a, b, fn) => a.map((v, i) => (v === null || b[i] === null ? null : fn(v, b[i])));
	const volts = column("pack_voltage"), amperes = column("pack_current");
	const low = column("cell_min"), high = column("cell_max");

	return { span: [from, to], time: column("t"), soc: column("state_of_charge"), volts, amperes, low, high,
		power: both(volts, amperes, (v, a) => v * a), spread: both(low, high, (a, b) => b - a),
		internal: column("internal_temperature"), external1: column("external_temperature_1"),
		external2: column("external_temperature_2") };
}
