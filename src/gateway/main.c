/* SPDX-License-Identifier: MIT */
/* main - the gateway's command line */
#include <glib.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/config_command.h"
#include "gateway/gateway.h"
#include "gateway/secrets.h"
#include "log.h"

enum { EXIT_USAGE = 2, LINE_MAX_BYTES = 512 };

static const char DEFAULT_CONFIG[] = "/data/conf/dbus-tinybms/gateway/gateway.json";

struct arguments {
	char *config, *page, *bus, *user, *token;
	char **set; /* NAME=VALUE, ends with NULL */
	gboolean set_password, set_mqtt_password, check, verbose, version;
};

static bool parse(struct arguments *a, int *argc, char ***argv, GError **error)
{
	const GOptionEntry entries[] = {
		{ "config", 'c', 0, G_OPTION_ARG_FILENAME, &a->config,
		  "Configuration file; the secrets lie beside it", "FILE" },
		{ "page", 'p', 0, G_OPTION_ARG_FILENAME, &a->page, "Folder with the web page",
		  "FOLDER" },
		{ "bus", 'b', 0, G_OPTION_ARG_STRING, &a->bus,
		  "D-Bus address, in place of the session's or the system's", "ADDRESS" },
		{ "user", 'u', 0, G_OPTION_ARG_STRING, &a->user,
		  "Become this user when the port is open", "NAME" },
		{ "set-password", 0, 0, G_OPTION_ARG_NONE, &a->set_password,
		  "Read the page's password from standard input", NULL },
		{ "set-mqtt-password", 0, 0, G_OPTION_ARG_NONE, &a->set_mqtt_password,
		  "Read the broker's password from standard input", NULL },
		{ "new-token", 0, 0, G_OPTION_ARG_STRING, &a->token,
		  "Make a token for a program and print it; then SCOPE: read or write", "NAME" },
		{ "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a->set,
		  "Change a key of the configuration, as often as needed", "NAME=VALUE" },
		{ "check", 0, 0, G_OPTION_ARG_NONE, &a->check,
		  "Check configuration and certificates and end; 1: it cannot run so, 3: a "
		  "certificate is not valid now",
		  NULL },
		{ "verbose", 'v', 0, G_OPTION_ARG_NONE, &a->verbose, "Say more", NULL },
		{ "version", 'V', 0, G_OPTION_ARG_NONE, &a->version, "Show the version", NULL },
		{ NULL },
	};
	GOptionContext *context =
		g_option_context_new("[SCOPE] - batteries as web page, REST and MQTT");

	g_option_context_add_main_entries(context, entries, NULL);
	const bool is_fine = g_option_context_parse(context, argc, argv, error);

	g_option_context_free(context);
	return is_fine;
}

static int finish(bool is_done, const GError *error)
{
	if (is_done)
		return EXIT_SUCCESS;
	fprintf(stderr, "tinybms-gateway: %s\n", error->message);
	return EXIT_FAILURE;
}

static int set_password(const struct arguments *a)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = secrets_path(a->config ? a->config : DEFAULT_CONFIG);
	struct secrets *secrets = secrets_new(path, &error);
	char line[LINE_MAX_BYTES] = "";
	bool is_done = false;

	if (secrets && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\r\n")] = '\0';
		is_done = a->set_password ? secrets_set_password(secrets, line, &error)
					  : secrets_set_mqtt_password(secrets, line, &error);
		sodium_memzero(line, sizeof(line));
	} else if (secrets) {
		g_set_error_literal(&error, SECRETS_ERROR, SECRETS_ERROR_VALUE,
				    "there is no password on standard input");
	}
	secrets_free(secrets);
	return finish(is_done, error);
}

static int new_token(const struct arguments *a, const char *scope)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = secrets_path(a->config ? a->config : DEFAULT_CONFIG);
	struct secrets *secrets;
	g_autofree char *token = NULL;

	if (!scope || (strcmp(scope, "read") && strcmp(scope, "write"))) {
		fprintf(stderr, "tinybms-gateway: --new-token %s needs a scope, read or write\n",
			a->token);
		return EXIT_USAGE;
	}
	secrets = secrets_new(path, &error);
	if (secrets)
		token = secrets_add_token(secrets, a->token, !strcmp(scope, "write"), &error);
	if (token)
		printf("%s\n", token);
	secrets_free(secrets);
	return finish(token != NULL, error);
}

static int set(const struct arguments *a)
{
	g_autoptr(GError) error = NULL;
	const bool is_done =
		config_command_set(a->config ? a->config : DEFAULT_CONFIG, a->set, &error);

	return finish(is_done, error);
}

static int run(const struct arguments *a, const char *word)
{
	const struct gateway_options options = {
		.config_path = a->config ? a->config : DEFAULT_CONFIG,
		.page = a->page,
		.bus_address = a->bus,
		.user = a->user,
	};

	if (a->version) {
		printf("tinybms-gateway %s\n", VERSION);
		return EXIT_SUCCESS;
	}
	if (a->token)
		return new_token(a, word);
	if (a->set_password || a->set_mqtt_password)
		return set_password(a);
	if (a->set)
		return set(a);
	if (a->check)
		return gateway_check(&options);
	log_set_verbose(a->verbose);
	return gateway_run(&options);
}

int main(int argc, char **argv)
{
	struct arguments a = { 0 };
	g_autoptr(GError) error = NULL;
	int status = EXIT_USAGE;

	g_set_prgname("tinybms-gateway");
	signal(SIGPIPE, SIG_IGN);
	if (!parse(&a, &argc, &argv, &error))
		fprintf(stderr, "tinybms-gateway: %s; --help shows the options\n", error->message);
	else if (argc > (a.token ? 2 : 1))
		fprintf(stderr, "tinybms-gateway: \"%s\" is no option; --help shows the options\n",
			argv[argc - 1]);
	else
		status = run(&a, argc > 1 ? argv[1] : NULL);
	g_free(a.config);
	g_free(a.page);
	g_free(a.bus);
	g_free(a.user);
	g_free(a.token);
	g_strfreev(a.set);
	return status;
}
