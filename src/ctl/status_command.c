/* SPDX-License-Identifier: MIT */
/* status and watch */
#include "ctl/command.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "ctl/service_command.h"
#include "ctl/status_text.h"

static volatile sig_atomic_t is_ending;

static void on_interrupt(int number)
{
	is_ending = 1;
}

static int fail(const char *command, const GError *error)
{
	fprintf(stderr, "tinybmsctl: %s: %s\n", command, error->message);
	return CTL_FAILED;
}

static bool show(struct service_reader *s, bool is_json, bool is_redrawn, GError **error)
{
	cJSON *status = service_reader_ask(s, "Status", NULL, 0, error);

	if (!status)
		return false;
	if (is_json) {
		service_print_json(status);
		fflush(stdout);
	} else {
		struct page page = page_open(PAGE_WIDTH_USUAL);

		if (is_redrawn)
			g_string_append(page.out, "\033[H\033[J");
		status_text(&page, status);
		page_close(&page);
	}
	cJSON_Delete(status);
	return true;
}

int ctl_status(int argc, char **argv)
{
	struct service_options options = { .takes_port = true };
	g_autoptr(GError) error = NULL;
	struct service_reader *s = NULL;
	int status = service_parse(&options, NULL, "What the battery is doing.", argc, argv);

	if (status == CTL_DONE) {
		s = service_reader_open(&options, &error);
		if (!s || !show(s, options.json, false, &error))
			status = fail("status", error);
	}
	service_reader_free(s);
	service_options_clear(&options);
	return status;
}

/* Each second, as a screen on a terminal and one after the other elsewhere. */
static int watch(struct service_reader *s, bool is_json, long times)
{
	const bool is_redrawn = isatty(STDOUT_FILENO) && !is_json;

	signal(SIGINT, on_interrupt);
	signal(SIGTERM, on_interrupt);
	for (long i = 0; !is_ending && (times == 0 || i < times); i++) {
		g_autoptr(GError) error = NULL;

		if (i > 0)
			sleep(1);
		if (!is_ending && !show(s, is_json, is_redrawn, &error))
			return fail("watch", error);
	}
	return CTL_DONE;
}

int ctl_watch(int argc, char **argv)
{
	struct service_options options = { 0 };
	int times = 0;
	const GOptionEntry extra[] = {
		{ "count", 'n', 0, G_OPTION_ARG_INT, &times, "End after so many seconds", "N" },
		{ NULL },
	};
	g_autoptr(GError) error = NULL;
	struct service_reader *s = NULL;
	int status = service_parse(&options, extra, "What the battery is doing, each second, until Ctrl-C.",
				   argc, argv);

	if (status == CTL_DONE) {
		s = service_reader_open(&options, &error);
		status = s ? watch(s, options.json, times) : fail("watch", error);
	}
	service_reader_free(s);
	service_options_clear(&options);
	return status;
}
