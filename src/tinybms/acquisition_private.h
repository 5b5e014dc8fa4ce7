/* SPDX-License-Identifier: MIT */
/* acquisition_private - what the parts of the acquisition thread share */
#pragma once

#include "tinybms/acquisition.h"
#include "tinybms/registers.h"
#include "tinybms/schedule.h"
#include "tinybms/serial_starter.h"

/** A job on its way. The thread's while it runs, else the main context's. */
struct ticket {
	struct job job;
	acquisition_job_func func;
	void *user;
};

struct acquisition {
	/* fixed from the start */
	struct acquisition_config config;
	GMainContext *context; /* (owned) */
	acquisition_func func;
	void *user;
	GThread *thread;
	GAsyncQueue *commands; /* (owned) struct command */
	gint stopped;	       /* atomic: reports still on their way are dropped */

	/* the main context's own */
	GPtrArray *tickets; /* (owned) struct ticket, not yet reported */

	/* the thread's own */
	struct serial_starter starter;
	struct port *port; /* (owned, nullable) */
	bool was_opened;
	gint64 lost_us, open_us, open_wait_us; /* real time: since when, next try, wait after it */
	unsigned silent_polls;
	gint64 mute_us;	     /* real time of the first of the reads that nobody answered; 0: none */
	bool may_be_another; /* nobody has for so long that the cable may have moved */
	bool is_asleep;
	struct schedule schedule;
	bool no_native_events; /* command 12 did not work on this port: registers tell */
	struct registers_habit habit;
	struct battery known; /* newest of everything */
	struct battery_identity met; /* whose jobs are being done */
	bool has_met;
	struct event_list list;
	bool has_fresh_events;
	bool has_fresh_settings;
	gint64 fault_us; /* when the status was last Fault, or the first snapshot */
	bool had_snapshot;
	bool is_running; /* a complete snapshot has been reported */
	double latency_sum_us;
	struct acquisition_counters counters;
	GQueue jobs;	       /* struct ticket, borrowed; the first one is being done */
	bool waits_for_events; /* they are about to be cleared */
};

/* ---- acquisition.c ---- */

struct acquisition *acquisition_ref(struct acquisition *a);
void acquisition_unref(struct acquisition *a);

/** Runs @fn with @data in the main context, never at once; @data is freed there. */
void acquisition_post(struct acquisition *a, GSourceFunc fn, gpointer data, GDestroyNotify free_fn);

/** @error is consumed; @is_snapshot: a->known is one. */
void acquisition_report(struct acquisition *a, enum acquisition_state state, bool is_snapshot,
			GError *error);

/** It is another one: everything is read anew before there is a snapshot. */
void acquisition_forget_device(struct acquisition *a);

/** Tell that the status is Fault; its cause and the snapshot follow. */
void acquisition_report_fault(struct acquisition *a);

/* ---- acquisition_read.c ---- */

/** One live read, its report, and one other transaction; at the start as many as are due. */
bool acquisition_read(struct acquisition *a, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- acquisition_jobs.c ---- */

void acquisition_jobs_add(struct acquisition *a, struct ticket *ticket);
bool acquisition_jobs_wait(const struct acquisition *a);
/** One transaction of the first job. false: the port has gone. */
bool acquisition_jobs_turn(struct acquisition *a, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The BMS cannot be asked just now. */
void acquisition_jobs_postpone(struct acquisition *a);
/** There is no line to do them on. */
void acquisition_jobs_abandon(struct acquisition *a);
