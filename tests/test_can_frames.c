/* SPDX-License-Identifier: MIT */
/*
 * Frames of each family against bytes that were worked out from the makers'
 * documents, by hand and not by the encoder. The battery is that of can_world.h.
 */
#include "support.h"

#include "can_world.h"

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
		struct can_world w;

		can_world_start(&w, g->protocol);
		can_world_expect(&w, g->protocol, g->id, g->bytes);
	}
}

/* Pylontech's own example frames, as setfirelabs published them; its ten modules are ours, one. */
static void test_pylontech_samples(void **state)
{
	struct can_world w;

	can_world_start(&w, "pylontech");
	w.limits.cvl_v = 53.2;
	w.limits.ccl_a = w.limits.dcl_a = 370;
	w.limits.dvl_v = 46;
	w.battery.soc_pct = 26;
	w.battery.pack_v = 49.42;
	w.battery.current_a = 77;
	w.battery.temp_external_c[0] = 128.4;
	can_world_expect(&w, "pylontech", 0x351, "1402740E740ECC01");
	can_world_expect(&w, "pylontech", 0x355, "1A00640000000000");
	can_world_expect(&w, "pylontech", 0x356, "4E13020304050000");
	w.battery.pack_v = 48.66;
	w.battery.current_a = 0;
	w.battery.temp_external_c[0] = 33;
	can_world_expect(&w, "pylontech", 0x356, "021300004A010000");
}

/* The ends of the fields, and beyond: 0 to 6553.5 V, full and empty, the steepest currents. */
static const struct {
	const char *protocol;
	canid_t id;
	double cvl_v, ccl_a, dvl_v, current_a, soc_pct, soh_pct;
	const char *bytes;
} ends[] = {
	{ "victron", 0x351, 0, 0, 0, 0, 0, 0, "0000000020030000" },
	{ "victron", 0x351, 6553.5, 3276.7, 6553.5, 0, 0, 0, "FFFFFF7F2003FFFF" },
	{ "victron", 0x351, 1e300, 1e300, 1e300, 0, 0, 0, "FFFFFF7F2003FFFF" },
	{ "sma", 0x351, 6553.5, 3276.7, 6553.5, 0, 0, 0, "FEFFFF7F2003FEFF" },
	{ "growatt", 0x311, 6553.5, 6553.5, 0, 0, 0, 0, "FFFFFFFF03200461" },
	{ "schneider", EFF(0x321), 0, 0, 6553.5, 0, 0, 0, "000000000009FFF6" },
	{ "victron", 0x356, 0, 0, 0, 3276.7, 0, 0, "CA15FF7F61000000" },
	{ "victron", 0x356, 0, 0, 0, -3276.8, 0, 0, "CA15008061000000" },
	{ "victron", 0x356, 0, 0, 0, -1e9, 0, 0, "CA15008061000000" },
	{ "sma", 0x356, 0, 0, 0, -3276.8, 0, 0, "CA1501806100FFFF" },
	{ "schneider", EFF(0x323), 0, 0, 0, -3276.8, 0, 0, "000015CAFFFB0000" },
	{ "victron", 0x355, 0, 0, 0, 0, 0, 0, "0000000000000000" },
	{ "victron", 0x355, 0, 0, 0, 0, 100, 100, "6400640010270000" },
	{ "growatt", 0x313, 0, 0, 0, 0, 100, 100, "15CA000000616464" },
	{ "growatt", 0x313, 0, 0, 0, 0, 0, 0, "15CA000000610000" },
};

static void test_ends_of_the_fields(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		struct can_world w;

		can_world_start(&w, ends[i].protocol);
		w.limits.cvl_v = ends[i].cvl_v;
		w.limits.ccl_a = ends[i].ccl_a;
		w.limits.dvl_v = ends[i].dvl_v;
		w.battery.current_a = ends[i].current_a;
		w.battery.soc_pct = ends[i].soc_pct;
		w.battery.soh_pct = ends[i].soh_pct;
		can_world_expect(&w, ends[i].protocol, ends[i].id, ends[i].bytes);
	}
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
	struct can_world w;

	can_world_start(&w, "byd");
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
			can_world_expect(&w, "byd", captured[i].id, captured[i].bytes);
	w.battery.temp_external_c[0] = w.battery.temp_external_c[1] = 14;
	can_world_expect(&w, "byd", 0x356, "BE14F9FF8C000000");
}

/* Status word of 0x311 while cells bleed, the BMS is in fault and both directions are blocked. */
static void test_growatt_status(void **state)
{
	struct can_world w;

	can_world_start(&w, "growatt");
	w.battery.current_a = 20;
	w.battery.balancing = 0x0010;
	can_world_expect(&w, "growatt", 0x311, "022802580320086A");
	w.battery.status = BATTERY_STATUS_FAULT;
	w.battery.current_a = 0;
	w.limits.charge_blocked = w.limits.discharge_blocked = true;
	can_world_expect(&w, "growatt", 0x311, "022802580320048D");
}

/* 2026-11-25 06:05:07 UTC: (26 << 26 | 11 << 22 | 25 << 17 | 6 << 12 | 5 << 6 | 7) */
static void test_growatt_date(void **state)
{
	struct can_world w;

	can_world_start(&w, "growatt");
	w.input.wall_clock_s = 1795586707;
	can_world_expect(&w, "growatt", 0x320, "544901016AF26147");
}

static void test_words(void **state)
{
	struct can_world w;
	struct can_values values;
	struct can_frame frames[CAN_SET_MAX];
	const struct can_protocol *p = can_protocol_find("victron");
	GString *words = g_string_new(NULL);

	can_world_start(&w, "victron");
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
	struct can_world w;
	struct can_values sent, now;

	can_world_start(&w, "victron");
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
		cmocka_unit_test(test_pylontech_samples),
		cmocka_unit_test(test_byd_capture),
		cmocka_unit_test(test_ends_of_the_fields),
		cmocka_unit_test(test_growatt_status),
		cmocka_unit_test(test_growatt_date),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_urgent),
	};

	return cmocka_run_group_tests_name("can_frames", tests, NULL, NULL);
}
