/* SPDX-License-Identifier: MIT */
/* get and set: one path of the battery on D-Bus */
#include "ctl/command.h"

#include <dbus/dbus.h>
#include <stdio.h>
#include <string.h>

#include "ctl/service_command.h"

static int fail(const char *command, const char *sentence)
{
	fprintf(stderr, "tinybmsctl: %s: %s\n", command, sentence);
	return CTL_FAILED;
}

/* Its name on D-Bus, the caller's; NULL while it is not there. */
static char *battery_name(struct service_reader *s, GError **error)
{
	cJSON *status = service_reader_ask(s, "Status", NULL, 0, error);
	char *name =
		g_strdup(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(status, "service")));

	if (status && !name)
		g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
				    "the battery is not on the bus just now; status says why");
	cJSON_Delete(status);
	return name;
}

static int get(struct bus_reader *bus, const char *name, const char *path, bool is_json)
{
	g_autofree char *text = bus_reader_text(bus, name, path);

	if (!text)
		return fail(path, "there is no such path, or it has no value");
	if (is_json) {
		cJSON *object = cJSON_CreateObject();

		cJSON_AddStringToObject(object, "path", path);
		cJSON_AddStringToObject(object, "value", text);
		service_print_json(object);
		cJSON_Delete(object);
	} else {
		puts(text);
	}
	return CTL_DONE;
}

/* "/Settings/Bms/x": what its branch says about the refusal. */
static int set(struct bus_reader *bus, const char *name, const char *path, const char *value)
{
	const int answer = bus_reader_set(bus, name, path, value);
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *where = g_strconcat(folder, "/LastError", NULL);
	const bool has_error = answer > 0 && strcmp(folder, "/") != 0;
	g_autofree char *why = has_error ? bus_reader_text(bus, name, where) : NULL;

	if (answer == 0)
		return CTL_DONE;
	if (answer < 0)
		return fail(path, "there is no such path, or no answer");
	return fail(path, why && why[0] ? why : "it cannot be written, or not with this value");
}

static int run(int argc, char **argv, int words, const char *summary)
{
	struct service_options options = { 0 };
	g_autoptr(GError) error = NULL;
	g_autofree char *name = NULL;
	struct service_reader *s = NULL;
	int status = service_parse_words(&options, NULL, summary, &argc, &argv);

	if (status == CTL_DONE && (argc != words + 1 || !dbus_validate_path(argv[1], NULL)))
		status = CTL_USAGE;
	if (status == CTL_USAGE)
		fail(argv[0], summary);
	if (status == CTL_DONE) {
		s = service_reader_open(&options, &error);
		name = s ? battery_name(s, &error) : NULL;
		if (!name)
			status = fail(argv[0], error->message);
		else if (words == 1)
			status = get(service_reader_bus(s), name, argv[1], options.json);
		else
			status = set(service_reader_bus(s), name, argv[1], argv[2]);
		if (status == CTL_DONE && words == 2 && options.json)
			service_print_done();
	}
	service_reader_free(s);
	service_options_clear(&options);
	return status;
}

int ctl_get(int argc, char **argv)
{
	return run(argc, argv, 1, "get PATH: one path of the battery, such as /Dc/0/Voltage.");
}

int ctl_set(int argc, char **argv)
{
	return run(argc, argv, 2, "set PATH VALUE: write one path of the battery.");
}
