/* SPDX-License-Identifier: MIT */
/* Each row a situation on a GX. */
#include "support.h"

#include "can/can_manners.h"

static const struct {
	const char *name;
	struct can_port_facts facts;
	enum can_verdict verdict;
	int profile; /* asked for */
	const char *says;
} rows[] = {
	{ "free at 500 kbit/s", { "can2", 8, .bit_rate = 500000 }, CAN_USE, 0, "" },
	{ "free at 250 kbit/s", { "can2", 5, .bit_rate = 250000 }, CAN_USE, 0, "" },
	{ "disabled: any bit rate", { "can2", 0, .bit_rate = 125000 }, CAN_USE, 0, "" },
	{ "not known yet", { "can2", CAN_PROFILE_UNKNOWN, true, .bit_rate = 500000 }, CAN_WAIT, 0,
	  "/Settings/Canbus/can2/Profile" },
	{ "VE.Can port of the GX", { "can0", 1, .bit_rate = 500000 }, CAN_REFUSE, 0, "take_port" },
	{ "BMS-Can port: our own battery would return",
	  { "can1", 3, .bit_rate = 500000 }, CAN_REFUSE, 0, "profile 3 (CAN-bus BMS)" },
	{ "free, but at the other bit rate", { "can1", 5, .bit_rate = 500000 }, CAN_REFUSE, 0,
	  "250 kbit/s" },
	{ "fresh adapter, 500", { "can2", 1, true, .bit_rate = 500000 }, CAN_ASK, 8, "asking for 8" },
	{ "fresh adapter, 250", { "can2", 1, true, .bit_rate = 250000 }, CAN_ASK, 5, "asking for 5" },
	{ "fresh adapter, 125", { "can2", 1, true, .bit_rate = 125000 }, CAN_ASK, 0, "asking for 0" },
	{ "named by the owner", { "can1", 3, false, true, 500000 }, CAN_ASK, 8, "" },
	{ "adapter at the other rate", { "can2", 5, true, .bit_rate = 500000 }, CAN_ASK, 8, "" },
	{ "BMS-Can port of a Cerbo: 3 or 0 only",
	  { "can1", 3, false, true, 500000, .is_fixed = true }, CAN_ASK, 0, "asking for 0 (disabled)" },
	{ "BMS-Can port at which somebody set 8",
	  { "can1", 8, .bit_rate = 500000, .is_fixed = true }, CAN_USE, 0, "" },
	{ "before 3.50", { "can1", 3, false, true, 500000, .was_refused = true },
	  CAN_ASK, 0, "asking for 0 (disabled)" },
	{ "all refused",
	  { "can1", 3, false, true, 500000, .was_refused = true, .was_refused_disabled = true },
	  CAN_REFUSE, 0, "/Settings/Canbus/can1/Profile" },
	{ "chargers on it", { "can0", 1, false, true, 500000, .has_neighbours = true }, CAN_REFUSE,
	  0, "vanish" },
	{ "chargers on an adapter", { "can2", 1, true, false, 500000, .has_neighbours = true },
	  CAN_REFUSE, 0, "vanish" },
	{ "NMEA 2000 on a free port has neighbours",
	  { "can2", 5, true, false, 250000, .has_neighbours = true }, CAN_USE, 0, "" },
	{ "the old service still runs",
	  { "can2", 8, true, false, 500000, .service = "vecan-dbus.can2" }, CAN_WAIT, 0,
	  "waiting for vecan-dbus.can2 to leave can2" },
};

static void test_rows(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct can_judgement j;

		print_message("# %s\n", rows[i].name);
		can_manners_judge(&rows[i].facts, &j);
		assert_int_equal(j.verdict, rows[i].verdict);
		if (j.verdict == CAN_ASK)
			assert_int_equal(j.profile, rows[i].profile);
		assert_contains(j.why, rows[i].says);
		assert_int_equal(j.verdict == CAN_USE, j.why[0] == '\0');
	}
}

/* Whatever the facts, frames never leave on a profile that has services. */
static void test_never_beside_a_service(void **state)
{
	for (int profile = CAN_PROFILE_UNKNOWN; profile <= 12; profile++)
		for (unsigned bits = 0; bits < 128; bits++) {
			const struct can_port_facts facts = {
				"can0",
				profile,
				bits & 1,
				bits & 2,
				bits & 4 ? 250000 : 500000,
				bits & 8,
				bits & 16,
				bits & 32,
				bits & 64,
			};
			struct can_judgement j;

			can_manners_judge(&facts, &j);
			if (j.verdict == CAN_USE)
				assert_true(profile == 0 || profile == (bits & 4 ? 5 : 8));
			if (j.verdict == CAN_ASK)
				assert_true(bits & 3 && !(bits & 8));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_never_beside_a_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
