/* SPDX-License-Identifier: MIT */
/*
 * Frames of each family against bytes that were worked out from the makers'
 * documents, by hand and not by the encoder. The battery of most rows:
 * CVL 55.2 V, CCL 60.0 A, DCL 80.0 A, DVL 46.0 V; 55.78 V, -3.0 A, 9.7 degrees C;
 * SOC 83.55 %, SOH 100 %, cells 3.980 V (number 2) to 3.990 V (number 5), 65 Ah.
 */
#include "support.h"

#include "can/can_protocol.h"

struct world {
	struct battery battery;
	struct limits limits;
	struct can_input input;
	struct can_options options;
};

static void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	battery_clear(&w->battery);
	w->battery.cell_count = 14;
	for (unsigned i = 0; i < 14; i++)
		w->battery.cell_v[i] = 3.985;
	w->battery.cell_v[1] = 3.980;
	w->battery.cell_v[4] = 3.990;
	battery_derive(&w->battery);
	w->battery.pack_v = 55.78;
	w->battery.current_a = -3.0;
	w->battery.soc_pct = 83.55;
	w->battery.soh_pct = 100;
	w->battery.temp_external_c[0] = 9.7;
	w->battery.settings.capacity_ah = 65;
	w->battery.settings.over_voltage_v = 4.2;
	w->battery.identity.firmware_public = 1;
	w->battery.identity.firmware_internal = 23;
	w->limits = (struct limits){
		.on_bus = true, .cvl_v = 55.2, .ccl_a = 60, .dcl_a = 80, .dvl_v = 46
	};
	w->input = (struct can_input){
		.battery = &w->battery,
		.limits = &w->limits,
		.energy_in_wh = (double) NAN,
		.energy_out_wh = (double) NAN,
		.cycles = (double) NAN,
	};
}

/* The bytes of one id as hexadecimal digits; "" when the set does not have it. */
static void encode(struct world *w, const char *name, canid_t id, char text[2 * CAN_MAX_DLEN + 1])
{
	const struct can_protocol *p = can_protocol_variant(can_protocol_find(name), &w->options);
	struct can_frame frames[CAN_SET_MAX];
	struct can_values values;

	can_values_fill(&values, &w->input, &w->options, p->has_unknown_codes);
	text[0] = '\0';

	const size_t count = can_protocol_encode(p, &values, CAN_ALL_FRAMES, frames);

	for (size_t i = 0; i < count; i++) {
		assert_int_not_equal(frames[i].can_id & CAN_SFF_MASK, 0x00F);
		if (frames[i].can_id != id)
			continue;
		for (unsigned b = 0; b < frames[i].can_dlc; b++)
			sprintf(text + 2 * b, "%02X", frames[i].data[b]);
	}
}

static void expect(struct world *w, const char *name, canid_t id, const char *want)
{
	char got[2 * CAN_MAX_DLEN + 1];

	encode(w, name, id, got);
	if (strcmp(got, want))
		fail_msg("%s %03X is %s, want %s", name, id, got, want);
}

#define EFF(id) (CAN_EFF_FLAG | (id))

/* clang-format off */
static const struct golden {
	const char *protocol;
	canid_t id;
	const char *bytes;
} golden[] = {
	/* CVL 552 (0x0228), CCL 600 (0x0258), DCL 800 (0x0320), DVL 460 (0x01CC) */
	{ "victron",       0x351, "280258022003CC01" },
	{ "pylontech",     0x351, "280258022003CC01" },
	{ "sma",           0x351, "280258022003CC01" },
	/* SOC 83 (cut), SOH 100, fine SOC 8355 (0x20A3) */
	{ "victron",       0x355, "53006400A3200000" },
	{ "sma",           0x355, "53006400A320FFFF" },
	{ "pylontech",     0x355, "5300640000000000" },
	/* 5578 (0x15CA), -30 (0xFFE2), 97 (0x0061) */
	{ "victron",       0x356, "CA15E2FF61000000" },
	{ "sma",           0x356, "CA15E2FF6100FFFF" },
	{ "sol-ark",       0x356, "2E02E2FF61000000" },
	/* no fault, one module, 'P' 'N' */
	{ "pylontech",     0x359, "0000000001504E00" },
	{ "luxpower",      0x359, "0000000001410000" },
	{ "pylontech",     0x35C, "C000000000000000" },
	/* every pair 10b; SMA's byte 7 without Victron's status pair */
	{ "victron",       0x35A, "AAAAAA02AAAAAA0A" },
	{ "sma",           0x35A, "AAAAAA02AAAAAA02" },
	{ "byd",           0x35A, "AAAAAAAAAAAAAAAA" },
	/* "PYLON   ", "TinyBMS ", "BYD" */
	{ "pylontech",     0x35E, "50594C4F4E202020" },
	{ "victron",       0x35E, "54696E79424D5320" },
	{ "victron",       0x370, "54696E79424D5320" },
	{ "victron",       0x371, "7335313600000000" },
	{ "byd",           0x370, "" },
	{ "pylontech-ext", 0x370, "" },
	{ "byd",           0x35E, "4259440000000000" },
	{ "goodwe",        0x35E, "474F4F4457452020" },
	/* firmware 1, 23; 65 Ah */
	{ "victron",       0x35F, "0000011741000000" },
	{ "byd",           0x35F, "4C69011741000000" },
	{ "sma",           0x35F, "FFFF01174100FFFF" },
	/* one module online; 3980 mV, 3990 mV, 283 K twice; cell 2, cell 5; 65 Ah */
	{ "victron",       0x372, "0100000000000000" },
	{ "victron",       0x373, "8C0F960F1B011B01" },
	{ "pylontech-ext", 0x374, "3200000000000000" },
	{ "victron",       0x375, "3500000000000000" },
	{ "victron",       0x378, "FFFFFFFFFFFFFFFF" },
	{ "victron",       0x379, "4100000000000000" },
	{ "byd",           0x382, "5052454D49554D00" },
	/* SOC, SOH, 3990 mV, 3980 mV; the highest temperature 0.1 above the lowest */
	{ "luxpower",      0x355, "53006400960F8C0F" },
	{ "luxpower",      0x356, "CA15E2FF62006100" },
	/* big-endian; discharge 11b in bits 0-1 and 10-11, both directions enabled */
	{ "growatt",       0x311, "0228025803200C63" },
	{ "growatt",       0x312, "0000000001AABB0E" },
	{ "growatt",       0x313, "15CAFFE200615364" },
	/* cells 13 and 14 of 14 */
	{ "growatt",       0x318, "0F910F9100000000" },
	{ "schneider", EFF(0x320), "0002" },
	{ "schneider", EFF(0x321), "00001590000011F8" },
	{ "schneider", EFF(0x322), "0000177000001F40" },
	{ "schneider", EFF(0x323), "000015CAFFFFFED4" },
	{ "schneider", EFF(0x325), "000600000000" },
	{ "schneider", EFF(0x333), "5345424D53000000" },
};
/* clang-format on */

static void test_golden(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(golden); i++) {
		const struct golden *g = &golden[i];
		struct world w;

		world_init(&w);
		can_protocol_defaults(can_protocol_find(g->protocol), &w.options);
		expect(&w, g->protocol, g->id, g->bytes);
	}
}

static void start(struct world *w, const char *protocol)
{
	world_init(w);
	can_protocol_defaults(can_protocol_find(protocol), &w->options);
}

/* 16 kelvin apart: 8 and 25 degrees C are 281 (0x0119) and 298 K (0x012A). */
static void test_sensors_in_kelvin(void **state)
{
	struct world w;

	start(&w, "victron");
	w.battery.temp_external_c[0] = 25;
	w.battery.temp_external_c[1] = 8;
	expect(&w, "victron", 0x373, "8C0F960F19012A01");
	expect(&w, "victron", 0x376, "3200000000000000");
	expect(&w, "victron", 0x377, "3100000000000000");
	expect(&w, "victron", 0x356, "CA15E2FFA5000000"); /* mean 16.5 */
}

/* Limits never grow by rounding; the discharge voltage never shrinks. */
static void test_rounding_is_never_generous(void **state)
{
	struct world w;

	start(&w, "victron");
	w.limits.cvl_v = 55.19;
	w.limits.ccl_a = 0.09;
	w.limits.dcl_a = 79.99;
	w.limits.dvl_v = 45.91;
	expect(&w, "victron", 0x351, "270200001F03CC01");
	w.battery.soc_pct = 99.6;
	expect(&w, "victron", 0x355, "63006400E8260000");
}

static void test_saturation(void **state)
{
	struct world w;

	start(&w, "victron");
	w.limits.cvl_v = 1e300;
	w.limits.ccl_a = 1e9;
	w.limits.dcl_a = (double) NAN;
	w.limits.dvl_v = 0;
	w.battery.current_a = -1e9;
	expect(&w, "victron", 0x351, "FFFFFF7F00000000");
	expect(&w, "victron", 0x356, "CA15008061000000");
	/* SMA's 8000 and FFFF stay reserved for "unknown" */
	can_protocol_defaults(can_protocol_find("sma"), &w.options);
	expect(&w, "sma", 0x351, "FEFFFF7F00000000");
	expect(&w, "sma", 0x356, "CA1501806100FFFF");
}

/* No sensor: 8000 for SMA; elsewhere 0 with limits of 0 A and the internal failure. */
static void test_no_temperature(void **state)
{
	struct world w;

	start(&w, "sma");
	w.battery.temp_external_c[0] = (double) NAN;
	expect(&w, "sma", 0x356, "CA15E2FF0080FFFF");
	expect(&w, "sma", 0x351, "280258022003CC01");
	start(&w, "victron");
	w.battery.temp_external_c[0] = (double) NAN;
	expect(&w, "victron", 0x356, "CA15E2FF00000000");
	expect(&w, "victron", 0x351, "280200000000CC01");
	expect(&w, "victron", 0x35A, "AAAA6A02AAAAAA0A");
	expect(&w, "pylontech", 0x35C, "0000000000000000");
	expect(&w, "schneider", EFF(0x325), "000800000100");
}

static void test_no_soh(void **state)
{
	struct world w;

	start(&w, "sma");
	w.battery.soh_pct = (double) NAN;
	expect(&w, "sma", 0x355, "5300FFFFA320FFFF");
	expect(&w, "pylontech", 0x355, "5300640000000000");
}

/* Level 2 to the alarm half, level 1 to the warning half. */
static void test_alarm_positions(void **state)
{
	struct world w;

	start(&w, "victron");
	w.input.alarms[ALARM_HIGH_CELL_VOLTAGE] = ALARM_ALARM;
	w.input.alarms[ALARM_LOW_CHARGE_TEMPERATURE] = ALARM_WARNING;
	expect(&w, "victron", 0x35A, "A6AAAA02AA9AAA0A");
	expect(&w, "pylontech", 0x359, "0200100001504E00");
	expect(&w, "growatt", 0x312, "1000001001AABB0E");
	expect(&w, "schneider", EFF(0x325), "000600080010");
	w.input.alarms[ALARM_HIGH_CELL_VOLTAGE] = ALARM_OK;
	w.input.alarms[ALARM_LOW_CHARGE_TEMPERATURE] = ALARM_OK;
	w.input.alarms[ALARM_BMS_CABLE] = ALARM_ALARM;
	w.input.alarms[ALARM_CELL_IMBALANCE] = ALARM_WARNING;
	expect(&w, "victron", 0x35A, "AAAA6A02AAAAAA09");
	expect(&w, "pylontech", 0x359, "0008000001504E00");
	expect(&w, "growatt", 0x312, "0008000401AABB0E");
	expect(&w, "schneider", EFF(0x325), "000600400100");
}

/* A direction that is blocked loses its enable bit; a limit of 0 because full does not. */
static void test_enables(void **state)
{
	struct world w;

	start(&w, "pylontech");
	w.limits.ccl_a = 0;
	expect(&w, "pylontech", 0x35C, "C000000000000000");
	w.limits.charge_blocked = true;
	expect(&w, "pylontech", 0x35C, "4000000000000000");
	expect(&w, "schneider", EFF(0x325), "000400000000");
	w.limits.discharge_blocked = true;
	expect(&w, "schneider", EFF(0x325), "000800000000");
}

/* Stale for 10 s: limits as given, internal failure, both enables gone. */
static void test_stale(void **state)
{
	struct world w;

	start(&w, "victron");
	w.limits.ccl_a = w.limits.dcl_a = 0;
	w.limits.bms_cable_warning = true;
	w.input.alarms[ALARM_BMS_CABLE] = ALARM_WARNING;
	expect(&w, "victron", 0x351, "280200000000CC01");
	expect(&w, "victron", 0x35A, "AAAA6A02AAAA6A06");
	expect(&w, "victron", 0x372, "0000010001000100");
	expect(&w, "pylontech", 0x359, "0008000801504E00");
	expect(&w, "pylontech", 0x35C, "0000000000000000");
	expect(&w, "mg", 0x35B, "0000000001000000");
}

/* Sofar: a limit of 0 is ignored, so 0.1 A; never a SOC above 99. */
static void test_sofar(void **state)
{
	struct world w;

	start(&w, "sofar");
	w.limits.ccl_a = 0;
	w.battery.soc_pct = 100;
	expect(&w, "sofar", 0x351, "280201002003CC01");
	expect(&w, "sofar", 0x355, "6300640000000000");
}

/* Sol-Ark reads 0x359 byte 3 bit 3 as critical; Pylontech's own means a warning. */
static void test_sol_ark_critical(void **state)
{
	struct world w;

	start(&w, "sol-ark");
	w.input.alarms[ALARM_INTERNAL_FAILURE] = ALARM_ALARM;
	expect(&w, "sol-ark", 0x359, "0008000801504E00");
	expect(&w, "pylontech", 0x359, "0008000001504E00");
	w.input.alarms[ALARM_INTERNAL_FAILURE] = ALARM_WARNING;
	expect(&w, "sol-ark", 0x359, "0000000801504E00");
}

/* Deye: the SOC clamp is a wish of the owner, as are the force-charge bits. */
static void test_deye(void **state)
{
	struct world w;

	start(&w, "deye");
	w.limits.dcl_a = 0;
	w.limits.charge_request = true;
	expect(&w, "deye", 0x355, "5300640000000000");
	expect(&w, "deye", 0x35C, "C000000000000000");
	expect(&w, "deye", 0x35E, "50594C4F4E202020");
	w.options.soc_clamp = true;
	w.options.force_charge_1 = true;
	expect(&w, "deye", 0x355, "0000640000000000");
	expect(&w, "deye", 0x35C, "E000000000000000");
	w.limits.dcl_a = 80;
	w.limits.ccl_a = 0;
	expect(&w, "deye", 0x355, "6400640000000000");
}

static void test_variants(void **state)
{
	struct world w;

	start(&w, "sol-ark");
	w.options.fine_voltage = true;
	w.options.invert_current = true;
	expect(&w, "sol-ark", 0x356, "CA151E0061000000");
	start(&w, "goodwe");
	w.options.sma_set = true;
	w.battery.identity.hardware = 2;
	expect(&w, "goodwe", 0x355, "53006400A320FFFF");
	expect(&w, "goodwe", 0x35E, "474F4F4457450000");
	expect(&w, "goodwe", 0x35F, "FFFF020041000117");
	expect(&w, "goodwe", 0x359, "");
}

/* What a Battery-Box Premium LVS sent, but for what says "two modules". */
static void test_byd_capture(void **state)
{
	static const struct golden captured[] = {
		{ "byd", 0x351, "480200050005AE01" }, { "byd", 0x355, "4300640000000000" },
		{ "byd", 0x356, "BE14F9FF8C000000" }, { "byd", 0x35A, "AAAAAAAAAAAAAAAA" },
		{ "byd", 0x35B, "0000000000000000" }, { "byd", 0x35E, "4259440000000000" },
		{ "byd", 0x35F, "4C69011769000000" }, { "byd", 0x360, "0000000000000000" },
		{ "byd", 0x373, "EA0C010D1F012201" }, { "byd", 0x374, "3200000000000000" },
		{ "byd", 0x377, "3100000000000000" }, { "byd", 0x378, "400800002B070000" },
		{ "byd", 0x382, "5052454D49554D00" },
	};
	struct world w;

	start(&w, "byd");
	w.limits.cvl_v = 58.4;
	w.limits.ccl_a = w.limits.dcl_a = 128;
	w.limits.dvl_v = 43;
	w.battery.cell_v[0] = 3.329;
	w.battery.cell_v[1] = 3.306;
	for (unsigned i = 2; i < w.battery.cell_count; i++)
		w.battery.cell_v[i] = 3.31;
	battery_derive(&w.battery);
	w.battery.pack_v = 53.10;
	w.battery.current_a = -0.7;
	w.battery.soc_pct = 67;
	w.battery.temp_external_c[0] = 16.4;
	w.battery.temp_external_c[1] = 13.6; /* mean 15.0, in the frame 14.0 */
	w.battery.settings.capacity_ah = 105;
	w.input.energy_in_wh = 211200;
	w.input.energy_out_wh = 183500;
	for (size_t i = 0; i < G_N_ELEMENTS(captured); i++)
		if (captured[i].id != 0x356)
			expect(&w, "byd", captured[i].id, captured[i].bytes);
	w.battery.temp_external_c[0] = w.battery.temp_external_c[1] = 14;
	expect(&w, "byd", 0x356, "BE14F9FF8C000000");
}

/* The battery asks for a full charge; a charge from the grid is the owner's wish. */
static void test_charge_requests(void **state)
{
	struct world w;

	start(&w, "luxpower");
	w.input.full_charge_due = true;
	w.limits.charge_request = true;
	expect(&w, "luxpower", 0x35C, "C800000000000000");
	w.options.force_charge_1 = w.options.force_charge_2 = true;
	expect(&w, "luxpower", 0x35C, "F800000000000000");
	expect(&w, "schneider", EFF(0x325), "000700000000");
	expect(&w, "growatt", 0x319, "F10F960F8C050200");
	w.limits.charge_request = false;
	expect(&w, "luxpower", 0x35C, "C800000000000000");
}

/* Status word of 0x311 while cells bleed, the BMS is in fault and both directions are blocked. */
static void test_growatt_status(void **state)
{
	struct world w;

	start(&w, "growatt");
	w.battery.current_a = 20;
	w.battery.balancing = 0x0010;
	expect(&w, "growatt", 0x311, "022802580320086A");
	w.battery.status = BATTERY_STATUS_FAULT;
	w.battery.current_a = 0;
	w.limits.charge_blocked = w.limits.discharge_blocked = true;
	expect(&w, "growatt", 0x311, "022802580320048D");
}

/* 2026-11-25 06:05:07 UTC: (26 << 26 | 11 << 22 | 25 << 17 | 6 << 12 | 5 << 6 | 7) */
static void test_growatt_date(void **state)
{
	struct world w;

	start(&w, "growatt");
	w.input.wall_clock_s = 1795586707;
	expect(&w, "growatt", 0x320, "544901016AF26147");
}

static void test_words(void **state)
{
	struct world w;
	struct can_values values;
	struct can_frame frames[CAN_SET_MAX];
	const struct can_protocol *p = can_protocol_find("victron");
	GString *words = g_string_new(NULL);

	start(&w, "victron");
	w.input.alarms[ALARM_LOW_VOLTAGE] = ALARM_ALARM;
	can_values_fill(&values, &w.input, &w.options, false);

	const size_t count = can_protocol_encode(p, &values, CAN_ALL_FRAMES, frames);

	for (size_t i = 0; i < count; i++)
		can_layout_describe(can_protocol_layout(p, frames[i].can_id), &frames[i], false,
				    words);
	assert_contains(words->str, "# charge voltage limit 55.2 V\n");
	assert_contains(words->str, "# current -3.0 A\n");
	assert_contains(words->str, "# alarms: voltage low\n# warnings: none\n");
	assert_contains(words->str, "# energy charged unknown\n");
	assert_contains(words->str, "# manufacturer \"TinyBMS \"\n");
	g_string_free(words, TRUE);
}

static void test_urgent(void **state)
{
	struct world w;
	struct can_values sent, now;

	start(&w, "victron");
	can_values_fill(&sent, &w.input, &w.options, false);
	now = sent;
	assert_false(can_values_urgent(&sent, &now));
	now.number[CAN_CCL_A] = 59;
	assert_false(can_values_urgent(&sent, &now));
	now.number[CAN_CCL_A] = 0;
	assert_true(can_values_urgent(&sent, &now));
	now = sent;
	now.warnings = CAN_BIT(ALARM_HIGH_VOLTAGE);
	assert_true(can_values_urgent(&sent, &now));
	now = sent;
	now.number[CAN_CVL_V] = 55.0;
	assert_true(can_values_urgent(&sent, &now));
}

/* The encoder trusts the tables: nothing in them reaches beyond its frame. */
static void check_layout(const struct can_layout *l)
{
	static const unsigned bytes[] = { [CAN_U8] = 1,	 [CAN_S8] = 1,	[CAN_U16] = 2,
					  [CAN_S16] = 2, [CAN_U32] = 4, [CAN_S32] = 4 };

	assert_in_range(l->length, 1, CAN_MAX_DLEN);
	assert_int_not_equal(l->id & CAN_EFF_MASK, 0x00F);
	for (size_t i = 0; i < l->field_count; i++) {
		const struct can_field *f = &l->fields[i];

		assert_true(f->at + bytes[f->type] <= l->length);
		assert_true(f->shift + f->bits <= 8 * bytes[f->type]);
		assert_true(f->step > 0.0);
		for (unsigned k = 0; k < bytes[f->type]; k++)
			assert_int_equal(l->base[f->at + k], 0);
	}
	for (size_t i = 0; i < l->bit_count; i++) {
		assert_true(l->bits[i].at < l->length);
		assert_true(l->bits[i].bit <= (l->bits[i].kind == CAN_PAIR ? 6 : 7));
	}
	if (l->text)
		assert_true(l->text_at + (l->text_length ? l->text_length : 8) <= l->length);
}

static void test_tables(void **state)
{
	for (unsigned family = 0; family < CAN_FAMILY_COUNT; family++) {
		const struct can_layout *const *l = can_protocol_get(family)->frames;
		unsigned count = 0;

		for (; l && l[count]; count++)
			check_layout(l[count]);
		assert_true(count <= CAN_SET_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_sensors_in_kelvin),
		cmocka_unit_test(test_rounding_is_never_generous),
		cmocka_unit_test(test_saturation),
		cmocka_unit_test(test_no_temperature),
		cmocka_unit_test(test_no_soh),
		cmocka_unit_test(test_alarm_positions),
		cmocka_unit_test(test_enables),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_sofar),
		cmocka_unit_test(test_sol_ark_critical),
		cmocka_unit_test(test_deye),
		cmocka_unit_test(test_variants),
		cmocka_unit_test(test_byd_capture),
		cmocka_unit_test(test_charge_requests),
		cmocka_unit_test(test_growatt_status),
		cmocka_unit_test(test_growatt_date),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_urgent),
	};

	return cmocka_run_group_tests_name("can_frames", tests, NULL, NULL);
}
