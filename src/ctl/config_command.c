/* SPDX-License-Identifier: MIT */
#include "ctl/command.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "config_import.h"
#include "ctl/service_command.h"

static const char DEFAULT_FILE[] = "/data/conf/dbus-tinybms/config.json";

struct job {
	const char *file;
	gboolean is_json;
	int count;    /* of words */
	char **words; /* after the verb */
};

static int complain(const char *file, const GError *error)
{
	fprintf(stderr, "tinybmsctl: %s: %s\n", file, error->message);
	return CTL_FAILED;
}

static const struct config_key *find_key(const char *name)
{
	const struct config_key *key = config_find(name);

	if (!key)
		fprintf(stderr, "tinybmsctl: there is no key \"%s\"; config list shows them\n", name);
	return key;
}

static bool load(struct config *c, const char *file, int *status)
{
	g_autoptr(GError) error = NULL;

	config_init(c);
	if (config_load(c, file, &error))
		return true;
	fprintf(stderr, "tinybmsctl: %s\n", error->message);
	*status = CTL_FAILED;
	return false;
}

/* What there is to say of a success where nothing else is. */
static int done(const struct job *job)
{
	if (job->is_json)
		service_print_done();
	return CTL_DONE;
}

static int save(const struct config *c, const struct job *job)
{
	g_autoptr(GError) error = NULL;

	return config_save(c, job->file, &error) ? done(job) : complain(job->file, error);
}

static cJSON *key_to_json(const struct config *c, const struct config_key *key)
{
	g_autofree char *text = config_get_text(c, key);
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "name", key->name);
	cJSON_AddStringToObject(object, "value", text);
	cJSON_AddStringToObject(object, "unit", key->unit);
	cJSON_AddStringToObject(object, "meaning", key->sentence);
	return object;
}

/* Takes @answer. */
static int print_json(cJSON *answer)
{
	service_print_json(answer);
	cJSON_Delete(answer);
	return CTL_DONE;
}

static int run_check(const struct job *job)
{
	struct config c;
	int status = CTL_DONE;

	return load(&c, job->file, &status) ? done(job) : status;
}

static int run_get(const struct job *job)
{
	struct config c;
	int status = CTL_DONE;
	const struct config_key *key = find_key(job->words[0]);

	if (!key || !load(&c, job->file, &status))
		return CTL_FAILED;

	if (job->is_json)
		return print_json(key_to_json(&c, key));

	g_autofree char *text = config_get_text(&c, key);

	puts(text);
	return CTL_DONE;
}

static int list_json(const struct config *c)
{
	cJSON *answer = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(answer, "configuration");

	for (size_t i = 0; i < config_count(); i++)
		cJSON_AddItemToArray(list, key_to_json(c, config_at(i)));
	return print_json(answer);
}

static int run_list(const struct job *job)
{
	struct config c;
	int status = CTL_DONE;

	if (!load(&c, job->file, &status))
		return status;
	if (job->is_json)
		return list_json(&c);
	for (size_t i = 0; i < config_count(); i++) {
		const struct config_key *key = config_at(i);
		g_autofree char *text = config_get_text(&c, key);

		printf("%s = %s%s%s\n    %s\n", key->name, text[0] ? text : "(worked out)",
		       key->unit[0] ? " " : "", key->unit, key->sentence);
	}
	return CTL_DONE;
}

static bool set_one(struct config *c, const char *assignment)
{
	const char *equals = strchr(assignment, '=');
	g_autoptr(GError) error = NULL;

	if (!equals) {
		fprintf(stderr, "tinybmsctl: \"%s\" is not of the form KEY=VALUE\n", assignment);
		return false;
	}
	g_autofree char *name = g_strndup(assignment, (gsize) (equals - assignment));
	const struct config_key *key = find_key(name);

	if (!key)
		return false;
	if (!config_set_text(c, key, equals + 1, &error)) {
		fprintf(stderr, "tinybmsctl: %s\n", error->message);
		return false;
	}
	return true;
}

static int run_set(const struct job *job)
{
	struct config c;
	int status = CTL_DONE;

	if (!load(&c, job->file, &status))
		return status;
	for (int i = 0; i < job->count; i++)
		if (!set_one(&c, job->words[i]))
			return CTL_FAILED;
	return save(&c, job);
}

static int run_import(const struct job *job)
{
	struct config c;
	int status = CTL_DONE;
	g_autofree char *json = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) report = g_string_new(NULL);

	if (!load(&c, job->file, &status))
		return status;
	if (!g_file_get_contents(job->words[0], &json, NULL, &error) ||
	    !config_import(&c, json, report, &error))
		return complain(job->words[0], error);
	fputs(report->str, job->is_json ? stderr : stdout);
	return save(&c, job);
}

static const struct {
	const char *name;
	int words_min, words_max;
	int (*run)(const struct job *job);
} verbs[] = {
	{ "check", 0, 0, run_check },
	{ "get", 1, 1, run_get },
	{ "import", 1, 1, run_import },
	{ "list", 0, 0, run_list },
	{ "set", 1, 1000, run_set },
};

static int run(struct job *job, const char *verb)
{
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
		if (strcmp(verb, verbs[i].name))
			continue;
		if (job->count >= verbs[i].words_min && job->count <= verbs[i].words_max)
			return verbs[i].run(job);
		break;
	}
	fprintf(stderr, "tinybmsctl: config %s: not understood; config --help tells more\n", verb);
	return CTL_USAGE;
}

int ctl_config(int argc, char **argv)
{
	g_autofree char *file = NULL;
	gboolean is_json = FALSE;
	g_autoptr(GError) error = NULL;
	const GOptionEntry options[] = {
		{ "file", 'f', 0, G_OPTION_ARG_FILENAME, &file, "Configuration file", "FILE" },
		{ "json", 'j', 0, G_OPTION_ARG_NONE, &is_json, "JSON", NULL },
		{ NULL },
	};
	g_autoptr(GOptionContext) context =
		g_option_context_new("get KEY | set KEY=VALUE... | check | list | import FILE");

	g_option_context_add_main_entries(context, options, NULL);
	g_option_context_set_summary(context,
				     "A running service takes up changes by itself. import reads the "
				     "config.json of the ESP32 bridge.");
	if (!g_option_context_parse(context, &argc, &argv, &error) || argc < 2) {
		fprintf(stderr, "tinybmsctl: config: %s; config --help tells more\n",
			error ? error->message : "a verb is missing");
		return CTL_USAGE;
	}

	struct job job = {
		.file = file ? file : DEFAULT_FILE,
		.is_json = is_json,
		.count = argc - 2,
		.words = argv + 2,
	};

	return run(&job, argv[1]);
}
