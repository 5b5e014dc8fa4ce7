/* SPDX-License-Identifier: MIT */
/* events: what the BMS reported */
#include "ctl/command.h"

#include <stdio.h>
#include <unistd.h>

#include "ctl/json_read.h"
#include "ctl/page.h"
#include "ctl/service_command.h"

enum { WIDE = 70, WIDE_INDENT = 35, NARROW_INDENT = 2 };

struct events {
	bool is_json, is_following;
	double since; /* number of the last one that was shown */
};

/* "Over-voltage cut-off. Stop charging ..." */
static char *words_of(const cJSON *event)
{
	const char *remedy = json_text(event, "remedy");

	return g_strconcat(json_text(event, "text"), remedy[0] ? ". " : "", remedy, NULL);
}

/* Time and level before the words, or above them where there is no room. */
static void print_event(const cJSON *event)
{
	struct page page = page_open(PAGE_UNBROKEN);
	const bool is_wide = page.width >= WIDE;
	const unsigned indent = is_wide ? WIDE_INDENT : NARROW_INDENT;
	g_autofree char *words = words_of(event);
	char when[SERVICE_TIME_BYTES];

	service_format_time(when, json_number(event, "t"));
	g_strlcat(when, json_is_true(event, "guess") ? "?" : is_wide ? " " : "", sizeof(when));
	page_put(&page, NULL, when);
	page_put(&page, NULL, json_text(event, "level"));
	if (!is_wide)
		page_end(&page);
	page_tab(&page, indent);
	page_text(&page, NULL, indent, words);
	page_close(&page);
}

/* Everything after e->since. */
static bool print_new_events(struct service_reader *s, struct events *e, GError **error)
{
	bool is_more = true;

	while (is_more) {
		cJSON *answer = service_reader_ask(s, "Events", &e->since, 1, error);
		const cJSON *event;

		if (!answer)
			return false;
		cJSON_ArrayForEach (event, cJSON_GetObjectItemCaseSensitive(answer, "events")) {
			e->since = json_number(event, "n");
			if (e->is_json)
				service_print_json(event);
			else
				print_event(event);
		}
		is_more = json_is_true(answer, "more");
		cJSON_Delete(answer);
	}
	fflush(stdout);
	return true;
}

static bool run_events(struct service_reader *s, void *user, GError **error)
{
	struct events *e = user;

	while (print_new_events(s, e, error)) {
		if (!e->is_following)
			return true;
		sleep(1);
	}
	return false;
}

int ctl_events(int argc, char **argv)
{
	struct service_options options = { .takes_port = true };
	struct events e = { 0 };
	gboolean is_following = FALSE;
	const GOptionEntry extra[] = {
		{ "follow", 'f', 0, G_OPTION_ARG_NONE, &is_following,
		  "Go on with those to come, until Ctrl-C", NULL },
		{ "since", 's', 0, G_OPTION_ARG_DOUBLE, &e.since, "Only those behind number N",
		  "N" },
		{ NULL },
	};
	int status =
		service_parse(&options, extra,
			      "What the BMS reported, and what to do. A date with ? is a guess: it "
			      "happened before the service first met the BMS.",
			      argc, argv);

	e.is_json = options.json;
	e.is_following = is_following;
	if (status == CTL_DONE && options.port && (is_following || e.since > 0.0)) {
		fprintf(stderr, "tinybmsctl: events: --follow and --since need the service\n");
		status = CTL_USAGE;
	}
	if (status == CTL_DONE)
		status = service_run("events", &options, run_events, &e);
	service_options_clear(&options);
	return status;
}
