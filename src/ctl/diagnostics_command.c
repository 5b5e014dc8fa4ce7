/* SPDX-License-Identifier: MIT */
/* diagnostics: what line, bus, CAN and the BMS itself have counted */
#include "ctl/command.h"

#include "ctl/json_read.h"
#include "ctl/page.h"
#include "ctl/service_command.h"

enum { VALUE_COLUMN = 32 };

struct row {
	const char *key; /* of the part of the answer; NULL: the end */
	const char *title;
	const char *unit;
	int decimals;
};

#define LATENCIES                                                                                  \
	{ "latency_mean_ms", "Latency, mean", "ms", 1 },                                           \
		{ "latency_last_ms", "Latency, last", "ms", 1 },                                   \
	{                                                                                          \
		"latency_max_ms", "Latency, longest", "ms", 1                                      \
	}

/* clang-format off */
static const struct row line_rows[] = {
	{ "polls", "Live reads", "", 0 },
	{ "successes", "Answered", "", 0 },
	{ "timeouts", "Timeouts", "", 0 },
	{ "crc_errors", "Broken answers", "", 0 },
	{ "refusals", "Refusals", "", 0 },
	{ "retries", "Retries", "", 0 },
	{ "reopens", "Port opened again", "", 0 },
	LATENCIES,
	{ NULL },
};

static const struct row bus_rows[] = {
	{ "signals", "Signals", "", 0 },
	{ "paths", "Paths in them", "", 0 },
	{ "bytes", "Bytes of them", "", 0 },
	LATENCIES,
	{ NULL },
};

static const struct row can_rows[] = {
	{ "frames_sent", "Frames sent", "", 0 },
	{ "frames_received", "Frames received", "", 0 },
	{ "frames_refused", "Frames that had to wait", "", 0 },
	{ "sets_dropped", "Sets dropped", "", 0 },
	{ "errors", "Errors", "", 0 },
	{ "openings", "Interface opened", "", 0 },
	LATENCIES,
	{ NULL },
};

static const struct row history_rows[] = {
	{ "gaps", "Gaps", "", 0 },
	{ "gap_s", "Time in gaps", "s", 0 },
	{ NULL },
};

static const struct row statistics_rows[] = {
	{ "statistics_cleared_at", "Cleared at its age of", "s", 0 },
	{ "max_charge_current", "Largest charge current", "A", 1 },
	{ "max_discharge_current", "Largest discharge current", "A", 1 },
	{ "max_cell_voltage_difference", "Largest cell difference", "V", 4 },
	{ "pack_temperature_min", "Lowest temperature", "°C", 0 },
	{ "pack_temperature_max", "Highest temperature", "°C", 0 },
	{ "over_voltage_count", "Over-voltages", "", 0 },
	{ "under_voltage_count", "Under-voltages", "", 0 },
	{ "charge_over_current_count", "Charge over-currents", "", 0 },
	{ "discharge_over_current_count", "Discharge over-currents", "", 0 },
	{ "over_heat_count", "Over-heats", "", 0 },
	{ "charging_count", "Charges", "", 0 },
	{ "full_charge_count", "Full charges", "", 0 },
	{ "total_distance", "Distance", "km", 2 },
	{ "last_reset_cause", "Cause of the last reset", "", 0 },
	{ "last_wakeup_cause", "Cause of the last wake-up", "", 0 },
	{ NULL },
};
/* clang-format on */

static void put_title(struct page *page, const char *title)
{
	page_text(page, PAGE_BOLD, 0, title);
	page_end(page);
}

/* What is not known has no line. */
static void put_rows(struct page *page, const struct row *rows, const cJSON *part)
{
	for (const struct row *row = rows; row->key; row++) {
		const double value = json_number(part, row->key);
		g_autofree char *text = g_strdup_printf("%.*f %s", row->decimals, value, row->unit);

		if (isnan(value))
			continue;
		page_tab(page, 2);
		page_text(page, NULL, 2, row->title);
		page_tab(page, MIN(VALUE_COLUMN, page->width - 10));
		page_text(page, NULL, 2, g_strchomp(text));
		page_end(page);
	}
}

static void put_output(struct page *page, const cJSON *output)
{
	g_autofree char *title =
		g_strdup_printf("CAN %s, %s: %s", json_text(output, "interface"),
				json_text(output, "protocol"), json_text(output, "state"));

	put_title(page, title);
	if (json_text(output, "error")[0]) {
		page_tab(page, 2);
		page_text(page, PAGE_YELLOW, 2, json_text(output, "error"));
		page_end(page);
	}
	put_rows(page, can_rows, output);
}

static void put_part(struct page *page, const char *title, const struct row *rows,
		     const cJSON *answer, const char *key)
{
	const cJSON *part = cJSON_GetObjectItemCaseSensitive(answer, key);

	if (!cJSON_IsObject(part))
		return;
	put_title(page, title);
	put_rows(page, rows, part);
}

static void print(const cJSON *answer)
{
	struct page page = page_open(PAGE_UNBROKEN);
	const cJSON *output;

	put_part(&page, "Line to the BMS", line_rows, answer, "bms");
	put_part(&page, "D-Bus", bus_rows, answer, "bus");
	cJSON_ArrayForEach (output, cJSON_GetObjectItemCaseSensitive(answer, "can"))
		put_output(&page, output);
	put_part(&page, "Energy not counted", history_rows, answer, "history");
	put_part(&page, "Counted by the BMS", statistics_rows, answer, "statistics");
	page_close(&page);
}

static bool run(struct service_reader *s, void *user, GError **error)
{
	const struct service_options *options = user;
	cJSON *answer = service_reader_ask(s, "Diagnostics", NULL, 0, error);

	if (!answer)
		return false;
	if (options->json)
		service_print_json(answer);
	else
		print(answer);
	cJSON_Delete(answer);
	return true;
}

int ctl_diagnostics(int argc, char **argv)
{
	struct service_options options = { 0 };
	int status = service_parse(
		&options, NULL, "Counters and latencies of the line, the bus and CAN.", argc, argv);

	if (status == CTL_DONE)
		status = service_run("diagnostics", &options, run, &options);
	service_options_clear(&options);
	return status;
}
