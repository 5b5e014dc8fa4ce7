/* SPDX-License-Identifier: MIT */
#include "manage/change_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
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

/* Only the last line may be cut short. */
static bool is_journal(const char *text)
{
	for (const char *line = text; *line;) {
		const char *end = strchr(line, '\n');
		g_autofree char *copy = end ? g_strndup(line, (gsize) (end - line)) : NULL;
		cJSON *entry = copy ? cJSON_Parse(copy) : NULL;
		const bool is_fine = !end || copy[0] == '\0' || cJSON_IsObject(entry);

		cJSON_Delete(entry);
		if (!is_fine)
			return false;
		line = end ? end + 1 : "";
	}
	return true;
}

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

/* A lone part of a line, left by a power cut, ends before ours begins. */
static bool append(const char *path, const char *line)
{
	const int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	const size_t count = strlen(line);
	char last = '\n';
	bool is_written;

	if (fd < 0)
		return false;

	const off_t size = lseek(fd, 0, SEEK_END);

	if (size > 0 && pread(fd, &last, 1, size - 1) != 1)
		last = '\n';
	is_written = (last == '\n' || write(fd, "\n", 1) == 1) &&
		     write(fd, line, count) == (ssize_t) count && fsync(fd) == 0;

	const int saved_errno = errno;

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

static void look_after(struct change_journal *j)
{
	g_autofree char *text = NULL;
	gsize count = 0;

	if (!g_file_get_contents(j->path, &text, &count, NULL) || count == 0)
		return;
	if (!j->was_checked && (strlen(text) != count || !is_journal(text))) {
		g_autofree char *aside = g_strconcat(j->path, ".damaged", NULL);

		if (rename(j->path, aside) == 0)
			log_say(LOG_WARNING, "%s is damaged: it is set aside as %s.", j->path,
				aside);
	} else if (count > CHANGE_JOURNAL_MAX) {
		shorten(j, text, count);
	}
	j->was_checked = true;
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
