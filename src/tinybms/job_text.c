/* SPDX-License-Identifier: MIT */
#include "tinybms/job_text.h"

#include "tinybms/setting_value.h"

static const char *name_of(const struct job *job, size_t i)
{
	const struct setting *s =
		i < job->count ? settings_by_address(job->write[i].address) : NULL;

	return s ? s->name : "the command";
}

static void append_why(GString *text, const struct job *job)
{
	const char *name = name_of(job, job->failed);

	switch (job->state) {
	case JOB_RUNNING:
		g_string_append(text, "It is under way.");
		break;
	case JOB_DONE:
		g_string_append(text, "Done.");
		break;
	case JOB_REFUSED:
		g_string_append_printf(text, "The BMS refused %s.", name);
		break;
	case JOB_NOT_TAKEN:
		g_string_append_printf(text, "The BMS acknowledged %s, but did not take it.", name);
		break;
	case JOB_SILENT:
		g_string_append_printf(text, "The BMS did not answer to %s.", name);
		break;
	case JOB_ABANDONED:
		g_string_append_printf(text, "The BMS is not reached any more; it ended with %s.",
				       name);
		break;
	}
}

/* "over_voltage_cutoff (was 3.65 V)" */
static void append_changed(GString *text, const struct job *job)
{
	const char *comma = "";

	for (size_t i = 0; i < job->count; i++) {
		const struct job_write *w = &job->write[i];
		const struct setting *s = settings_by_address(w->address);

		if (!w->is_changed || !s)
			continue;
		g_autofree char *before = setting_text(s, w->before);

		g_string_append_printf(text, "%s%s (was %s)", comma, s->name, before);
		comma = ", ";
	}
}

char *job_text(const struct job *job)
{
	GString *text = g_string_new(NULL);

	append_why(text, job);
	switch (job->undoing) {
	case JOB_UNDO_NOTHING:
		if (job->state != JOB_DONE)
			g_string_append(text, " Nothing was changed.");
		break;
	case JOB_UNDONE:
		g_string_append(text, " What was written before is written back.");
		break;
	case JOB_UNDO_FAILED:
		g_string_append(text, " These may be changed and could not be written back: ");
		append_changed(text, job);
		g_string_append(text, ". Look at them, and set them again.");
		break;
	}
	return g_string_free(text, FALSE);
}
