/* SPDX-License-Identifier: MIT */
/*
 * What the makers' documents leave open and we have settled, for all families: how
 * values round, what stands for a missing one, which alarm is which bit. Spacing and
 * urgency are in test_can_schedule.c, what inverters may send in test_can_peer.c.
 */
#include "support.h"

#include "can_world.h"

/* Limits never grow by rounding; the discharge voltage never shrinks; 99.6 % is not full. */
static void test_rounding_is_never_generous(void **state)
{
	struct can_world w;

	can_world_start(&w, "victron");
	w.limits.cvl_v = 55.199;
	w.limits.ccl_a = 0.099;
	w.limits.dcl_a = 79.999;
	w.limits.dvl_v = 45.901;
	can_world_expect(&w, "victron", 0x351, "270200001F03CC01");
	can_world_expect(&w, "sma", 0x351, "270200001F03CC01");
	can_world_expect(&w, "growatt", 0x311, "02270000031F0C63");
	can_world_expect(&w, "schneider", EFF(0x321), "0000158F000011EF"); /* in 0.01 V */
	can_world_expect(&w, "schneider", EFF(0x322), "0000000900001F3F"); /* in 0.01 A */
	w.battery.soc_pct = 99.6;
	can_world_expect(&w, "victron", 0x355, "63006400E8260000");
	can_world_expect(&w, "pylontech", 0x355, "6300640000000000");
	can_world_expect(&w, "growatt", 0x313, "15CAFFE200616364");
}

static void test_measurements_round_to_nearest(void **state)
{
	struct can_world w;

	can_world_start(&w, "victron");
	w.battery.pack_v = 55.786;	      /* 5579 */
	w.battery.current_a = -3.06;	      /* -31 */
	w.battery.temp_external_c[0] = -0.26; /* -3 */
	can_world_expect(&w, "victron", 0x356, "CB15E1FFFDFF0000");
	w.battery.pack_v = 55.784;
	w.battery.current_a = 3.04;
	w.battery.temp_external_c[0] = 9.74;
	can_world_expect(&w, "victron", 0x356, "CA151E0061000000");
}

/* Mean of the sensors that are there (16.5); 8 and 25 degrees C are 281 and 298 K. */
static void test_temperature_is_the_mean_of_the_sensors(void **state)
{
	struct can_world w;

	can_world_start(&w, "victron");
	w.battery.temp_internal_c = 60;
	w.battery.temp_external_c[0] = 25;
	w.battery.temp_external_c[1] = 8;
	can_world_expect(&w, "victron", 0x356, "CA15E2FFA5000000");
	can_world_expect(&w, "victron", 0x373, "8C0F960F19012A01");
	can_world_expect(&w, "victron", 0x376, "3200000000000000");
	can_world_expect(&w, "victron", 0x377, "3100000000000000");
	w.battery.temp_external_c[0] = (double) NAN;
	can_world_expect(&w, "victron", 0x356, "CA15E2FF50000000");
}

static void test_temperature_of_the_bms_without_sensors(void **state)
{
	struct can_world w;

	can_world_start(&w, "victron");
	w.battery.temp_external_c[0] = (double) NAN;
	w.battery.temp_internal_c = 31.4;
	can_world_expect(&w, "victron", 0x356, "CA15E2FF3A010000");
	can_world_expect(&w, "victron", 0x351, "280258022003CC01");
	can_world_expect(&w, "victron", 0x376, "3000000000000000");
}

/* A comfortable temperature is never invented: 8000, or 0 with no current and the failure bit. */
static void test_no_temperature_at_all(void **state)
{
	struct can_world w;

	can_world_start(&w, "sma");
	w.battery.temp_external_c[0] = (double) NAN;
	can_world_expect(&w, "sma", 0x356, "CA15E2FF0080FFFF");
	can_world_expect(&w, "mg", 0x356, "CA15E2FF0080FFFF");
	can_world_expect(&w, "sma", 0x351, "280258022003CC01");
	can_world_expect(&w, "victron", 0x356, "CA15E2FF00000000");
	can_world_expect(&w, "victron", 0x351, "280200000000CC01");
	can_world_expect(&w, "victron", 0x35A, "AAAA6A02AAAAAA0A");
	can_world_expect(&w, "victron", 0x373, "8C0F960FFFFFFFFF"); /* a field with a code */
	can_world_expect(&w, "pylontech", 0x356, "CA15E2FF00000000");
	can_world_expect(&w, "pylontech", 0x351, "280200000000CC01");
	can_world_expect(&w, "pylontech", 0x359, "0008000001504E00");
	can_world_expect(&w, "pylontech", 0x35C, "0000000000000000");
	can_world_expect(&w, "growatt", 0x311, "0228000000000C03");
	can_world_expect(&w, "schneider", EFF(0x322), "0000000000000000");
	can_world_expect(&w, "schneider", EFF(0x325), "000800000100");
}

/* Nor a voltage, a current or a state of charge. */
static void test_other_measurements_missing(void **state)
{
	struct can_world w;

	for (unsigned missing = 0; missing < 3; missing++) {
		can_world_start(&w, "pylontech");
		if (missing == 0)
			w.battery.pack_v = (double) NAN;
		else if (missing == 1)
			w.battery.current_a = (double) NAN;
		else
			w.battery.soc_pct = (double) NAN;
		can_world_expect(&w, "pylontech", 0x351, "280200000000CC01");
		can_world_expect(&w, "pylontech", 0x359, "0008000001504E00");
		can_world_expect(&w, "pylontech", 0x35C, "0000000000000000");
		can_world_expect(&w, "sma", 0x351, "280258022003CC01");
	}
	can_world_expect(&w, "sma", 0x355, "FFFF6400FFFFFFFF");
}

static void test_limits_missing(void **state)
{
	struct can_world w;

	can_world_start(&w, "victron");
	w.limits.ccl_a = w.limits.dcl_a = (double) NAN;
	can_world_expect(&w, "victron", 0x351, "280200000000CC01");
	w.limits.ccl_a = w.limits.dcl_a = -5;
	can_world_expect(&w, "sma", 0x351, "280200000000CC01");
}

/* FFFF in SMA's family; elsewhere 100, because 0 would be a dead battery. */
static void test_no_soh(void **state)
{
	struct can_world w;

	can_world_start(&w, "sma");
	w.battery.soh_pct = (double) NAN;
	can_world_expect(&w, "sma", 0x355, "5300FFFFA320FFFF");
	can_world_expect(&w, "mg", 0x355, "5300FFFFA320FFFF");
	can_world_expect(&w, "victron", 0x355, "53006400A3200000");
	can_world_expect(&w, "pylontech", 0x355, "5300640000000000");
	can_world_expect(&w, "growatt", 0x313, "15CAFFE200615364");
	can_world_expect(&w, "schneider", EFF(0x326), "000300000064028A");
}

/* A direction that is blocked loses its enable bit; a limit of 0 because full does not. */
static void test_enables_clear_when_blocked_not_when_full(void **state)
{
	struct can_world w;

	can_world_start(&w, "pylontech");
	w.limits.ccl_a = 0;
	can_world_expect(&w, "pylontech", 0x35C, "C000000000000000");
	w.limits.charge_blocked = true;
	can_world_expect(&w, "pylontech", 0x35C, "4000000000000000");
	can_world_expect(&w, "luxpower", 0x35C, "4000000000000000");
	can_world_expect(&w, "growatt", 0x319, "410F960F8C050200");
	can_world_expect(&w, "schneider", EFF(0x325), "000400000000");
	w.limits.discharge_blocked = true;
	can_world_expect(&w, "pylontech", 0x35C, "0000000000000000");
	can_world_expect(&w, "schneider", EFF(0x325), "000800000000");
}

/* clang-format off */

/* Where an alarm stands, as {byte, what that byte becomes}; {0, -1}: nowhere. Warnings stand
 * 4 bytes on in 0x35A, 2 on in 0x359 and 0x312, 2 before in 0x325. */
struct place {
	unsigned byte;
	int becomes;
};
static const struct position {
	enum alarm_id id;
	struct place pairs /* 0x35A */, pylontech /* 0x359 */, growatt /* 0x312 */, schneider /* 0x325 */;
} positions[] = {
	{ ALARM_HIGH_CELL_VOLTAGE,         { 0, 0xA6 }, { 0, 0x02 }, { 0, 0x10 }, { 5, 0x10 } },
	{ ALARM_HIGH_VOLTAGE,              { 0, 0xA6 }, { 0, 0x02 }, { 0, 0x04 }, { 5, 0x10 } },
	{ ALARM_LOW_CELL_VOLTAGE,          { 0, 0x9A }, { 0, 0x04 }, { 0, 0x08 }, { 5, 0x20 } },
	{ ALARM_LOW_VOLTAGE,               { 0, 0x9A }, { 0, 0x04 }, { 0, 0x02 }, { 5, 0x20 } },
	{ ALARM_HIGH_TEMPERATURE,          { 0, 0x6A }, { 0, 0x08 }, { 1, 0xC0 }, { 5, 0x04 } },
	{ ALARM_HIGH_INTERNAL_TEMPERATURE, { 0, 0x6A }, { 0, 0x08 }, { 1, 0xC0 }, { 5, 0x04 } },
	{ ALARM_LOW_TEMPERATURE,           { 1, 0xA9 }, { 0, 0x10 }, { 1, 0x30 }, { 5, 0x08 } },
	{ ALARM_LOW_CHARGE_TEMPERATURE,    { 1, 0x9A }, { 0, 0x10 }, { 1, 0x10 }, { 5, 0x08 } },
	{ ALARM_HIGH_DISCHARGE_CURRENT,    { 1, 0x6A }, { 0, 0x80 }, { 0, 0x80 }, { 5, 0x02 } },
	{ ALARM_HIGH_CURRENT,              { 1, 0x6A }, { 0, 0x80 }, { 0, 0x80 }, { 5, 0x02 } },
	{ ALARM_HIGH_CHARGE_CURRENT,       { 2, 0xA9 }, { 1, 0x01 }, { 0, 0x40 }, { 5, 0x01 } },
	{ ALARM_INTERNAL_FAILURE,          { 2, 0x6A }, { 1, 0x08 }, { 1, 0x08 }, { 4, 0x01 } },
	{ ALARM_BMS_CABLE,                 { 2, 0x6A }, { 1, 0x08 }, { 1, 0x08 }, { 4, 0x01 } },
	{ ALARM_CELL_IMBALANCE,            { 3, 0x01 }, { 0, -1 },   { 1, 0x04 }, { 5, 0x40 } },
	{ ALARM_LOW_SOC,                   { 0, -1 },   { 0, -1 },   { 0, -1 },   { 0, -1 } },
};
/* clang-format on */

static void expect_at(const struct can_world *w, const char *protocol, canid_t id, const char *calm,
		      struct place place, int shift)
{
	g_autofree char *want = g_strdup(calm);
	g_autofree char *digits = g_strdup_printf("%02X", (unsigned) place.becomes & 0xFF);

	if (place.becomes >= 0)
		memcpy(want + 2 * ((int) place.byte + shift), digits, 2);
	can_world_expect(w, protocol, id, want);
}

/* Byte 7 of 0x35A shares the imbalance warning with the status pair, which stays "fine". */
static struct place warning_pair(const struct position *p)
{
	const struct place imbalance = { 3, 0x09 };

	return p->id == ALARM_CELL_IMBALANCE ? imbalance : p->pairs;
}

/* Growatt has a warning of its own for its internal communication. */
static struct place growatt_warning(const struct position *p)
{
	const struct place communication = { 1, 0x01 };

	return p->id == ALARM_INTERNAL_FAILURE || p->id == ALARM_BMS_CABLE ? communication
									   : p->growatt;
}

static void test_every_alarm_has_its_bit(void **state)
{
	static const char pairs[] = "AAAAAA02AAAAAA0A", pylontech[] = "0000000001504E00",
			  growatt[] = "0000000001AABB0E", schneider[] = "000600000000";

	assert_int_equal(G_N_ELEMENTS(positions), ALARM_COUNT);
	for (size_t i = 0; i < G_N_ELEMENTS(positions); i++) {
		const struct position *p = &positions[i];
		struct can_world w;

		can_world_start(&w, "victron");
		w.input.alarms[p->id] = ALARM_ALARM;
		expect_at(&w, "victron", 0x35A, pairs, p->pairs, 0);
		expect_at(&w, "pylontech", 0x359, pylontech, p->pylontech, 0);
		expect_at(&w, "growatt", 0x312, growatt, p->growatt, 0);
		expect_at(&w, "schneider", EFF(0x325), schneider, p->schneider, 0);
		w.input.alarms[p->id] = ALARM_WARNING;
		expect_at(&w, "victron", 0x35A, pairs, warning_pair(p), 4);
		expect_at(&w, "pylontech", 0x359, pylontech, p->pylontech, 2);
		expect_at(&w, "growatt", 0x312, growatt, growatt_warning(p), 2);
		expect_at(&w, "schneider", EFF(0x325), schneider, p->schneider, -2);
	}
}

/* Stale for 10 s: limits as given, internal failure, both enables gone. */
static void test_stale(void **state)
{
	struct can_world w;

	can_world_start(&w, "victron");
	w.limits.ccl_a = w.limits.dcl_a = 0;
	w.limits.bms_cable_warning = true;
	w.input.alarms[ALARM_BMS_CABLE] = ALARM_WARNING;
	can_world_expect(&w, "victron", 0x351, "280200000000CC01");
	can_world_expect(&w, "victron", 0x35A, "AAAA6A02AAAA6A06");
	can_world_expect(&w, "victron", 0x372, "0000010001000100");
	can_world_expect(&w, "pylontech", 0x359, "0008000801504E00");
	can_world_expect(&w, "pylontech", 0x35C, "0000000000000000");
	can_world_expect(&w, "mg", 0x35B, "0000000001000000");
}

/* FFFFFFFF until the history knows; Victron counts 100 Wh, MG 10 Wh, Schneider 1 Wh. */
static void test_energy(void **state)
{
	struct can_world w;

	can_world_start(&w, "victron");
	can_world_expect(&w, "victron", 0x378, "FFFFFFFFFFFFFFFF");
	can_world_expect(&w, "mg", 0x378, "FFFFFFFFFFFFFFFF");
	w.input.energy_in_wh = 211200;
	w.input.energy_out_wh = 183500;
	can_world_expect(&w, "victron", 0x378, "400800002B070000");
	can_world_expect(&w, "mg", 0x378, "80520000AE470000");
	can_world_expect(&w, "schneider", EFF(0x328), "000339000002CCCC");
}

/* Both halves, or neither while the BMS has not said it. */
static void test_serial_number(void **state)
{
	struct can_world w;

	can_world_start(&w, "victron");
	can_world_expect(&w, "victron", 0x380, "");
	can_world_expect(&w, "victron", 0x381, "");
	can_world_expect(&w, "mg", 0x380, "");
	g_strlcpy(w.battery.identity.serial, "0123456789ABCDEF01234567",
		  sizeof(w.battery.identity.serial));
	can_world_expect(&w, "victron", 0x380, "3031323334353637");
	can_world_expect(&w, "victron", 0x381, "3031323334353637");
	can_world_expect(&w, "mg", 0x380, "3031323334353637");
	can_world_expect(&w, "schneider", EFF(0x330), "0000000034353637");
	can_world_expect(&w, "schneider", EFF(0x331), "3839414243444546");
	can_world_expect(&w, "schneider", EFF(0x332), "3031323334353637");
}

/* As many frames of four as the cells need; who is absent in the last one is 0. */
static void test_growatt_cells(void **state)
{
	for (unsigned cells = 1; cells <= BATTERY_CELLS_MAX; cells++) {
		struct can_world w;

		can_world_start(&w, "growatt");
		w.battery.cell_count = cells;
		for (unsigned i = 0; i < BATTERY_CELLS_MAX; i++)
			w.battery.cell_v[i] = 3.001 + 0.001 * i;
		battery_derive(&w.battery);
		for (unsigned frame = 0; frame < 4; frame++) {
			char want[17] = "";

			for (unsigned i = 4 * frame; cells > 4 * frame && i < 4 * frame + 4; i++)
				sprintf(want + strlen(want), "%04X", i < cells ? 3001 + i : 0);
			can_world_expect(&w, "growatt", 0x315 + frame, want);
		}
	}
}

/* The battery asks for a full charge; a charge from the grid is the owner's wish. */
static void test_charge_requests(void **state)
{
	struct can_world w;

	can_world_start(&w, "luxpower");
	w.input.full_charge_due = true;
	w.limits.charge_request = true;
	can_world_expect(&w, "luxpower", 0x35C, "C800000000000000");
	w.options.force_charge_1 = w.options.force_charge_2 = true;
	can_world_expect(&w, "luxpower", 0x35C, "F800000000000000");
	can_world_expect(&w, "schneider", EFF(0x325), "000700000000");
	can_world_expect(&w, "growatt", 0x319, "F10F960F8C050200");
	w.limits.charge_request = false;
	can_world_expect(&w, "luxpower", 0x35C, "C800000000000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounding_is_never_generous),
		cmocka_unit_test(test_measurements_round_to_nearest),
		cmocka_unit_test(test_temperature_is_the_mean_of_the_sensors),
		cmocka_unit_test(test_temperature_of_the_bms_without_sensors),
		cmocka_unit_test(test_no_temperature_at_all),
		cmocka_unit_test(test_other_measurements_missing),
		cmocka_unit_test(test_limits_missing),
		cmocka_unit_test(test_no_soh),
		cmocka_unit_test(test_enables_clear_when_blocked_not_when_full),
		cmocka_unit_test(test_every_alarm_has_its_bit),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_energy),
		cmocka_unit_test(test_serial_number),
		cmocka_unit_test(test_growatt_cells),
		cmocka_unit_test(test_charge_requests),
	};

	return cmocka_run_group_tests_name("can_rules", tests, NULL, NULL);
}
