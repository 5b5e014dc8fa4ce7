/* SPDX-License-Identifier: MIT */
#include "ctl/service_reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/port_reader.h"
#include "dbus/bus.h"
#include "manage/manage_service.h"

struct service_reader {
	struct bus_reader *bus; /* NULL: straight to a port */
	char *name;
	struct port_reader *port;
};

/* ---- which one ------------------------------------------------------------------------ */

static bool is_text(const cJSON *status, const char *key, const char *wanted)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(status, key));

	return text && g_ascii_strcasecmp(text, wanted) == 0;
}

/* NULL: it is not on the bus. */
static char *custom_name(struct bus_reader *bus, const cJSON *status)
{
	const char *service =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(status, "service"));

	return service ? bus_reader_text(bus, service, "/CustomName") : NULL;
}

static bool is_wanted(struct bus_reader *bus, const char *name, const char *wanted)
{
	g_autofree char *text = NULL;
	cJSON *status;
	bool is_it;

	if (!strcmp(name + strlen(MANAGE_NAME_PREFIX), wanted))
		return true;
	text = bus_reader_ask(bus, name, MANAGE_INTERFACE, "Status", NULL, 0, NULL);
	status = text ? cJSON_Parse(text) : NULL;

	const cJSON *instance = cJSON_GetObjectItemCaseSensitive(status, "instance");
	g_autofree char *number =
		cJSON_IsNumber(instance) ? g_strdup_printf("%d", instance->valueint) : NULL;

	g_autofree char *custom = custom_name(bus, status);

	is_it = g_strcmp0(custom, wanted) == 0 || is_text(status, "port", wanted) ||
		is_text(status, "serial", wanted) || is_text(status, "service", wanted) ||
		g_strcmp0(number, wanted) == 0;
	cJSON_Delete(status);
	return is_it;
}

static char *choose(struct bus_reader *bus, const char *wanted, GError **error)
{
	g_auto(GStrv) names = bus_reader_names(bus, MANAGE_NAME_PREFIX);
	g_autofree char *all = g_strjoinv(", ", names);
	const char *chosen = NULL;
	unsigned count = 0;

	for (int i = 0; names[i]; i++)
		if (!wanted || is_wanted(bus, names[i], wanted)) {
			chosen = names[i];
			count++;
		}
	if (count == 1)
		return g_strdup(chosen);
	if (!names[0])
		g_set_error(error, BUS_ERROR, BUS_ERROR_REMOTE,
			    "the service does not run; tinybmsctl doctor looks for the reason");
	else if (count == 0)
		g_set_error(error, BUS_ERROR, BUS_ERROR_REMOTE,
			    "no battery is \"%s\"; there are %s", wanted, all);
	else
		g_set_error(error, BUS_ERROR, BUS_ERROR_REMOTE,
			    "there are several batteries, choose one by --battery: %s", all);
	return NULL;
}

/* ---- a port -------------------------------------------------------------------------------- */

static bool is_same_port(const cJSON *status, const char *path)
{
	const char *theirs = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(status, "port"));
	g_autofree char *one = theirs ? realpath(theirs, NULL) : NULL;
	g_autofree char *other = realpath(path, NULL);

	return theirs && (strcmp(theirs, path) == 0 || (one && g_strcmp0(one, other) == 0));
}

/* Without a bus there is no service. */
static bool is_port_free(const struct service_options *options, GError **error)
{
	struct bus_reader *bus = bus_reader_open(options->bus, NULL);
	g_auto(GStrv) names = bus ? bus_reader_names(bus, MANAGE_NAME_PREFIX) : NULL;
	bool is_free = true;

	for (int i = 0; names && names[i] && is_free; i++) {
		g_autofree char *text =
			bus_reader_ask(bus, names[i], MANAGE_INTERFACE, "Status", NULL, 0, NULL);
		cJSON *status = text ? cJSON_Parse(text) : NULL;

		is_free = !is_same_port(status, options->port);
		cJSON_Delete(status);
		if (!is_free)
			g_set_error(error, BUS_ERROR, BUS_ERROR_REMOTE,
				    "the service %s is on %s: leave out --port", names[i],
				    options->port);
	}
	bus_reader_free(bus);
	return is_free;
}

static struct service_reader *open_port(const struct service_options *options, GError **error)
{
	struct port_reader *port =
		is_port_free(options, error) ? port_reader_open(options->port, error) : NULL;
	struct service_reader *s;

	if (!port)
		return NULL;
	s = g_new0(struct service_reader, 1);
	s->port = port;
	return s;
}

struct service_reader *service_reader_open(const struct service_options *options, GError **error)
{
	if (options->port)
		return open_port(options, error);

	struct bus_reader *bus = bus_reader_open(options->bus, error);
	char *name = bus ? choose(bus, options->battery, error) : NULL;
	struct service_reader *s;

	if (!name) {
		bus_reader_free(bus);
		return NULL;
	}
	s = g_new0(struct service_reader, 1);
	s->bus = bus;
	s->name = name;
	return s;
}

void service_reader_free(struct service_reader *s)
{
	if (!s)
		return;
	bus_reader_free(s->bus);
	port_reader_free(s->port);
	g_free(s->name);
	g_free(s);
}

static cJSON *parse(struct service_reader *s, const char *method, const char *text, GError **error)
{
	cJSON *answer;

	if (!text)
		return NULL;
	answer = cJSON_Parse(text);
	if (!answer)
		g_set_error(error, BUS_ERROR, BUS_ERROR_REMOTE, "%s answered %s with no JSON",
			    s->name, method);
	return answer;
}

cJSON *service_reader_ask(struct service_reader *s, const char *method, const double *numbers,
			  size_t count, GError **error)
{
	if (s->port)
		return port_reader_ask(s->port, method, error);

	g_autofree char *text =
		bus_reader_ask(s->bus, s->name, MANAGE_INTERFACE, method, numbers, count, error);

	return parse(s, method, text, error);
}

cJSON *service_reader_tell(struct service_reader *s, const char *method, const char *const *texts,
			   size_t count, GError **error)
{
	if (s->port)
		return port_reader_ask(s->port, method, error);

	g_autofree char *text =
		bus_reader_tell(s->bus, s->name, MANAGE_INTERFACE, method, texts, count, error);

	return parse(s, method, text, error);
}

struct bus_reader *service_reader_bus(struct service_reader *s)
{
	return s->bus;
}
