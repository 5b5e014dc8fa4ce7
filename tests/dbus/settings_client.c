/* SPDX-License-Identifier: MIT */
/*
 * settings_client - a user of the settings service, for tests
 *
 * Prints "value PATH VALUE" when a setting is known or another, "trouble
 * SENTENCE" and "fine SENTENCE" for the log, "is PATH VALUE" when asked. Driven
 * by lines on standard input:
 *   add PATH VALUE [MIN MAX], write PATH VALUE, get PATH, remove PATH,
 *   identifier PREFIX TEXT, instance TEXT CLASS
 * A VALUE is i:NUMBER, d:NUMBER, s:TEXT or -. It ends with its input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbus/localsettings.h"

struct client {
	GMainLoop *loop;
	struct bus *bus;
	struct localsettings *settings;
	GHashTable *handles; /* path: struct localsetting, borrowed */
	int status;
};

static struct value parse(const char *text)
{
	if (g_str_has_prefix(text, "i:"))
		return value_int(g_ascii_strtoll(text + 2, NULL, 10));
	if (g_str_has_prefix(text, "d:"))
		return value_double(g_ascii_strtod(text + 2, NULL));
	return g_str_has_prefix(text, "s:") ? value_string(text + 2) : value_invalid();
}

static void print(const char *word, const char *path, const struct value *value)
{
	static const char letters[] = { '-', 'i', 'd', 's' };
	g_autofree char *text = value_to_string(value);

	printf("%s %s %c%s%s\n", word, path, letters[value->type], text ? ":" : "", text ? text : "");
}

static void on_value(const struct value *value, void *user)
{
	print("value", user, value);
}

static void on_log(const char *sentence, bool is_trouble, void *user)
{
	printf("%s %s\n", is_trouble ? "trouble" : "fine", sentence);
}

static void on_bus_state(const char *trouble, void *user)
{
	struct client *client = user;

	if (!trouble)
		return;
	client->status = 3;
	g_main_loop_quit(client->loop);
}

static void add(struct client *client, char **words)
{
	char *path = (char *) g_intern_string(words[1]);
	const struct localsetting_spec spec = {
		.path = path,
		.fallback = parse(words[2]),
		.min = words[3] ? g_ascii_strtod(words[3], NULL) : 0.0,
		.max = words[3] && words[4] ? g_ascii_strtod(words[4], NULL) : 0.0,
		.fn = on_value,
		.user = path,
	};

	g_hash_table_insert(client->handles, path, localsettings_add(client->settings, &spec));
}

static void remove_setting(struct client *client, const char *path)
{
	localsettings_remove(g_hash_table_lookup(client->handles, path));
	g_hash_table_remove(client->handles, path);
}

static void obey(struct client *client, char **words)
{
	struct localsetting *handle = g_hash_table_lookup(client->handles, words[1]);

	if (strcmp(words[0], "add") == 0) {
		add(client, words);
	} else if (strcmp(words[0], "write") == 0) {
		const struct value value = parse(words[2]);

		localsetting_write(handle, &value);
	} else if (strcmp(words[0], "get") == 0) {
		const struct value value = localsetting_value(handle);

		print("is", words[1], &value);
	} else if (strcmp(words[0], "remove") == 0) {
		remove_setting(client, words[1]);
	} else if (strcmp(words[0], "identifier") == 0) {
		g_autofree char *identifier = localsettings_identifier(words[1], words[2]);

		puts(identifier);
	} else if (strcmp(words[0], "instance") == 0) {
		printf("%d\n", localsettings_parse_instance(words[1], words[2]));
	}
}

static gboolean on_input(GIOChannel *channel, GIOCondition condition, void *user)
{
	struct client *client = user;
	g_autofree char *line = NULL;

	if (g_io_channel_read_line(channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL) {
		g_main_loop_quit(client->loop);
		return G_SOURCE_REMOVE;
	}
	g_auto(GStrv) words = g_strsplit(g_strchomp(line), " ", 5);

	if (words[0] && words[1])
		obey(client, words);
	return G_SOURCE_CONTINUE;
}

int main(void)
{
	g_autoptr(GError) error = NULL;
	struct client client = { .loop = g_main_loop_new(NULL, FALSE) };
	GIOChannel *input = g_io_channel_unix_new(STDIN_FILENO);

	setvbuf(stdout, NULL, _IOLBF, 0);
	client.bus = bus_connect(NULL, on_bus_state, &client, &error);
	if (!client.bus) {
		puts(error->message);
		return EXIT_FAILURE;
	}
	client.handles = g_hash_table_new(g_str_hash, g_str_equal);
	client.settings = localsettings_new(client.bus, on_log, &client);
	g_io_add_watch(input, G_IO_IN | G_IO_HUP, on_input, &client);
	g_main_loop_run(client.loop);
	localsettings_free(client.settings);
	bus_free(client.bus);
	g_hash_table_unref(client.handles);
	g_io_channel_unref(input);
	g_main_loop_unref(client.loop);
	return client.status;
}
