/* SPDX-License-Identifier: MIT */
/* history: energy, cycles, depths, extremes */
#include "ctl/command.h"

#include <string.h>

#include "ctl/json_read.h"
#include "ctl/page.h"
#include "ctl/service_command.h"

enum { VALUE_COLUMN = 28, DATE_INDENT = 4 };

/* clang-format off */
static const struct row {
	const char *key;  /* of the answer */
	const char *title;
	const char *unit;
	double scale;
	int decimals;
	bool has_date;    /* under KEY_at */
} rows[] = {
	{ "charged_wh", "Energy charged", "kWh", 0.001, 2, false },
	{ "discharged_wh", "Energy discharged", "kWh", 0.001, 2, false },
	{ "charged_ah", "Charge in", "Ah", 1.0, 1, false },
	{ "discharged_ah", "Charge out", "Ah", 1.0, 1, false },
	{ "cycles", "Cycles", "", 1.0, 2, false },
	{ "full_charges", "Full charges", "", 1.0, 0, false },
	{ "full_discharges", "Full discharges", "", 1.0, 0, false },
	{ "since_full_s", "Since the last full charge", "h", 1.0 / 3600.0, 1, false },
	{ "consumed_ah", "Consumed since then", "Ah", 1.0, 1, false },
	{ "last_ah", "Deepest since then", "Ah", 1.0, 1, false },
	{ "deepest_ah", "Deepest discharge", "Ah", 1.0, 1, false },
	{ "pack_min_v", "Lowest voltage", "V", 1.0, 2, true },
	{ "pack_max_v", "Highest voltage", "V", 1.0, 2, true },
	{ "cell_min_v", "Lowest cell", "V", 1.0, 3, true },
	{ "cell_max_v", "Highest cell", "V", 1.0, 3, true },
	{ "temperature_min_c", "Lowest temperature", "°C", 1.0, 1, true },
	{ "temperature_max_c", "Highest temperature", "°C", 1.0, 1, true },
	{ "charge_max_a", "Largest charge current", "A", 1.0, 1, true },
	{ "discharge_max_a", "Largest discharge current", "A", 1.0, 1, true },
	{ "gaps", "Gaps, not counted above", "", 1.0, 0, false },
	{ "gap_s", "Time in gaps", "h", 1.0 / 3600.0, 1, false },
};
/* clang-format on */

static void put_value(struct page *page, const struct row *row, double value)
{
	g_autofree char *text =
		g_strdup_printf("%.*f %s", row->decimals, value * row->scale, row->unit);

	page_text(page, NULL, VALUE_COLUMN, g_strchomp(text));
}

/* Behind the value, or below the title where there is no room. */
static void put_date(struct page *page, const char *when, const char *format)
{
	g_autofree char *text = g_strdup_printf(format, when);
	const unsigned column = MAX(page->used + 1, (unsigned) VALUE_COLUMN);

	if (column + strlen(text) > page->width) {
		page_end(page);
		page_tab(page, DATE_INDENT);
		page_text(page, NULL, DATE_INDENT, g_strchug(text));
		return;
	}
	page_tab(page, column);
	page_text(page, NULL, VALUE_COLUMN, text);
}

static void print_history(const cJSON *history)
{
	struct page page = page_open(PAGE_UNBROKEN);
	char when[SERVICE_TIME_BYTES];

	service_format_time(when, json_number(history, "since"));
	page_text(&page, NULL, 0, "Counted since");
	put_date(&page, when, "%s");
	page_end(&page);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const double value = json_number(history, rows[i].key);
		g_autofree char *date_key = g_strconcat(rows[i].key, "_at", NULL);

		if (isnan(value))
			continue;
		page_text(&page, NULL, 0, rows[i].title);
		page_tab(&page, VALUE_COLUMN);
		put_value(&page, &rows[i], value);
		if (rows[i].has_date) {
			service_format_time(when, json_number(history, date_key));
			put_date(&page, when, " (%s)");
		}
		page_end(&page);
	}
	page_close(&page);
}

static bool run_history(struct service_reader *s, void *user, GError **error)
{
	const struct service_options *options = user;
	cJSON *answer = service_reader_ask(s, "History", NULL, 0, error);

	if (!answer)
		return false;
	if (options->json)
		service_print_json(answer);
	else
		print_history(cJSON_GetObjectItemCaseSensitive(answer, "history"));
	cJSON_Delete(answer);
	return true;
}

int ctl_history(int argc, char **argv)
{
	struct service_options options = { 0 };
	int status =
		service_parse(&options, NULL,
			      "Energy, cycles, depths, and extremes with their dates.", argc, argv);

	if (status == CTL_DONE)
		status = service_run("history", &options, run_history, &options);
	service_options_clear(&options);
	return status;
}
