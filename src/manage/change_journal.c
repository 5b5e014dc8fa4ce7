/* SPDX-License-Identifier: MIT */
#include "manage/change_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

struct change_journal {
	char *path;
	bool was_checked;
	struct log_topic topic;
};

struct change_journal *change_journal_new(const char *path)
{
	struct change_journal *j = g_new0(struct change_journal, 1);

	j->path = g_strdup(path);
	return j;
}

void change_journal_free(struct change_journal *j)
{
	if (!j)
		return;
	g_free(j->path);
	g_free(j);
}

/* ---- reading -------------------------------------------------------------------------- */

cJSON *change_journal_read(const struct change_journal *j)
{
	cJSON *list = cJSON_CreateArray();
	g_autofree char *text = NULL;

	if (!g_file_get_contents(j->path, &text, NULL, NULL))
		return list;

	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		cJSON *entry = cJSON_Parse(*line);

		if (cJSON_IsObject(entry))
			cJSON_AddItemToArray(list, entry);
		else
			cJSON_Delete(entry);
	}
	return list;
}

/* ---- writing -------------------------------------------------------------------------- */

/* All of it or nothing: half a line would make the next one bad. */
static bool append(const char *path, const char *line)
{
	const int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	const size_t count = strlen(line);
	struct stat before;
	bool is_written;

	if (fd < 0)
		return false;
	if (fstat(fd, &before) != 0) {
		close(fd);
		return false;
	}
	errno = ENOSPC; /* which a write that is cut short does not say */
	is_written = write(fd, line, count) == (ssize_t) count && fsync(fd) == 0;

	const int saved_errno = errno;

	if (!is_written && ftruncate(fd, before.st_size) != 0)
		log_say(LOG_WARNING, "%s: half a line cannot be cut off: %s.", path,
			g_strerror(errno));
	close(fd);
	errno = saved_errno;
	return is_written;
}

static void shorten(const struct change_journal *j, const char *text, size_t count)
{
	const char *half = strchr(text + count / 2, '\n');
	g_autoptr(GError) error = NULL;

	if (!half)
		half = text + count - 1;
	if (!file_replace(j->path, half + 1, count - (size_t) (half + 1 - text), &error))
		log_say(LOG_WARNING, "%s", error->message);
}

static bool is_entry(const char *line, size_t count)
{
	cJSON *entry = memchr(line, '\0', count) ? NULL : cJSON_ParseWithLength(line, count);
	const bool is_object = cJSON_IsObject(entry);

	cJSON_Delete(entry);
	return is_object;
}

/* The lines that are entries; whether all are. */
static GString *good_lines(const char *text, size_t count, bool *are_all)
{
	GString *good = g_string_new(NULL);
	const char *end;

	*are_all = true;
	for (const char *line = text; (end = memchr(line, '\n', count)) != NULL; line = end + 1) {
		const size_t length = (size_t) (end - line);

		count -= length + 1;
		if (is_entry(line, length))
			g_string_append_len(good, line, (gssize) length + 1);
		else
			*are_all = false;
	}
	return good;
}

/* What was there stays, under another name. */
static void set_aside(const struct change_journal *j, const GString *good)
{
	g_autofree char *aside = file_set_aside(j->path);
	g_autoptr(GError) error = NULL;
	const bool is_kept = file_replace(j->path, good->str, good->len, &error);

	log_say(LOG_WARNING, "%s is damaged: it is set aside%s%s; %s.", j->path,
		aside ? " as " : "", aside ? aside : "",
		is_kept ? "its good lines are kept" : error->message);
}

/*
 * What a power cut left of a line goes, so that the next one begins its own.
 * @return the bytes of whole lines
 */
static size_t cut_torn(const struct change_journal *j, const char *text, size_t count)
{
	const char *newline = memrchr(text, '\n', count);
	const size_t whole = newline ? (size_t) (newline + 1 - text) : 0;

	if (whole == count)
		return whole;
	if (truncate(j->path, (off_t) whole) == 0)
		log_say(LOG_WARNING, "The last line of %s was torn by a power cut; it is left out.",
			j->path);
	else
		log_say(LOG_WARNING, "%s: the torn last line cannot be cut off: %s.", j->path,
			g_strerror(errno));
	return whole;
}

static void look_after(struct change_journal *j)
{
	g_autofree char *text = NULL;
	gsize count = 0;
	bool is_fine = true;

	if (!g_file_get_contents(j->path, &text, &count, NULL))
		return;
	if (!j->was_checked) {
		GString *good = good_lines(text, count, &is_fine);

		if (!is_fine)
			set_aside(j, good);
		g_string_free(good, TRUE);
	}
	j->was_checked = true;
	if (!is_fine)
		return;
	const size_t whole = cut_torn(j, text, count);

	if (whole > CHANGE_JOURNAL_MAX)
		shorten(j, text, whole);
}

static void add_text(cJSON *object, const char *key, const char *text)
{
	if (text)
		cJSON_AddStringToObject(object, key, text);
}

void change_journal_add(struct change_journal *j, const struct change_entry *entry, gint64 time_s)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddNumberToObject(object, "time", (double) time_s);
	add_text(object, "who", entry->who);
	add_text(object, "path", entry->path);
	add_text(object, "by", entry->by);
	add_text(object, "what", entry->what);
	add_text(object, "before", entry->before);
	add_text(object, "after", entry->after);
	add_text(object, "result", entry->result);

	char *made = cJSON_PrintUnformatted(object);
	g_autofree char *line = g_strconcat(made, "\n", NULL);

	cJSON_free(made);
	cJSON_Delete(object);
	look_after(j);
	if (append(j->path, line))
		log_transition(&j->topic, LOG_DEBUG, "Changes of the BMS are written to %s.",
			       j->path);
	else
		log_transition(&j->topic, LOG_WARNING,
			       "%s cannot be written: %s; changes are only said in this log.",
			       j->path, g_strerror(errno));
}
