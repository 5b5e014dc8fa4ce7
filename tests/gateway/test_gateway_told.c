/* SPDX-License-Identifier: MIT */
/* What is told of a battery's document: metrics, the bridges' documents, curves. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "gateway/curves.h"
#include "gateway/legacy_document.h"
#include "gateway/metrics.h"

static cJSON *document(void)
{
	g_autofree char *text = NULL;
	cJSON *d;

	assert_true(g_file_get_contents(DOCUMENT, &text, NULL, NULL));
	d = cJSON_Parse(text);
	assert_non_null(d);
	return d;
}

static const cJSON *get(const cJSON *object, const char *path)
{
	g_auto(GStrv) part = g_strsplit(path, ".", -1);

	for (guint i = 0; part[i]; i++)
		object = cJSON_GetObjectItemCaseSensitive(object, part[i]);
	return object;
}

static void assert_number(const cJSON *object, const char *path, double wanted)
{
	const cJSON *item = get(object, path);

	if (!cJSON_IsNumber(item) || fabs(item->valuedouble - wanted) > 1e-9)
		fail_msg("%s is %g, not %g", path,
			 cJSON_IsNumber(item) ? item->valuedouble : (double) NAN, wanted);
}

/* ---- the bridges' documents --------------------------------------------------------------- */

static void test_legacy_values(void **state)
{
	cJSON *d = document(), *l = legacy_document_make(d, NULL);

	assert_number(l, "live_data.voltage", 53.12);
	assert_number(l, "live_data.current", -12.3);
	assert_number(l, "live_data.pack_power_w", -653.4);
	assert_number(l, "live_data.min_cell_mv", 3318);
	assert_number(l, "live_data.cell_imbalance_mv", 7);
	assert_number(l, "live_data.balancing_bits", 2); /* cell 2 */
	assert_number(l, "live_data.online_status", 0x91);
	assert_number(l, "stats.cvl_current_v", 55.2);
	assert_number(l, "stats.ccl_limit_a", 100);
	assert_number(l, "stats.energy_charged_wh", 1200);
	assert_number(l, "stats.uart_success_count", 10);
	assert_number(l, "battery.overvoltage_cutoff_mv", 3800);
	assert_number(l, "battery.series_cell_count", 4);
	assert_number(l, "battery.mos_temperature_c", 24.1);
	assert_number(l, "battery.alarm_bits", 1 << 4);	  /* HighTemperature */
	assert_number(l, "battery.warning_bits", 1 << 1); /* LowCellVoltage */
	assert_number(l, "battery.hardware_version", 1);
	assert_false(cJSON_IsTrue(get(l, "battery.is_charging")));
	assert_string_equal(get(l, "type")->valuestring, "battery");
	assert_int_equal(cJSON_GetArraySize(get(l, "battery.cell_voltage_mv")), 16);
	assert_true(cJSON_IsNull(cJSON_GetArrayItem(get(l, "battery.cell_voltage_mv"), 3)));
	assert_int_equal(cJSON_GetArraySize(get(l, "alarms")), 2);
	cJSON_Delete(l);
	cJSON_Delete(d);
}

/* Sums over both outputs; what the ESP32's driver counted is known to nobody here. */
static void test_legacy_can(void **state)
{
	static const char *const pairs[][2] = {
		{ "stats.can.tx_success", "stats.can_tx_count" },
		{ "stats.can.rx_success", "stats.can_rx_count" },
		{ "stats.can.tx_errors", "stats.can_tx_errors" },
		{ "stats.can.rx_errors", "stats.can_rx_errors" },
		{ "stats.can.bus_off_count", "stats.can_bus_off_count" },
		{ "stats.can.rx_dropped", "stats.can_queue_overflows" },
	};
	cJSON *d = document(), *l = legacy_document_make(d, NULL);

	assert_number(l, "stats.can.tx_success", 1230);
	assert_number(l, "stats.can.rx_success", 40);
	assert_number(l, "stats.can.tx_errors", 23);
	for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
		assert_true(cJSON_Compare(get(l, pairs[i][0]), get(l, pairs[i][1]), true));
		if (i >= 3)
			assert_true(cJSON_IsNull(get(l, pairs[i][0])));
	}
	cJSON_Delete(l);

	cJSON_ReplaceItemInObjectCaseSensitive(d, "is_on_bus", cJSON_CreateFalse());
	cJSON_ReplaceItemInObjectCaseSensitive(d, "can", cJSON_CreateArray());
	l = legacy_document_make(d, NULL);
	assert_true(cJSON_IsNull(get(l, "stats.can.tx_success")));
	cJSON_Delete(l);

	cJSON_ReplaceItemInObjectCaseSensitive(d, "is_on_bus", cJSON_CreateTrue());
	l = legacy_document_make(d, NULL);
	assert_number(l, "stats.can.tx_success", 0); /* without an output */
	cJSON_Delete(l);

	/* it is on the bus, and has not told yet what it has there */
	cJSON_ReplaceItemInObjectCaseSensitive(d, "product", cJSON_CreateNull());
	l = legacy_document_make(d, NULL);
	assert_true(cJSON_IsNull(get(l, "stats.can.tx_success")));
	cJSON_Delete(l);
	cJSON_Delete(d);
}

/* Nothing is known: every key is there, and no number is made up. */
static void test_legacy_of_nothing(void **state)
{
	cJSON *d = cJSON_CreateObject(), *l = legacy_document_make(d, NULL);
	static const char *const unknown[] = {
		"live_data.voltage",  "live_data.soc_percent",	"live_data.online_status",
		"stats.ccl_limit_a",  "battery.pack_voltage_v", "battery.overheat_cutoff_c",
		"stats.can_tx_count", "stats.can_rx_count",	"stats.can_tx_errors"
	};

	for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++)
		assert_true(cJSON_IsNull(get(l, unknown[i])));
	assert_true(cJSON_IsFalse(get(l, "alarms_active")));
	cJSON_Delete(l);
	cJSON_Delete(d);
}

/* ---- metrics --------------------------------------------------------------------------------- */

static void assert_told(const GString *text, const char *line)
{
	if (!strstr(text->str, line))
		fail_msg("no \"%s\" in\n%s", line, text->str);
}

static void test_metrics(void **state)
{
	cJSON *d = document();
	const cJSON *const all[] = { d };
	GString *open = metrics_make(all, 1, "a \"b\"\\c", NULL, true);
	GString *text = metrics_make(all, 1, "", NULL, false);

	assert_told(open, "tinybms_battery_state_of_charge_ratio{site=\"a \\\"b\\\"\\\\c\","
			  "battery=\"usb_FTDI_1\"} 0.742\n");
	assert_told(open, "# TYPE tinybms_battery_bms_polls counter\n");
	assert_told(open, "# UNIT tinybms_battery_voltage_volts volts\n");
	assert_true(g_str_has_suffix(open->str, "# EOF\n"));
	assert_told(text, "# TYPE tinybms_battery_bms_polls_total counter\n");
	assert_told(text, "tinybms_battery_charged_joules_total{site=\"\",battery=\"usb_FTDI_1\"} "
			  "4320000\n");
	assert_told(text, "sensor=\"external_1\"} -2.5\n");
	assert_told(text, "alarm=\"HighTemperature\"} 2\n");
	assert_null(strstr(text->str, "# UNIT"));
	assert_null(strstr(text->str, "external_2")); /* it is not known */
	assert_null(strstr(text->str, "time_to_go_seconds{"));
	g_string_free(open, TRUE);
	g_string_free(text, TRUE);
	cJSON_Delete(d);
}

/* @return how often @text has a line that begins so. */
static unsigned count_lines(const GString *text, const char *begin)
{
	g_autofree char *wanted = g_strdup_printf("\n%s", begin);
	unsigned count = 0;

	for (const char *at = text->str; (at = strstr(at, wanted)); at++)
		count++;
	return count;
}

static void test_metrics_of_can_and_bus(void **state)
{
	static const char *const lines[] = {
		"can_active{site=\"\",battery=\"usb_FTDI_1\",interface=\"can1\"} 1\n",
		"can_active{site=\"\",battery=\"usb_FTDI_1\",interface=\"can0\"} 0\n",
		"can_frames_sent_total{site=\"\",battery=\"usb_FTDI_1\",interface=\"can1\"} 1200\n",
		"can_sets_dropped_total{site=\"\",battery=\"usb_FTDI_1\",interface=\"can0\"} 20\n",
		"can_openings_total{site=\"\",battery=\"usb_FTDI_1\",interface=\"can0\"} 7\n",
		"can_latency_max_seconds{site=\"\",battery=\"usb_FTDI_1\",interface=\"can1\"} "
		"0.0405\n",
		"bus_signals_total{site=\"\",battery=\"usb_FTDI_1\"} 900\n",
		"bus_signal_bytes_total{site=\"\",battery=\"usb_FTDI_1\"} 250000\n",
		"bus_latency_max_seconds{site=\"\",battery=\"usb_FTDI_1\"} 0.0085\n",
		"history_gap_seconds_total{site=\"\",battery=\"usb_FTDI_1\"} 3600\n",
	};
	cJSON *d = document();
	const cJSON *const all[] = { d };
	cJSON *outputs = cJSON_GetObjectItemCaseSensitive(d, "can");
	GString *text = metrics_make(all, 1, "", NULL, true);

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autofree char *line = g_strdup_printf("\ntinybms_battery_%s", lines[i]);

		assert_told(text, line);
	}
	/* it has never sent, nor heard anybody */
	assert_int_equal(count_lines(text, "tinybms_battery_can_latency_mean_seconds{"), 1);
	assert_int_equal(count_lines(text, "tinybms_battery_can_inverter_age_seconds{"), 1);
	g_string_free(text, TRUE);

	while (cJSON_GetArraySize(outputs) < 3 * METRICS_CAN_OUTPUTS_MAX)
		cJSON_AddItemToArray(outputs,
				     cJSON_Duplicate(cJSON_GetArrayItem(outputs, 0), true));
	text = metrics_make(all, 1, "", NULL, true);
	assert_int_equal(count_lines(text, "tinybms_battery_can_active{"), METRICS_CAN_OUTPUTS_MAX);
	g_string_free(text, TRUE);
	cJSON_Delete(d);
}

static void test_metrics_of_certificates(void **state)
{
	cJSON *list = cJSON_Parse("[{\"use\":\"https\",\"valid_until\":253402300799},"
				  "{\"use\":\"mqtt\",\"valid_until\":null}]");
	GString *open = metrics_make(NULL, 0, "a \"b\"", list, true);
	GString *text = metrics_make(NULL, 0, "", list, false);

	assert_told(open, "# UNIT tinybms_gateway_certificate_expiry_timestamp_seconds seconds\n");
	assert_told(open, "\ntinybms_gateway_certificate_expiry_timestamp_seconds"
			  "{site=\"a \\\"b\\\"\",use=\"https\"} 253402300799\n");
	assert_int_equal(count_lines(text, "tinybms_gateway_certificate_expiry_timestamp_seconds{"),
			 1);
	g_string_free(open, TRUE);
	g_string_free(text, TRUE);
	cJSON_Delete(list);
}

/* What is too old to act on is not told as if it were fresh. */
static void test_metrics_old(void **state)
{
	cJSON *d = document();
	const cJSON *const all[] = { d };
	GString *text;

	cJSON_ReplaceItemInObjectCaseSensitive(d, "is_live", cJSON_CreateFalse());
	text = metrics_make(all, 1, "", NULL, true);
	assert_told(text, "tinybms_battery_live{site=\"\",battery=\"usb_FTDI_1\"} 0\n");
	assert_null(strstr(text->str, "voltage_volts{"));
	assert_null(strstr(text->str, "celsius{"));
	assert_told(text, "tinybms_battery_bms_polls_total{");
	g_string_free(text, TRUE);
	cJSON_Delete(d);
}

static void test_metrics_many(void **state)
{
	const cJSON *all[METRICS_BATTERIES_MAX + 5];
	cJSON *d = document();
	GString *text;

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		all[i] = d;
	text = metrics_make(all, G_N_ELEMENTS(all), "", NULL, true);
	assert_int_equal(count_lines(text, "tinybms_battery_live{"), METRICS_BATTERIES_MAX);
	g_string_free(text, TRUE);
	cJSON_Delete(d);
}

static void test_accept(void **state)
{
	assert_true(metrics_is_openmetrics(NULL));
	assert_true(metrics_is_openmetrics("*/*"));
	assert_true(
		metrics_is_openmetrics("application/openmetrics-text;version=1.0.0,text/plain"));
	assert_false(metrics_is_openmetrics("text/plain;version=0.0.4"));
}

/* ---- curves ------------------------------------------------------------------------------------
 */

static void test_curves(void **state)
{
	static const char *const columns[] = { "t",	 "cell_min", "cell_max", "pack_current",
					       "status", NULL };
	cJSON *records =
		cJSON_Parse("{\"columns\":\"t,silent,cell_1,cell_2,cell_3,pack_current,"
			    "status\",\"rows\":[\"10,0,3.3,3.2,,-5,charging\",\"20,1,,,,,\"]}");
	cJSON *rows = cJSON_CreateArray();
	const double last_s = curves_append(rows, records, columns, (double) NAN);
	char *text = cJSON_PrintUnformatted(rows);

	assert_true(fabs(last_s - 20.0) < 1e-9);
	assert_string_equal(text, "[[10,3.2,3.3,-5,\"charging\"],[20,null,null,null,null]]");
	/* the last of a page is the first of the next one */
	assert_true(fabs(curves_append(rows, records, columns, 10.0) - 20.0) < 1e-9);
	assert_int_equal(cJSON_GetArraySize(rows), 3);
	assert_true(fabs(curves_append(rows, records, columns, 20.0) - 20.0) < 1e-9);
	assert_int_equal(cJSON_GetArraySize(rows), 3);
	assert_true(curves_knows("cell_min"));
	assert_true(curves_knows("cell_16"));
	assert_true(curves_knows("state_of_charge"));
	assert_false(curves_knows("cell_17"));
	assert_false(curves_knows(""));
	for (size_t i = 0; curves_columns[i]; i++)
		assert_true(curves_knows(curves_columns[i]));
	cJSON_free(text);
	cJSON_Delete(rows);
	cJSON_Delete(records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_legacy_values),
		cmocka_unit_test(test_legacy_can),
		cmocka_unit_test(test_legacy_of_nothing),
		cmocka_unit_test(test_metrics_of_can_and_bus),
		cmocka_unit_test(test_metrics_of_certificates),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_metrics_old),
		cmocka_unit_test(test_metrics_many),
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_curves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
