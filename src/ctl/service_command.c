/* SPDX-License-Identifier: MIT */
#include "ctl/service_command.h"

#include <stdio.h>
#include <time.h>

#include "ctl/command.h"

void service_print_done(void)
{
	puts("{\"done\":true}");
}

void service_print_json(const cJSON *answer)
{
	char *text = cJSON_PrintUnformatted(answer);

	puts(text);
	cJSON_free(text);
}

void service_format_time(char out[SERVICE_TIME_BYTES], double t_s)
{
	const time_t t = (time_t) t_s;
	struct tm local;

	if (!(t_s > 0.0) || !localtime_r(&t, &local) ||
	    !strftime(out, SERVICE_TIME_BYTES, "%Y-%m-%d %H:%M:%S", &local))
		g_strlcpy(out, "unknown", SERVICE_TIME_BYTES);
}

int service_run(const char *command, const struct service_options *options,
		bool (*run)(struct service_reader *s, void *user, GError **error), void *user)
{
	g_autoptr(GError) error = NULL;
	struct service_reader *s = service_reader_open(options, &error);
	const bool is_done = s && run(s, user, &error);

	service_reader_free(s);
	if (!is_done)
		fprintf(stderr, "tinybmsctl: %s: %s\n", command, error->message);
	return is_done ? CTL_DONE : CTL_FAILED;
}

int service_parse_words(struct service_options *options, const GOptionEntry *extra,
			const char *summary, int *argc, char ***argv)
{
	const GOptionEntry entries[] = {
		{ "battery", 0, 0, G_OPTION_ARG_STRING, &options->battery,
		  "Which one: its name, port, serial number or device instance", "NAME" },
		{ "bus", 'b', 0, G_OPTION_ARG_STRING, &options->bus, "D-Bus address", "ADDRESS" },
		{ "json", 'j', 0, G_OPTION_ARG_NONE, &options->json, "JSON", NULL },
		{ NULL },
	};
	const GOptionEntry port[] = {
		{ "port", 'p', 0, G_OPTION_ARG_FILENAME, &options->port,
		  "Straight to the BMS on this port, where no service runs", "DEVICE" },
		{ NULL },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;

	g_option_context_add_main_entries(context, entries, NULL);
	if (options->takes_port)
		g_option_context_add_main_entries(context, port, NULL);
	if (extra)
		g_option_context_add_main_entries(context, extra, NULL);
	g_option_context_set_summary(context, summary);
	if (g_option_context_parse(context, argc, argv, &error))
		return CTL_DONE;
	fprintf(stderr, "tinybmsctl: %s: %s; %s --help tells more\n", (*argv)[0], error->message,
		(*argv)[0]);
	return CTL_USAGE;
}

int service_parse(struct service_options *options, const GOptionEntry *extra, const char *summary,
		  int argc, char **argv)
{
	const int status = service_parse_words(options, extra, summary, &argc, &argv);

	if (status != CTL_DONE || argc == 1)
		return status;
	fprintf(stderr, "tinybmsctl: %s: too many words; %s --help tells more\n", argv[0], argv[0]);
	return CTL_USAGE;
}

void service_options_clear(struct service_options *options)
{
	g_free(options->bus);
	g_free(options->battery);
	g_free(options->port);
}
