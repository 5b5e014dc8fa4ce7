/* SPDX-License-Identifier: MIT */
#include "manage/caller.h"

#include <glib.h>
#include <string.h>

struct caller_question {
	struct bus *bus;
	caller_fn fn;
	void *user;
};

static bool is_bridge(const char *argument)
{
	g_autofree char *name = g_path_get_basename(argument);

	g_strdelimit(name, "_", '-');
	return g_str_has_prefix(name, "flashmq") || g_str_has_prefix(name, "dbus-mqtt") ||
	       g_str_has_prefix(name, "dbus-flashmq");
}

/* The program, or the script that an interpreter runs. */
struct caller caller_of(const char *command_line, size_t count)
{
	struct caller caller = { .is_remote = true };
	const char *last = command_line;
	unsigned arguments = 0;

	g_strlcpy(caller.who, "unknown", sizeof(caller.who));
	if (count == 0 || command_line[0] == '\0')
		return caller;
	caller.is_remote = false;
	g_strlcpy(caller.who, command_line, MIN(sizeof(caller.who), count + 1));
	for (size_t i = 0; i < count && arguments < 3; i++) {
		if (command_line[i] != '\0')
			continue;
		caller.is_remote = caller.is_remote || is_bridge(last);
		last = command_line + i + 1;
		arguments++;
	}
	return caller;
}

static struct caller caller_of_process(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%ld/cmdline", (long) pid);
	g_autofree char *text = NULL;
	gsize count = 0;

	if (pid <= 0 || !g_file_get_contents(path, &text, &count, NULL))
		return caller_of("", 0);

	struct caller caller = caller_of(text, count);

	for (char *c = caller.who; *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = '?';
	return caller;
}

static void on_pid(pid_t pid, void *user)
{
	struct caller_question *q = user;
	const struct caller caller = caller_of_process(pid);
	const caller_fn fn = q->fn;
	void *asker = q->user;

	g_free(q);
	fn(&caller, asker);
}

struct caller_question *caller_ask(struct bus *bus, const char *sender, caller_fn fn, void *user)
{
	struct caller_question *q = g_new0(struct caller_question, 1);

	q->bus = bus;
	q->fn = fn;
	q->user = user;
	bus_get_pid(bus, sender, on_pid, q);
	return q;
}

void caller_forget(struct caller_question *q)
{
	bus_forget(q->bus, q);
	g_free(q);
}
