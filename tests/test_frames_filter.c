/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "frames_filter.h"

#define MEASURED                                                                                   \
	"\"cells\":[3.98,3.985,3.985,3.99],\"current\":-3,\"soc\":83.55,\"soh\":100,"              \
	"\"temperatures\":[30,9.7,null],\"status\":\"discharging\",\"faults\":[]"
#define SETTINGS                                                                                   \
	"\"settings\":{\"fully_charged_voltage\":4.1,\"fully_discharged_voltage\":3.0,"            \
	"\"early_balancing_threshold\":3.9,\"over_voltage_cutoff\":4.2,"                           \
	"\"under_voltage_cutoff\":2.8,\"allowed_disbalance\":0.015,"                               \
	"\"charge_finished_current\":2,\"discharge_over_current_cutoff\":200,"                     \
	"\"charge_over_current_cutoff\":100,\"battery_capacity\":65,\"series_cells\":4,"           \
	"\"over_heat_cutoff\":60,\"low_temperature_charge_cutoff\":0}"
#define LIMITS "\"limits\":{\"cvl\":55.2,\"ccl\":60,\"dcl\":80,\"dvl\":46}"

struct run {
	int status;
	char *out, *err; /* (owned) */
};

static struct run filter(const char *protocol, const char *text)
{
	struct config config;
	struct run r = { 0 };
	size_t out_size, err_size;
	FILE *in = fmemopen((void *) text, strlen(text), "r");
	FILE *out = open_memstream(&r.out, &out_size);
	FILE *err = open_memstream(&r.err, &err_size);

	config_init(&config);
	r.status = frames_filter_run(protocol, in, out, err, &config);
	fclose(in);
	fclose(out);
	fclose(err);
	return r;
}

static void run_free(struct run *r)
{
	free(r->out);
	free(r->err);
}

static unsigned count(const char *text, const char *part)
{
	unsigned n = 0;

	for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
		n++;
	return n;
}

/* clang-format off */
static const struct output_case {
	const char *name, *protocol, *line, *want;
} outputs[] = {
	{ "limits given, in words", "victron", "{" MEASURED "," SETTINGS "," LIMITS "}",
	  "(0.000000) can0 351#280258022003CC01\n# charge voltage limit 55.2 V\n"
	  "# charge current limit 60.0 A\n" },
	{ "no settings, limits given", "pylontech", "{" MEASURED "," LIMITS "}",
	  "(0.000000) can0 35C#C000000000000000\n# conditions: charge enabled, discharge enabled\n" },
	{ "29 bits", "schneider", "{" MEASURED "," LIMITS "}",
	  "(0.000000) can0 00000321#00001590000011F8\n" },
	{ "short frame", "schneider", "{" MEASURED "," LIMITS "}",
	  "(0.000000) can0 00000320#0002\n# constant\n" },
	{ "alarms given", "victron",
	  "{" MEASURED "," LIMITS ",\"alarms\":{\"HighCellVoltage\":2,\"LowTemperature\":1}}",
	  "35A#A6AAAA02AAA9AA0A\n# alarms: voltage high\n# warnings: temperature low\n" },
	{ "full is not blocked", "pylontech",
	  "{" MEASURED ",\"limits\":{\"cvl\":55.2,\"ccl\":0,\"dcl\":80,\"dvl\":46}}", "35C#C0" },
	{ "a cell too high is", "pylontech",
	  "{" MEASURED ",\"limits\":{\"cvl\":55.2,\"ccl\":0,\"dcl\":80,\"dvl\":46},"
	  "\"alarms\":{\"HighCellVoltage\":2}}", "35C#40" },
	{ "the controller's limits", "victron", "{" MEASURED "," SETTINGS "}", "# charge voltage limit 16." },
	{ "time of the line", "victron", "{\"t\":12.5," MEASURED "," SETTINGS "}", "(12.500000) can0 351#" },
	{ "SMA obeys 41 to 63 V", "sma",
	  "{" MEASURED ",\"limits\":{\"cvl\":63.1,\"ccl\":1,\"dcl\":1,\"dvl\":46}}",
	  "# the inverter ignores a charge voltage limit outside 41 to 63 V\n(0.000000) can0 351#7702" },
	{ "NMEA 2000 in parts", "nmea2000", "{" MEASURED "," LIMITS "}",
	  "(0.000000) can0 19F21250#200B0100005464FF\n# PGN 127506, part 1 of 2\n"
	  "(0.000000) can0 19F21250#21FFFFFFFFFFFFFF\n# PGN 127506, source 80\n"
	  "# sequence id 1\n# battery instance 0\n# SOC 84 %\n# SOH 100 %\n" },
	{ "nothing yet", "victron", "{\"t\":1}", "# nothing is sent: no data yet\n" },
};

static const struct refusal_case {
	const char *protocol, *line, *want;
} refusals[] = {
	{ "victorn", "{}", "unknown protocol \"victorn\"" },
	{ "victron", "351", "line 1: not one JSON object" },
	{ "victron", "{}", "line 1: \"cells\": is missing" },
	{ "victron", "{" MEASURED "}", "\"settings\": is missing" },
	{ "victron", "{" MEASURED ",\"limits\":5}", "\"limits\": no object" },
	{ "victron", "{" MEASURED ",\"limits\":{\"ccl\":-1}}", "\"ccl\": no number from 0 on" },
	{ "victron", "{" MEASURED "," LIMITS ",\"alarms\":{\"Fire\":1}}", "\"Fire\": no alarm of that name" },
	{ "victron", "{" MEASURED "," LIMITS ",\"alarms\":{\"LowSoc\":3}}", "\"LowSoc\": a level is 0, 1 or 2" },
};
/* clang-format on */

static void test_outputs(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(outputs); i++) {
		struct run r = filter(outputs[i].protocol, outputs[i].line);

		print_message("%s\n", outputs[i].name);
		assert_string_equal(r.err, "");
		assert_int_equal(r.status, 0);
		assert_contains(r.out, outputs[i].want);
		run_free(&r);
	}
}

static void test_refusals(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
		struct run r = filter(refusals[i].protocol, refusals[i].line);

		assert_int_equal(r.status, 2);
		assert_string_equal(r.out, "");
		assert_contains(r.err, refusals[i].want);
		run_free(&r);
	}
}

static void test_each_line_is_a_set(void **state)
{
	struct run r =
		filter("pylontech", "{" MEASURED "," LIMITS "}\n{" MEASURED "," LIMITS "}\n");

	assert_int_equal(count(r.out, " 351#"), 2);
	assert_int_equal(count(r.out, "(0.000000) can0 "), 12);
	run_free(&r);
}

/* SMA's alarm stays for 10 s after it came, then its leave bit (10b). */
static void test_alarms_are_held_in_time(void **state)
{
	static const char high[] = ",\"alarms\":{\"HighVoltage\":2}}\n";
	g_autofree char *lines = g_strdup_printf(
		"{\"t\":1,%s%s{\"t\":2,%s}\n{\"t\":10.9,%s}\n{\"t\":11,%s}\n", MEASURED "," LIMITS,
		high, MEASURED "," LIMITS, MEASURED "," LIMITS, MEASURED "," LIMITS);
	struct run r = filter("sma", lines);

	assert_int_equal(count(r.out, "35A#A6"), 3);
	assert_contains(r.out, "(11.000000) can0 35A#AAAAAA02AAAAAA02\n");
	run_free(&r);
	r = filter("victron", lines);
	assert_int_equal(count(r.out, "35A#A6"), 1);
	run_free(&r);
}

/* Silent for 10 s: limits of 0 A and the internal failure; after 60 s nothing. */
static void test_stale(void **state)
{
	struct run r = filter("victron", "{\"t\":1," MEASURED "," SETTINGS "}\n{\"t\":12}\n"
					 "{\"t\":62}\n{\"t\":63}\n");

	assert_contains(r.out, "# charge current limit 0.0 A\n# discharge current limit 0.0 A\n");
	assert_contains(r.out, "# alarms: internal failure\n");
	assert_contains(r.out, "# nothing is sent: ");
	run_free(&r);
}

static void test_list(void **state)
{
	static const char *const names[] = { "victron", "pylontech", "pylontech-ext", "deye",
					     "sol-ark", "luxpower",  "sma",	      "mg",
					     "byd",	"goodwe",    "growatt",	      "schneider",
					     "sofar",	"nmea2000" };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	frames_filter_list(out);
	fclose(out);

	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_auto(GStrv) words = g_strsplit(lines[i], " ", 2);

		assert_string_equal(words[0], names[i]);
		assert_contains(lines[i],
				i + 1 < G_N_ELEMENTS(names) ? " 500 kbit/s" : " 250 kbit/s");
		assert_contains(lines[i], "options: ");
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_each_line_is_a_set),
		cmocka_unit_test(test_alarms_are_held_in_time),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests_name("frames_filter", tests, NULL, NULL);
}
