/* SPDX-License-Identifier: MIT */
#include "manage/manager.h"

#include <glib.h>

#include "log.h"
#include "manage/config_methods.h"
#include "manage/settings_methods.h"

struct manager {
	struct manager_parts parts;
	struct manage_service *service;
	struct config_methods *config_methods;
};

static void on_status(struct manage_request *request, void *user)
{
	struct manager *m = user;
	struct status status = { 0 };

	m->parts.status(&status, m->parts.user);
	manage_answer(request, status_make(&status));
}

static void on_diagnostics(struct manage_request *request, void *user)
{
	struct manager *m = user;
	struct diagnostics diagnostics = { 0 };

	m->parts.diagnostics(&diagnostics, m->parts.user);
	manage_answer(request, diagnostics_make(&diagnostics));
}

static void answer_done(struct manage_request *request)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddTrueToObject(object, "done");
	manage_answer(request, object);
}

static void on_full_charge(struct manage_request *request, void *user)
{
	struct manager *m = user;
	const bool is_wanted = manage_request_number(request, 0) > 0.0;

	log_say(LOG_INFO,
		is_wanted ? "A full charge is asked for by %s."
			  : "The full charge is called off by %s.",
		manage_request_who(request));
	m->parts.want_full(is_wanted, m->parts.user);
	answer_done(request);
}

static void on_sleep(struct manage_request *request, void *user)
{
	struct manager *m = user;
	const bool is_asleep = manage_request_number(request, 0) > 0.0;

	log_say(LOG_INFO, is_asleep ? "The BMS is sent to sleep by %s." : "The BMS is woken by %s.",
		manage_request_who(request));
	m->parts.sleep(is_asleep, m->parts.user);
	answer_done(request);
}

static const struct manage_method methods[] = {
	{ .name = "Status", .fn = on_status },
	{ .name = "Diagnostics", .fn = on_diagnostics },
	{ .name = "FullCharge",
	  .arguments = { { "on", VALUE_DOUBLE } },
	  .fn = on_full_charge,
	  .changes = true },
	{ .name = "Sleep",
	  .arguments = { { "on", VALUE_DOUBLE } },
	  .fn = on_sleep,
	  .changes = true },
};

static void on_config_changed(void *user)
{
	struct manager *m = user;

	m->parts.config_changed(m->parts.user);
}

struct manager *manager_new(const char *address, const char *port,
			    const struct manager_parts *parts)
{
	struct manager *m = g_new0(struct manager, 1);

	m->parts = *parts;
	m->service = manage_service_new(address, port);
	manage_service_allow_remote(m->service, config_watch_get(parts->watch)->remote_writes);
	for (size_t i = 0; i < G_N_ELEMENTS(methods); i++)
		manage_service_add(m->service, &methods[i], m);
	settings_methods_register(m->service, parts->bms_settings);
	m->config_methods =
		config_methods_new(m->service, parts->watch,
				   bms_settings_journal(parts->bms_settings), on_config_changed, m);
	return m;
}

void manager_free(struct manager *m)
{
	if (!m)
		return;
	manage_service_free(m->service);
	config_methods_free(m->config_methods);
	g_free(m);
}

void manager_set_config(struct manager *m, const struct config *config, const char *port)
{
	manage_service_allow_remote(m->service, config->remote_writes);
	manage_service_set_id(m->service, port);
}

struct manage_service *manager_service(struct manager *m)
{
	return m->service;
}
