// The curves of the last day or month, as columns of numbers.
import { get, ofBattery } from "./link.js";

const COLUMNS = ["t", "state_of_charge", "pack_voltage", "pack_current", "cell_min", "cell_max",
	"internal_temperature", "external_temperature_1", "external_temperature_2"];

export async function loadCurves(range) {
	const { columns, rows } = await get(ofBattery(`curves?range=${range}&columns=${COLUMNS.join(",")}`));
	const column = (name) => {
		const i = columns.indexOf(name);

		return rows.map((row) => (i < 0 ? null : row[i] ?? null));
	};
	const both = (a, b, fn) => a.map((v, i) => (v === null || b[i] === null ? null : fn(v, b[i])));
	const volts = column("pack_voltage"), amperes = column("pack_current");
	const low = column("cell_min"), high = column("cell_max");

	return { time: column("t"), soc: column("state_of_charge"), volts, amperes, low, high,
		power: both(volts, amperes, (v, a) => v * a), spread: both(low, high, (a, b) => b - a),
		internal: column("internal_temperature"), external1: column("external_temperature_1"),
		external2: column("external_temperature_2") };
}
