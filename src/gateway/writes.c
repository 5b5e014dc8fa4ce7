/* SPDX-License-Identifier: MIT */
#include "gateway/writes.h"

#include "log.h"
#include "manage/change_journal.h"

enum { TEXT_MAX = 200 };

struct writes {
	struct change_journal *journal;
};

struct writes *writes_new(const char *config_path)
{
	struct writes *w = g_new0(struct writes, 1);
	g_autofree char *folder = g_path_get_dirname(config_path);
	g_autofree char *path = g_build_filename(folder, "gateway-writes.jsonl", NULL);

	w->journal = change_journal_new(path);
	return w;
}

void writes_free(struct writes *w)
{
	if (!w)
		return;
	change_journal_free(w->journal);
	g_free(w);
}

/* So that one write does not drive all others out of the file. */
static char *cut(const char *text)
{
	return !text || g_utf8_strlen(text, -1) <= TEXT_MAX ? g_strdup(text)
							    : g_utf8_substring(text, 0, TEXT_MAX);
}

static char *print(const cJSON *item)
{
	if (cJSON_IsString(item))
		return cut(item->valuestring);

	char *made = item ? cJSON_PrintUnformatted(item) : NULL;
	char *text = cut(made);

	cJSON_free(made);
	return text;
}

void writes_note(struct writes *w, const char *who, const char *where, const char *what,
		 const cJSON *before, const cJSON *after, const char *reason)
{
	g_autofree char *old = print(before);
	g_autofree char *new = print(after);
	g_autofree char *name = cut(what);
	const struct change_entry entry = {
		.who = who,
		.path = where,
		.what = name,
		.before = old,
		.after = new,
		.result = reason ? reason : "done",
	};

	log_say(LOG_INFO, "%s: %s: %s: %s", who, where, name, entry.result);
	change_journal_add(w->journal, &entry, g_get_real_time() / G_USEC_PER_SEC);
}

cJSON *writes_read(const struct writes *w)
{
	return change_journal_read(w->journal);
}
