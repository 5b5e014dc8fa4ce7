/* SPDX-License-Identifier: MIT */
/* reset, full-charge, storage, sleep, wake */
#include "ctl/command.h"

#include <stdio.h>
#include <string.h>

#include "ctl/consent.h"
#include "ctl/service_command.h"

struct order {
	const char *summary;
	const char *const *words; /* that may follow; the first one where none does */
	bool needs_word;
	int (*run)(struct service_reader *s, const char *word, bool is_yes, GError **error);
};

/* Takes @answer. */
static int finish(cJSON *answer)
{
	const int status = answer ? CTL_DONE : CTL_FAILED;

	cJSON_Delete(answer);
	return status;
}

static int run_reset(struct service_reader *s, const char *word, bool is_yes, GError **error)
{
	const bool is_restart = strcmp(word, "bms") == 0;
	const char *const texts[] = { word, is_restart ? "restart" : "" };

	if (is_restart && !is_yes &&
	    !consent_ask("The BMS restarts: its switches may open for a moment."))
		return CTL_FAILED;
	return finish(service_reader_tell(s, "Reset", texts, G_N_ELEMENTS(texts), error));
}

static int run_number(struct service_reader *s, const char *method, double number, GError **error)
{
	return finish(service_reader_ask(s, method, &number, 1, error));
}

static int run_full(struct service_reader *s, const char *word, bool is_yes, GError **error)
{
	return run_number(s, "FullCharge", strcmp(word, "on") == 0, error);
}

static int run_storage(struct service_reader *s, const char *word, bool is_yes, GError **error)
{
	const char *const text =
		strcmp(word, "on") == 0 ? "{\"storage\":true}" : "{\"storage\":false}";

	return finish(service_reader_tell(s, "SetConfiguration", &text, 1, error));
}

static int run_sleep(struct service_reader *s, const char *word, bool is_yes, GError **error)
{
	if (!is_yes && !consent_ask("The battery leaves the bus, and chargers do what they do "
				    "when a BMS is lost. tinybmsctl wake ends that."))
		return CTL_FAILED;
	return run_number(s, "Sleep", 1.0, error);
}

static int run_wake(struct service_reader *s, const char *word, bool is_yes, GError **error)
{
	return run_number(s, "Sleep", 0.0, error);
}

static bool is_known(const struct order *order, const char *word)
{
	for (const char *const *w = order->words; *w; w++)
		if (strcmp(*w, word) == 0)
			return true;
	return false;
}

static int run(const struct order *order, int argc, char **argv)
{
	struct service_options options = { 0 };
	gboolean is_yes = FALSE;
	const GOptionEntry extra[] = {
		{ "yes", 'y', 0, G_OPTION_ARG_NONE, &is_yes, "Do not ask", NULL },
		{ NULL },
	};
	g_autoptr(GError) error = NULL;
	struct service_reader *s = NULL;
	int status = service_parse_words(&options, extra, order->summary, &argc, &argv);
	const char *word = argc == 2 ? argv[1] : order->words[0];

	if (status == CTL_DONE &&
	    (argc > 2 || (order->needs_word && argc < 2) || !is_known(order, word))) {
		fprintf(stderr, "tinybmsctl: %s\n", order->summary);
		status = CTL_USAGE;
	}
	if (status == CTL_DONE) {
		s = service_reader_open(&options, &error);
		status = s ? order->run(s, word, is_yes, &error) : CTL_FAILED;
		if (error)
			fprintf(stderr, "tinybmsctl: %s: %s\n", argv[0], error->message);
		else if (status == CTL_DONE && options.json)
			service_print_done();
	}
	service_reader_free(s);
	service_options_clear(&options);
	return status;
}

static const char *const switch_words[] = { "on", "off", NULL };
static const char *const no_words[] = { "", NULL };

int ctl_reset(int argc, char **argv)
{
	static const char *const words[] = { "events", "statistics", "bms", NULL };
	static const struct order order = { "reset events|statistics|bms", words, true, run_reset };

	return run(&order, argc, argv);
}

int ctl_full_charge(int argc, char **argv)
{
	static const struct order order = { "full-charge [on|off]", switch_words, false, run_full };

	return run(&order, argc, argv);
}

int ctl_storage(int argc, char **argv)
{
	static const struct order order = { "storage [on|off]: hold 60 %, without full charges",
					    switch_words, false, run_storage };

	return run(&order, argc, argv);
}

int ctl_sleep(int argc, char **argv)
{
	static const struct order order = { "sleep: no traffic, so that the BMS may sleep",
					    no_words, false, run_sleep };

	return run(&order, argc, argv);
}

int ctl_wake(int argc, char **argv)
{
	static const struct order order = { "wake: ask the BMS again", no_words, false, run_wake };

	return run(&order, argc, argv);
}
