/* SPDX-License-Identifier: MIT */
#include "manage/manager.h"

#include <glib.h>

struct manager {
	struct manage_service *service;
	manager_status_fn status_fn;
	void *user;
};

static void on_status(struct manage_request *request, void *user)
{
	struct manager *m = user;
	struct status status = { 0 };

	m->status_fn(&status, m->user);
	manage_answer(request, status_make(&status));
}

static const struct manage_method status_method = { .name = "Status", .fn = on_status };

struct manager *manager_new(const char *address, const char *port, manager_status_fn status_fn,
			    void *user)
{
	struct manager *m = g_new0(struct manager, 1);

	m->status_fn = status_fn;
	m->user = user;
	m->service = manage_service_new(address, port);
	manage_service_add(m->service, &status_method, m);
	return m;
}

void manager_free(struct manager *m)
{
	if (!m)
		return;
	manage_service_free(m->service);
	g_free(m);
}

void manager_set_port(struct manager *m, const char *port)
{
	manage_service_set_id(m->service, port);
}

struct manage_service *manager_service(struct manager *m)
{
	return m->service;
}
