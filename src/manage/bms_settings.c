/* SPDX-License-Identifier: MIT */
#include "manage/bms_settings.h"

#include <string.h>

#include "log.h"
#include "tinybms/job_text.h"

/* Maps before it are others (release notes of firmware 236): writing would hit anything. */
enum { FIRMWARE_OLDEST = 236 };

static const char UNREACHED[] = "The BMS is not reached just now. Nothing was changed.";

struct change {
	bool is_reset;
	enum frame_reset reset;
	struct setting_set set;
	struct settings_words asked_at; /* what there was when it was asked for, and confirmed */
	struct settings_words before;
	char *who, *path; /* (owned) */
	char *by;	  /* (owned, nullable) */
	bms_answer_fn fn; /* NULL: nobody waits any more */
	void *user;
};

struct watcher {
	bms_watch_fn fn;
	void *user;
};

struct bms_settings {
	bms_submit_fn submit;
	void *user;
	struct change_journal *journal;
	bool has_words, has_ranges, is_asking_ranges;
	struct settings_words words;
	struct job_ranges ranges;
	unsigned cells_detected;
	struct battery_identity device;
	GQueue changes; /* struct change, owned; the first one is under way */
	bool is_busy;
	GArray *watchers;
};

static void run_next(struct bms_settings *s);

static void tell_watchers(const struct bms_settings *s)
{
	for (guint i = 0; i < s->watchers->len; i++) {
		const struct watcher *w = &g_array_index(s->watchers, struct watcher, i);

		w->fn(w->user);
	}
}

const char *bms_reset_name(enum frame_reset what)
{
	switch (what) {
	case FRAME_RESET_EVENTS:
		return "clear events";
	case FRAME_RESET_STATISTICS:
		return "clear statistics";
	case FRAME_RESET_BMS:
		return "restart bms";
	}
	return "reset";
}

/* ---- journal and log -------------------------------------------------------------------- */

static void note(struct bms_settings *s, const struct change *c, const char *what,
		 const char *before, const char *after, const char *result)
{
	const struct change_entry entry = { .who = c->who,
					    .path = c->path,
					    .by = c->by,
					    .what = what,
					    .before = before,
					    .after = after,
					    .result = result };

	change_journal_add(s->journal, &entry, g_get_real_time() / G_USEC_PER_SEC);
}

static void note_change(struct bms_settings *s, const struct change *c, bool is_done,
			const char *sentence)
{
	const char *result = is_done ? "done" : sentence;
	g_autofree char *asker =
		c->by ? g_strdup_printf("%s for \"%s\"", c->who, c->by) : g_strdup(c->who);

	if (c->is_reset)
		note(s, c, bms_reset_name(c->reset), NULL, NULL, result);
	for (size_t i = 0; i < c->set.count; i++) {
		const struct setting *setting = c->set.change[i].setting;
		uint32_t raw = 0;

		setting_raw(setting, &c->before, &raw);
		g_autofree char *before = setting_text(setting, raw);
		g_autofree char *after = setting_text(setting, c->set.change[i].raw);

		note(s, c, setting->name, before, after, result);
		log_say(is_done ? LOG_INFO : LOG_WARNING, "%s: %s to %s, asked for by %s: %s",
			setting->name, before, after, asker, is_done ? "done." : sentence);
	}
	if (c->is_reset)
		log_say(is_done ? LOG_INFO : LOG_WARNING, "%s, asked for by %s: %s",
			bms_reset_name(c->reset), asker, is_done ? "done." : sentence);
}

/* ---- one change ------------------------------------------------------------------------- */

static void free_change(struct change *c)
{
	g_free(c->who);
	g_free(c->path);
	g_free(c->by);
	g_free(c);
}

static void finish(struct bms_settings *s, bool is_done, const char *sentence)
{
	struct change *c = g_queue_pop_head(&s->changes);

	note_change(s, c, is_done, sentence);
	s->is_busy = false;
	if (is_done)
		tell_watchers(s);
	if (c->fn)
		c->fn(is_done, sentence, c->user);
	free_change(c);
}

/* What was read back is what it is; a level is only seen elsewhere. */
static void take_written(struct bms_settings *s, const struct job *job)
{
	for (size_t i = 0; i < job->count; i++) {
		const struct setting *setting = settings_by_address(job->write[i].address);
		const bool is_level = setting->raw_default >= SETTING_TAKEN;

		setting_store(setting, &s->words, is_level ? SETTING_TAKEN : job->write[i].found);
	}
}

/* The line was lost, and the next one to answer may be another BMS. */
static void refuse_waiting(struct bms_settings *s)
{
	while (!s->is_busy && s->changes.length > 0) {
		struct change *c = g_queue_peek_head(&s->changes);

		c->before = c->asked_at;
		finish(s, false, UNREACHED);
	}
}

static void on_job(const struct job *job, void *user)
{
	struct bms_settings *s = user;
	g_autofree char *text = job_text(job);

	if (job->state == JOB_DONE)
		take_written(s, job);
	finish(s, job->state == JOB_DONE, text);
	if (job->state == JOB_ABANDONED)
		refuse_waiting(s);
	run_next(s);
}

/* What was confirmed, OLD->NEW, counts for that OLD alone. NULL: nothing has changed meanwhile. */
static const struct setting *overtaken(const struct bms_settings *s, const struct change *c)
{
	for (size_t i = 0; i < c->set.count; i++) {
		const struct setting *setting = c->set.change[i].setting;
		uint32_t asked = 0, now = 0;

		setting_raw(setting, &c->asked_at, &asked);
		setting_raw(setting, &s->words, &now);
		if (setting_is_risky(setting) && now != asked && now != c->set.change[i].raw)
			return setting;
	}
	return NULL;
}

static void refuse_overtaken(struct bms_settings *s, const struct setting *setting)
{
	g_autofree char *sentence =
		g_strdup_printf("%s was changed while this waited: nothing was written. Look at "
				"its value and ask again.",
				setting->name);

	finish(s, false, sentence);
}

static void start(struct bms_settings *s, struct change *c)
{
	g_autoptr(GError) error = NULL;
	struct job job;

	c->before = s->words;
	if (!c->is_reset && !bms_settings_check(s, &c->set, &error)) {
		finish(s, false, error->message);
		return;
	}
	if (!c->is_reset && overtaken(s, c)) {
		refuse_overtaken(s, overtaken(s, c));
		return;
	}
	if (c->is_reset) {
		job_init_reset(&job, c->reset);
	} else {
		setting_set_order(&c->set, &s->words);
		job_init_write(&job);
		for (size_t i = 0; i < c->set.count; i++)
			if (!job_add(&job, c->set.change[i].setting, c->set.change[i].raw))
				g_assert_not_reached();
	}
	s->is_busy = true;
	if (!s->submit(&job, on_job, s, s->user))
		finish(s, false, UNREACHED);
}

/* And those behind it, as long as each is refused at once. */
static void run_next(struct bms_settings *s)
{
	while (!s->is_busy && s->changes.length > 0)
		start(s, g_queue_peek_head(&s->changes));
}

static void add(struct bms_settings *s, struct change *c, const struct bms_origin *origin,
		bms_answer_fn fn, void *user)
{
	c->who = g_strdup(origin->who);
	c->path = g_strdup(origin->path);
	c->by = g_strdup(origin->by);
	c->fn = fn;
	c->user = user;
	g_queue_push_tail(&s->changes, c);
	if (s->changes.length == 1)
		run_next(s);
}

bool bms_settings_check(const struct bms_settings *s, const struct setting_set *set, GError **error)
{
	const unsigned firmware = s->device.firmware_internal;

	if (!s->has_words) {
		g_set_error_literal(error, SETTING_ERROR, SETTING_ERROR_UNKNOWN,
				    "The BMS's settings have not been read yet. Try again later.");
		return false;
	}
	if (firmware && firmware < FIRMWARE_OLDEST) {
		g_set_error(error, SETTING_ERROR, SETTING_ERROR_UNKNOWN,
			    "Firmware %u has another register map than %d and later: nothing is "
			    "written. Update it with the maker's program.",
			    firmware, FIRMWARE_OLDEST);
		return false;
	}
	return setting_set_check(set, &s->words, &s->ranges, s->cells_detected, error);
}

void bms_settings_write(struct bms_settings *s, const struct setting_set *set,
			const struct bms_origin *origin, bms_answer_fn fn, void *user)
{
	struct change *c = g_new0(struct change, 1);

	c->set = *set;
	c->asked_at = s->words;
	add(s, c, origin, fn, user);
}

void bms_settings_reset(struct bms_settings *s, enum frame_reset what,
			const struct bms_origin *origin, bms_answer_fn fn, void *user)
{
	struct change *c = g_new0(struct change, 1);

	c->is_reset = true;
	c->reset = what;
	add(s, c, origin, fn, user);
}

void bms_settings_forget(struct bms_settings *s, const void *user)
{
	for (GList *l = s->changes.head; l; l = l->next) {
		struct change *c = l->data;

		if (c->user == user)
			c->fn = NULL;
	}
}

/* ---- what is known ------------------------------------------------------------------------ */

static void on_ranges(const struct job *job, void *user)
{
	struct bms_settings *s = user;

	s->is_asking_ranges = false;
	if (job->state != JOB_DONE)
		return;
	s->ranges = job->ranges;
	tell_watchers(s);
}

void bms_settings_take(struct bms_settings *s, const struct settings_words *words)
{
	struct job job;

	s->words = *words;
	s->has_words = true;
	tell_watchers(s);
	if (s->is_asking_ranges)
		return;
	job_init_ranges(&job);
	s->is_asking_ranges = s->submit(&job, on_ranges, s, s->user);
}

void bms_settings_set_device(struct bms_settings *s, const struct battery *b)
{
	if (s->device.serial[0] && strcmp(s->device.serial, b->identity.serial) != 0) {
		s->has_words = false;
		s->ranges = (struct job_ranges){ 0 };
	}
	s->device = b->identity;
	s->cells_detected = b->cells_detected;
}

const struct settings_words *bms_settings_words(const struct bms_settings *s)
{
	return s->has_words ? &s->words : NULL;
}

const struct job_ranges *bms_settings_ranges(const struct bms_settings *s)
{
	return &s->ranges;
}

const struct battery_identity *bms_settings_device(const struct bms_settings *s)
{
	return &s->device;
}

struct change_journal *bms_settings_journal(const struct bms_settings *s)
{
	return s->journal;
}

void bms_settings_watch(struct bms_settings *s, bms_watch_fn fn, void *user)
{
	const struct watcher w = { .fn = fn, .user = user };

	g_array_append_val(s->watchers, w);
}

void bms_settings_unwatch(struct bms_settings *s, const void *user)
{
	for (guint i = s->watchers->len; i-- > 0;)
		if (g_array_index(s->watchers, struct watcher, i).user == user)
			g_array_remove_index(s->watchers, i);
}

struct bms_settings *bms_settings_new(const char *journal_path, bms_submit_fn submit, void *user)
{
	struct bms_settings *s = g_new0(struct bms_settings, 1);

	s->submit = submit;
	s->user = user;
	s->journal = change_journal_new(journal_path);
	s->watchers = g_array_new(FALSE, FALSE, sizeof(struct watcher));
	g_queue_init(&s->changes);
	return s;
}

void bms_settings_free(struct bms_settings *s)
{
	if (!s)
		return;
	while (s->changes.length > 0)
		free_change(g_queue_pop_head(&s->changes));
	g_array_unref(s->watchers);
	change_journal_free(s->journal);
	g_free(s);
}
