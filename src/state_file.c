/* SPDX-License-Identifier: MIT */
#include "state_file.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

struct state_file {
	char *path; /* (owned, nullable) */
	char *line; /* (owned, nullable) as written last */
	struct log_topic topic;
};

struct state_file *state_file_new(const char *path)
{
	struct state_file *s = g_new0(struct state_file, 1);

	s->path = g_strdup(path);
	return s;
}

void state_file_free(struct state_file *s)
{
	if (!s)
		return;
	if (s->path)
		unlink(s->path);
	g_free(s->path);
	g_free(s->line);
	g_free(s);
}

void state_file_say(struct state_file *s, bool is_publishing, const char *sentence)
{
	g_autofree char *line = g_strdup_printf("%ld %s %s\n", (long) getpid(),
						is_publishing ? "publishing" : "waiting", sentence);
	g_autoptr(GError) error = NULL;

	if (!s->path || g_strcmp0(line, s->line) == 0)
		return;
	if (!file_replace(s->path, line, strlen(line), &error)) {
		log_transition(&s->topic, LOG_WARNING, "%s", error->message);
		return;
	}
	g_free(s->line);
	s->line = g_steal_pointer(&line);
}
