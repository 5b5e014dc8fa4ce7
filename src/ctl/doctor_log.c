/* SPDX-License-Identifier: MIT */
/* The service's log, kept by multilog as daemontools.bbclass of meta-victronenergy has it. */
#include "ctl/doctor.h"

#include <string.h>
#include <unistd.h>

enum { RECENT_LINES = 20 };

static const char NAME[] = "dbus-tinybms";

/* multilog stamps a line with "@" and 24 hexadecimal digits. */
static const char *without_stamp(const char *line)
{
	const char *space = *line == '@' ? strchr(line, ' ') : NULL;

	return space ? space + 1 : line;
}

/* Among the last lines: what is older has been overcome. */
static char *last_error(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	const int count = (int) g_strv_length(lines);
	const char *found = NULL;

	for (int i = MAX(0, count - RECENT_LINES); i < count; i++)
		if (g_str_has_prefix(without_stamp(lines[i]), "ERROR "))
			found = without_stamp(lines[i]) + strlen("ERROR ");
	return g_strdup(found);
}

static void examine_log(const struct doctor *d, const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, "current", NULL);
	g_autofree char *text = NULL;
	g_autofree char *error = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL)) {
		findings_add(d->findings, FINDING_WARNING, "log",
			     "%s is not to be read: multilog does not run, or /data is full.", path);
		return;
	}
	error = last_error(text);
	if (error)
		findings_add(d->findings, FINDING_WARNING, "log", "The last error in %s: %s", path, error);
	else
		findings_add(d->findings, FINDING_OK, "log", "%s has no error among its last lines.", path);
}

/* What programs say that have no log, multilog itself above all, stands in the words of this one. */
static void examine_last_words(const struct doctor *d)
{
	g_autofree char *folder = g_strconcat(d->root, "/proc", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *pid;

	while (dir && (pid = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, pid, "cmdline", NULL);
		g_autofree char *words = NULL;
		gsize length = 0;

		if (!g_ascii_isdigit(*pid) || !g_file_get_contents(path, &words, &length, NULL) ||
		    !g_str_has_prefix(words, "readproctitle"))
			continue;
		for (gsize i = 0; i + 1 < length; i++)
			words[i] = words[i] ? words[i] : ' ';
		g_strdelimit(words, ".\n", ' ');
		if (strstr(words, "multilog"))
			findings_add(d->findings, FINDING_ERROR, "multilog",
				     "multilog cannot write a log (%s): make room on /data and restart the device.",
				     g_strstrip(words + strlen("readproctitle")));
	}
}

void doctor_examine_log(const struct doctor *d)
{
	g_autofree char *folder = g_strconcat(d->root, "/var/log", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	bool has_log = false;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		/* "dbus-tinybms", and "dbus-tinybms.garage" of a further battery */
		if (!g_str_equal(name, NAME) && !g_str_has_prefix(name, "dbus-tinybms."))
			continue;
		has_log = true;
		examine_log(d, folder, name);
	}
	if (!has_log)
		findings_add(d->findings, FINDING_WARNING, "log",
			     "There is no log of the service in %s: it never ran, or multilog cannot write.",
			     folder);
	examine_last_words(d);
}
