/* SPDX-License-Identifier: MIT */
/* acquisition_jobs - the jobs that the thread has been given, one after the other */
#include "tinybms/acquisition_private.h"

#include "tinybms/job_io.h"

struct result {
	struct acquisition *a; /* (a reference) */
	struct ticket *ticket;
};

/* ---- the main context's side --------------------------------------------------------- */

static gboolean deliver(gpointer user)
{
	const struct result *r = user;
	struct ticket *ticket = r->ticket;

	if (g_atomic_int_get(&r->a->stopped))
		return G_SOURCE_REMOVE; /* acquisition_stop() has reported and freed it */
	g_ptr_array_remove_fast(r->a->tickets, ticket);
	ticket->func(&ticket->job, ticket->user);
	g_free(ticket);
	return G_SOURCE_REMOVE;
}

static void free_result(gpointer user)
{
	struct result *r = user;

	acquisition_unref(r->a);
	g_free(r);
}

/* ---- the thread's side ---------------------------------------------------------------- */

static void prepare(struct acquisition *a)
{
	const struct ticket *first = g_queue_peek_head(&a->jobs);

	a->waits_for_events =
		first && first->job.kind == JOB_RESET && first->job.reset == FRAME_RESET_EVENTS;
	if (a->waits_for_events)
		schedule_hurry(&a->schedule, SCHEDULE_EVENTS);
}

void acquisition_jobs_add(struct acquisition *a, struct ticket *ticket)
{
	g_queue_push_tail(&a->jobs, ticket);
	if (a->jobs.length == 1)
		prepare(a);
}

/* What it has changed is worth a look. */
static void look_again(struct acquisition *a, const struct job *job)
{
	if (job->kind == JOB_RANGES)
		return;
	schedule_hurry(&a->schedule, SCHEDULE_SETTINGS);
	if (job->kind == JOB_WRITE)
		return;
	schedule_hurry(&a->schedule, SCHEDULE_STATISTICS);
	schedule_hurry(&a->schedule, SCHEDULE_EVENTS);
}

static void finish_first(struct acquisition *a)
{
	struct result *r = g_new(struct result, 1);

	r->a = acquisition_ref(a);
	r->ticket = g_queue_pop_head(&a->jobs);
	look_again(a, &r->ticket->job);
	acquisition_post(a, deliver, r, free_result);
	prepare(a);
}

bool acquisition_jobs_wait(const struct acquisition *a)
{
	return a->jobs.length > 0 && !a->waits_for_events;
}

bool acquisition_jobs_turn(struct acquisition *a, GError **error)
{
	struct ticket *first = g_queue_peek_head(&a->jobs);
	const bool is_there = job_turn(&first->job, a->port, &a->config.clock, error);

	if (first->job.state != JOB_RUNNING)
		finish_first(a);
	return is_there;
}

void acquisition_jobs_abandon(struct acquisition *a)
{
	while (a->jobs.length > 0) {
		struct ticket *first = g_queue_peek_head(&a->jobs);

		job_abandon(&first->job);
		finish_first(a);
	}
}

void acquisition_jobs_postpone(struct acquisition *a)
{
	struct ticket *first = g_queue_peek_head(&a->jobs);

	if (!first)
		return;
	job_postponed(&first->job, clock_now_us(&a->config.clock));
	if (first->job.state != JOB_RUNNING)
		acquisition_jobs_abandon(a);
}
