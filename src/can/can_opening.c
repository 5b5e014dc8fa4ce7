/* SPDX-License-Identifier: MIT */
#include "can/can_opening.h"

#include <unistd.h>

/* Belongs to the thread, then to the main loop. */
struct can_opening {
	struct can_opening_wish wish;
	GMainContext *context;
	can_opening_fn fn; /* NULL: not wanted any more; touched by the main loop only */
	void *user;

	int fd;
	struct can_link link;
	GError *error;
};

static void opening_free(struct can_opening *o)
{
	if (o->fd >= 0)
		close(o->fd);
	g_main_context_unref(o->context);
	g_clear_error(&o->error);
	g_free(o);
}

static gboolean on_opened(void *user)
{
	struct can_opening *o = user;
	const int fd = o->fd;
	const char *trouble = o->error ? o->error->message : "the interface cannot be opened";

	if (o->fn) {
		o->fd = -1;
		o->fn(fd, &o->link, fd >= 0 ? "" : trouble, o->user);
	}
	opening_free(o);
	return G_SOURCE_REMOVE;
}

static void *opening_run(void *data)
{
	struct can_opening *o = data;
	const struct can_opening_wish *w = &o->wish;
	GSource *done = g_idle_source_new();

	o->fd = w->ops->open(w->name, &w->wish, w->restart, w->filters, w->filter_count, &o->link,
			     &o->error);
	g_source_set_priority(done, G_PRIORITY_DEFAULT);
	g_source_set_callback(done, on_opened, o, NULL);
	g_source_attach(done, o->context);
	g_source_unref(done);
	return NULL;
}

struct can_opening *can_opening_start(const struct can_opening_wish *wish, can_opening_fn fn,
				      void *user, GError **error)
{
	struct can_opening *o = g_new0(struct can_opening, 1);
	GThread *thread;

	o->wish = *wish;
	o->context = g_main_context_ref_thread_default();
	o->fn = fn;
	o->user = user;
	o->fd = -1;
	thread = g_thread_try_new("can-open", opening_run, o, error);
	if (!thread) {
		opening_free(o);
		return NULL;
	}
	g_thread_unref(thread);
	return o;
}

void can_opening_forget(struct can_opening *o)
{
	if (o)
		o->fn = NULL;
}
