/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <errno.h>
#include <stdio.h>

#include "config.h"
#include "log.h"
#include "snapshot_json.h"

struct trace {
	FILE *file; /* NULL: it has failed */
};

struct trace *trace_open(const char *path, GError **error)
{
	FILE *file = fopen(path, "we");

	if (!file) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE,
			    "%s: cannot write the trace: %s", path, g_strerror(errno));
		return NULL;
	}
	struct trace *t = g_new0(struct trace, 1);

	t->file = file;
	return t;
}

void trace_write(struct trace *t, const struct battery *battery, gint64 now_us)
{
	if (!t || !t->file)
		return;
	char *line = snapshot_json_line(battery, now_us);
	const bool is_written = fprintf(t->file, "%s\n", line) > 0 && fflush(t->file) == 0;

	cJSON_free(line);
	if (is_written)
		return;
	log_say(LOG_WARNING, "The trace cannot be written any more: %s.", g_strerror(errno));
	fclose(t->file);
	t->file = NULL;
}

void trace_close(struct trace *t)
{
	if (t && t->file)
		fclose(t->file);
	g_free(t);
}
