/* SPDX-License-Identifier: MIT */
#include "publish/bms_paths.h"

#include <math.h>
#include <string.h>

#include "log.h"
#include "manage/caller.h"

enum { CONFIRM_US = 60 * G_USEC_PER_SEC };

static const char PREFIX[] = "/Settings/Bms/";
static const char RESTART[] = "restart_bms=0->1";
static const char NO_REMOTE[] = "Changes from the network are not allowed. Make them on the device "
				"or by tinybmsctl, or set "
				"remote_writes in the configuration.";

struct row {
	struct bms_paths *owner;
	const struct setting *setting; /* NULL: a command, or Confirm */
	enum frame_reset reset;	       /* of a command; 0: Confirm */
	struct item *item;
};

/* One SetValue on its way. */
struct asked {
	struct row *row;
	struct item_request *request;
	char *text;
	struct caller_question *question; /* NULL: was answered */
	char who[CALLER_WHO_MAX];
};

struct bms_paths {
	struct bus *bus;
	const struct config_watch *watch;
	struct bms_settings *settings;
	GPtrArray *rows;  /* owned */
	GPtrArray *asked; /* owned */
	struct item *last_error;

	char *pending;			/* what must be written to Confirm; NULL: nothing */
	gint64 pending_us;		/* monotonic; until then */
	struct setting_set pending_set; /* empty: the restart */
};

/* ---- showing ------------------------------------------------------------------------------ */

static bool is_level(const struct setting *s)
{
	return s->raw_default >= SETTING_TAKEN;
}

static void show(const struct row *row)
{
	const struct settings_words *words = bms_settings_words(row->owner->settings);
	const struct setting *s = row->setting;
	const struct setting_range range =
		setting_range(s, bms_settings_ranges(row->owner->settings));
	uint32_t raw = 0;

	item_set_range(row->item, range.min, range.max, range.fallback);
	if (!words || !setting_raw(s, words, &raw) || (is_level(s) && raw == SETTING_TAKEN)) {
		item_set_invalid(row->item);
		return;
	}
	g_autofree char *text = setting_text(s, raw);

	item_set_label(row->item, text);
	const double number = setting_number(s, raw);

	if (s->scale < 1.0)
		item_set_double(row->item, number);
	else if (number <= G_MAXINT32)
		item_set_int(row->item, (int) number);
	else
		item_set_invalid(row->item); /* of two words, and more than the bus holds */
}

static void show_all(void *user)
{
	struct bms_paths *p = user;

	for (guint i = 0; i < p->rows->len; i++) {
		const struct row *row = g_ptr_array_index(p->rows, i);

		if (row->setting)
			show(row);
	}
}

/* ---- answering ---------------------------------------------------------------------------- */

static void free_asked(void *user)
{
	struct asked *a = user;

	g_free(a->text);
	g_free(a);
}

static void answer(struct asked *a, const char *error)
{
	struct bms_paths *p = a->row->owner;
	struct item_request *request = a->request;

	if (error)
		log_say(LOG_WARNING, "%s was not changed: %s", item_path(a->row->item), error);
	item_set_string(p->last_error, error ? error : "");
	g_ptr_array_remove_fast(p->asked, a);
	item_request_answer(request, error ? ITEM_REFUSED : ITEM_OK);
}

static void on_done(bool is_done, const char *sentence, void *user)
{
	answer(user, is_done ? NULL : sentence);
}

static void write_set(struct asked *a, const struct setting_set *set)
{
	const struct bms_origin origin = { .who = a->who, .path = item_path(a->row->item) };

	bms_settings_write(a->row->owner->settings, set, &origin, on_done, a);
}

static void reset(struct asked *a, enum frame_reset what)
{
	const struct bms_origin origin = { .who = a->who, .path = item_path(a->row->item) };

	bms_settings_reset(a->row->owner->settings, what, &origin, on_done, a);
}

/* ---- in two steps ------------------------------------------------------------------------- */

/* "over_voltage_cutoff=3.65->3.6"; NULL: what there is now is not known. */
static char *words_of(const struct bms_settings *settings, const struct setting_change *c)
{
	const struct settings_words *words = bms_settings_words(settings);
	uint32_t before = 0;

	if (!words)
		return NULL;
	setting_raw(c->setting, words, &before);

	g_autofree char *old = setting_plain(c->setting, before);
	g_autofree char *new = setting_plain(c->setting, c->raw);

	return g_strdup_printf("%s=%s->%s", c->setting->name, old, new);
}

/* OLD->NEW counts for that OLD alone. */
static bool is_overtaken(const struct bms_paths *p, const char *pending)
{
	g_autofree char *now = p->pending_set.count > 0
				       ? words_of(p->settings, &p->pending_set.change[0])
				       : g_strdup(RESTART);

	return g_strcmp0(now, pending) != 0;
}

static void ask_to_confirm(struct asked *a, char *sentence, const struct setting_set *set)
{
	struct bms_paths *p = a->row->owner;
	g_autofree char *error = g_strdup_printf(
		"This can switch the battery off or weaken its protection. To confirm, write "
		"\"%s\" to %sConfirm within 60 s.",
		sentence, PREFIX);

	g_free(p->pending);
	p->pending = sentence;
	p->pending_us = g_get_monotonic_time() + CONFIRM_US;
	p->pending_set = *set;
	answer(a, error);
}

static void confirm(struct asked *a)
{
	struct bms_paths *p = a->row->owner;
	g_autofree char *pending = g_steal_pointer(&p->pending);
	const bool is_late = g_get_monotonic_time() > p->pending_us;

	g_strstrip(a->text);
	if (!pending || is_late)
		answer(a, "Nothing waits to be confirmed, or its minute has passed: write the "
			  "setting first.");
	else if (strcmp(a->text, pending) != 0)
		answer(a, "That is not what waits to be confirmed: write the setting again.");
	else if (is_overtaken(p, pending))
		answer(a, "The setting was changed while this waited: look at its value and write "
			  "it again.");
	else if (p->pending_set.count == 0)
		reset(a, FRAME_RESET_BMS);
	else
		write_set(a, &p->pending_set);
}

/* ---- one SetValue ------------------------------------------------------------------------- */

static void change_setting(struct asked *a)
{
	const struct setting *s = a->row->setting;
	const struct bms_settings *settings = a->row->owner->settings;
	struct setting_set set = { 0 };
	g_autoptr(GError) error = NULL;
	uint32_t raw = 0, before = 0;

	if (!setting_parse(s, a->text, &raw, &error)) {
		answer(a, error->message);
		return;
	}
	setting_set_add(&set, s, raw);
	if (!bms_settings_check(settings, &set, &error)) {
		answer(a, error->message);
		return;
	}
	setting_raw(s, bms_settings_words(settings), &before);
	if (!setting_is_risky(s) || raw == before) {
		write_set(a, &set);
		return;
	}
	ask_to_confirm(a, words_of(settings, &set.change[0]), &set);
}

static void command(struct asked *a)
{
	const struct setting_set nothing = { 0 };

	if (strcmp(a->text, "1") != 0)
		answer(a, NULL); /* 0 asks for nothing */
	else if (a->row->reset == FRAME_RESET_BMS)
		ask_to_confirm(a, g_strdup(RESTART), &nothing);
	else
		reset(a, a->row->reset);
}

static void on_caller(const struct caller *caller, void *user)
{
	struct asked *a = user;

	a->question = NULL;
	g_strlcpy(a->who, caller->who, sizeof(a->who));
	if (caller->is_remote && !config_watch_get(a->row->owner->watch)->remote_writes)
		answer(a, NO_REMOTE);
	else if (a->row->setting)
		change_setting(a);
	else if (a->row->reset)
		command(a);
	else
		confirm(a);
}

static void on_set(struct item_request *request, const struct value *value, void *user)
{
	struct row *row = user;
	struct asked *a = g_new0(struct asked, 1);

	a->row = row;
	a->request = request;
	a->text = value_to_string(value);
	g_ptr_array_add(row->owner->asked, a);
	a->question = caller_ask(row->owner->bus, item_request_sender(request), on_caller, a);
}

/* ---- the paths ---------------------------------------------------------------------------- */

static void add(struct bms_paths *p, struct items *items, const char *name,
		const struct setting *setting, enum frame_reset reset_option)
{
	struct row *row = g_new0(struct row, 1);
	g_autofree char *path = g_strconcat(PREFIX, name, NULL);
	struct item_spec spec = { .path = path,
				  .type = VALUE_INT,
				  .setter = on_set,
				  .user = row,
				  .has_range = true,
				  .max = 1 };

	if (setting) {
		spec.type = setting->scale < 1.0 ? VALUE_DOUBLE : VALUE_INT;
		spec.decimals = 3;
		spec.setter_judges = true;
	} else if (!reset_option) {
		spec.type = VALUE_STRING;
		spec.has_range = false;
	}
	row->owner = p;
	row->setting = setting;
	row->reset = reset_option;
	row->item = items_add(items, &spec);
	g_ptr_array_add(p->rows, row);
	if (!setting && reset_option)
		item_set_int(row->item, 0);
	else if (!setting)
		item_set_string(row->item, "");
}

struct bms_paths *bms_paths_new(struct bus *bus, struct items *items,
				const struct config_watch *watch, struct bms_settings *settings)
{
	const struct item_spec error = { .path = "/Settings/Bms/LastError", .type = VALUE_STRING };
	struct bms_paths *p = g_new0(struct bms_paths, 1);
	size_t count = 0;
	const struct setting *table = settings_table(&count);

	p->bus = bus;
	p->watch = watch;
	p->settings = settings;
	p->rows = g_ptr_array_new_with_free_func(g_free);
	p->asked = g_ptr_array_new_with_free_func(free_asked);
	for (size_t i = 0; i < count; i++)
		add(p, items, table[i].name, &table[i], 0);
	add(p, items, "ClearEvents", NULL, FRAME_RESET_EVENTS);
	add(p, items, "ClearStatistics", NULL, FRAME_RESET_STATISTICS);
	add(p, items, "RestartBms", NULL, FRAME_RESET_BMS);
	add(p, items, "Confirm", NULL, 0);
	p->last_error = items_add(items, &error);
	item_set_string(p->last_error, "");
	show_all(p);
	bms_settings_watch(settings, show_all, p);
	return p;
}

void bms_paths_free(struct bms_paths *p)
{
	if (!p)
		return;
	bms_settings_unwatch(p->settings, p);
	for (guint i = 0; i < p->asked->len; i++) {
		struct asked *a = g_ptr_array_index(p->asked, i);

		if (a->question)
			caller_forget(a->question);
		bms_settings_forget(p->settings, a);
		item_request_answer(a->request, ITEM_REFUSED);
	}
	g_ptr_array_unref(p->asked);
	g_ptr_array_unref(p->rows);
	g_free(p->pending);
	g_free(p);
}
