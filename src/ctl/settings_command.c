/* SPDX-License-Identifier: MIT */
/* settings: show, change, save and restore what the BMS is set to */
#include "ctl/command.h"

#include <stdio.h>
#include <string.h>

#include "ctl/consent.h"
#include "ctl/json_read.h"
#include "ctl/page.h"
#include "ctl/service_command.h"
#include "ctl/settings_file.h"
#include "file.h"
#include "tinybms/setting_value.h"

static const char SUMMARY[] =
	"settings list | get NAME | set NAME=VALUE... | diff FILE | backup FILE | restore FILE";

enum { VALUE_COLUMN = 33, INDENT = 4 };

struct task {
	struct service_reader *s;
	cJSON *answer; /* of Settings */
	int count;
	char **words; /* after the verb */
	bool is_json, is_yes;
};

/* ---- showing ------------------------------------------------------------------------------- */

/* "1.2 to 4.5 V", or "off, DIDO1, DIDO2" */
static char *possible(const cJSON *item)
{
	const cJSON *choices = cJSON_GetObjectItemCaseSensitive(item, "choices"), *choice;
	GString *text = g_string_new(NULL);

	cJSON_ArrayForEach (choice, choices)
		g_string_append_printf(text, "%s%s", text->len ? ", " : "",
				       cJSON_GetStringValue(choice));
	if (!choices)
		g_string_append_printf(text, "%.10g to %.10g %s", json_number(item, "min"),
				       json_number(item, "max"), json_text(item, "unit"));
	return g_string_free(text, FALSE);
}

/* Name and value, then what it is, and what is possible. */
static void print_setting(struct page *page, const cJSON *item)
{
	g_autofree char *range = possible(item);
	g_autofree char *words = g_strdup_printf("%s; %s", json_text(item, "meaning"), range);
	const char *value = json_text(item, "text");

	page_text(page, NULL, 0, json_text(item, "name"));
	if (VALUE_COLUMN + (unsigned) g_utf8_strlen(value, -1) > page->width)
		page_end(page);
	page_tab(page, page->used ? VALUE_COLUMN : INDENT);
	page_text(page, NULL, INDENT, value);
	page_end(page);
	page_tab(page, INDENT);
	page_text(page, NULL, INDENT, g_strchomp(words));
	page_end(page);
}

static bool run_list(const struct task *t, GError **error)
{
	struct page page;
	const cJSON *item;

	if (t->is_json) {
		service_print_json(t->answer);
		return true;
	}
	page = page_open(PAGE_UNBROKEN);
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(t->answer, "settings"))
		print_setting(&page, item);
	page_close(&page);
	return true;
}

static const cJSON *find(const struct task *t, const char *name, GError **error)
{
	const cJSON *item = settings_file_find(t->answer, name);

	if (!item)
		g_set_error(error, SETTING_ERROR, SETTING_ERROR_UNKNOWN,
			    "there is no setting \"%s\"; settings list shows them", name);
	return item;
}

static bool run_get(const struct task *t, GError **error)
{
	const cJSON *item = find(t, t->words[0], error);

	if (item && t->is_json)
		service_print_json(item);
	else if (item)
		puts(json_text(item, "text"));
	return item != NULL;
}

/* ---- changing ------------------------------------------------------------------------------ */

/* "over_voltage_cutoff: 3.65 -> 3.7" */
static char *question_of(const cJSON *confirm)
{
	GString *text = g_string_new("This can switch the battery off or weaken its protection:");
	const cJSON *item;

	cJSON_ArrayForEach (item, confirm)
		g_string_append_printf(text, "\n  %s: %s", item->string,
				       cJSON_IsString(item) ? item->valuestring : "");
	return g_string_free(text, FALSE);
}

/* NULL: refused. */
static cJSON *send(const struct task *t, const cJSON *request, GError **error)
{
	char *made = cJSON_PrintUnformatted(request);
	const char *text = made;
	cJSON *answer = service_reader_tell(t->s, "SetSettings", &text, 1, error);

	cJSON_free(made);
	return answer;
}

/* Once, and again with what the owner has seen and agreed to. */
static bool change(const struct task *t, cJSON *request, GError **error)
{
	cJSON *answer = send(t, request, error);
	const cJSON *confirm = cJSON_GetObjectItemCaseSensitive(answer, "confirm");

	if (confirm) {
		g_autofree char *question = question_of(confirm);

		if (t->is_yes || consent_ask(question)) {
			cJSON_AddItemToObject(request, "confirm", cJSON_Duplicate(confirm, true));
			cJSON_Delete(answer);
			answer = send(t, request, error);
		} else {
			cJSON_Delete(answer);
			g_set_error_literal(error, SETTING_ERROR, SETTING_ERROR_VALUE,
					    "it was not confirmed");
			return false;
		}
	}
	const bool is_done = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "done"));

	if (is_done && t->is_json)
		service_print_json(answer);
	else if (answer && !is_done)
		g_set_error_literal(error, SETTING_ERROR, SETTING_ERROR_CONTRADICTION,
				    "the settings were changed meanwhile; look at them again");
	cJSON_Delete(answer);
	return is_done;
}

static bool run_set(const struct task *t, GError **error)
{
	cJSON *request = cJSON_CreateObject();
	cJSON *set = cJSON_AddObjectToObject(request, "set");
	bool is_fine = true;

	for (int i = 0; i < t->count && is_fine; i++) {
		const char *equals = strchr(t->words[i], '=');
		g_autofree char *name =
			equals ? g_strndup(t->words[i], (gsize) (equals - t->words[i])) : NULL;

		is_fine = name != NULL;
		if (is_fine)
			cJSON_AddStringToObject(set, name, equals + 1);
		else
			g_set_error(error, SETTING_ERROR, SETTING_ERROR_VALUE,
				    "\"%s\" is not of the form NAME=VALUE", t->words[i]);
	}
	is_fine = is_fine && change(t, request, error);
	cJSON_Delete(request);
	return is_fine;
}

/* ---- files --------------------------------------------------------------------------------- */

static cJSON *load_changes(const struct task *t, GError **error)
{
	g_autofree char *text = NULL;
	cJSON *file, *changes;

	if (!g_file_get_contents(t->words[0], &text, NULL, error))
		return NULL;
	file = cJSON_Parse(text);
	changes = settings_file_changes(file, t->answer, error);
	cJSON_Delete(file);
	return changes;
}

static void show_changes(const struct task *t, const cJSON *changes)
{
	const cJSON *item;

	if (t->is_json) {
		service_print_json(changes);
		return;
	}
	cJSON_ArrayForEach (item, changes)
		printf("%s: %s -> %.10g\n", item->string,
		       json_text(settings_file_find(t->answer, item->string), "text"),
		       item->valuedouble);
}

static bool run_diff(const struct task *t, GError **error)
{
	cJSON *changes = load_changes(t, error);
	const bool is_read = changes != NULL;

	if (is_read)
		show_changes(t, changes);
	cJSON_Delete(changes);
	return is_read;
}

static bool run_backup(const struct task *t, GError **error)
{
	cJSON *file = settings_file_make(t->answer);
	char *text = cJSON_Print(file);
	const bool is_saved = file_replace(t->words[0], text, strlen(text), error);

	cJSON_free(text);
	cJSON_Delete(file);
	if (is_saved && t->is_json)
		service_print_done();
	return is_saved;
}

static bool run_restore(const struct task *t, GError **error)
{
	cJSON *changes = load_changes(t, error);
	bool is_done = changes != NULL;

	if (is_done && !t->is_json)
		show_changes(t, changes);
	if (is_done && changes->child) {
		cJSON *request = cJSON_CreateObject();

		cJSON_AddItemToObject(request, "set", cJSON_Duplicate(changes, true));
		is_done = (t->is_yes || consent_ask("These settings are written to the BMS.")) &&
			  change(t, request, error);
		cJSON_Delete(request);
	} else if (is_done && t->is_json) {
		service_print_done();
	}
	cJSON_Delete(changes);
	return is_done;
}

/* ---- the command line ---------------------------------------------------------------------- */

static const struct verb {
	const char *name;
	int words_min, words_max;
	bool (*run)(const struct task *t, GError **error);
} verbs[] = {
	{ "list", 0, 0, run_list },	{ "get", 1, 1, run_get },
	{ "set", 1, 100, run_set },	{ "diff", 1, 1, run_diff },
	{ "backup", 1, 1, run_backup }, { "restore", 1, 1, run_restore },
};

static const struct verb *find_verb(const char *name, int words)
{
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0 && words >= verbs[i].words_min &&
		    words <= verbs[i].words_max)
			return &verbs[i];
	fprintf(stderr, "tinybmsctl: %s\n", SUMMARY);
	return NULL;
}

static int run(const struct verb *verb, const struct service_options *options, struct task *t)
{
	g_autoptr(GError) error = NULL;
	bool is_done = false;

	t->s = service_reader_open(options, &error);
	t->answer = t->s ? service_reader_ask(t->s, "Settings", NULL, 0, &error) : NULL;
	if (t->answer)
		is_done = verb->run(t, &error);
	if (error)
		fprintf(stderr, "tinybmsctl: settings %s: %s\n", verb->name, error->message);
	cJSON_Delete(t->answer);
	service_reader_free(t->s);
	return is_done ? CTL_DONE : CTL_FAILED;
}

int ctl_settings(int argc, char **argv)
{
	struct service_options options = { .takes_port = true };
	gboolean is_yes = FALSE;
	const GOptionEntry extra[] = {
		{ "yes", 'y', 0, G_OPTION_ARG_NONE, &is_yes, "Do not ask", NULL },
		{ NULL },
	};
	int status = service_parse_words(&options, extra, SUMMARY, &argc, &argv);
	const struct verb *verb = NULL;

	if (status == CTL_DONE) {
		verb = find_verb(argc > 1 ? argv[1] : "list", MAX(argc - 2, 0));
		status = verb ? CTL_DONE : CTL_USAGE;
	}
	if (verb) {
		struct task t = { .count = argc - 2,
				  .words = argv + 2,
				  .is_json = options.json,
				  .is_yes = is_yes };

		status = run(verb, &options, &t);
	}
	service_options_clear(&options);
	return status;
}
