/* SPDX-License-Identifier: MIT */
/*
 * acquisition - the thread that owns the serial port
 *
 * Reads registers 0 to 55 in one request each period, or each 100 ms until a
 * snapshot is complete, the other blocks on slower schedules (schedule.h). A
 * port that vanishes is opened again, each second for the first ten, then up to
 * ten seconds apart. A BMS that sleeps loses the first request and answers the
 * repeated one. One that was silent for a second and more may be another one, and
 * is asked for its serial number first.
 *
 * A job (job.h) gets the place of the other blocks, one transaction after a live
 * read, and waits for nothing but events that are due: they tell faults apart.
 *
 * Results leave as reports on the main context; requests enter by a queue.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "battery/battery.h"
#include "clock.h"
#include "tinybms/events.h"
#include "tinybms/job.h"
#include "tinybms/port.h"
#include "tinybms/settings.h"

/** Counted since the start of the thread. */
struct acquisition_counters {
	uint64_t polls;	    /**< live reads asked for */
	uint64_t successes; /**< live reads answered */
	uint64_t reopens;   /**< openings of the port after the first */
	struct port_counters line;
	double latency_last_us, latency_mean_us, latency_max_us; /**< of live reads */
};

enum acquisition_state {
	ACQUISITION_NO_PORT,  /**< cannot be opened, or has vanished */
	ACQUISITION_SILENT,   /**< open, the BMS does not answer, or not with a snapshot */
	ACQUISITION_STARTING, /**< answers; settings, events and version are still being read */
	ACQUISITION_RUNNING,  /**< snapshots are complete */
	ACQUISITION_ASLEEP,   /**< no traffic, so that the BMS may sleep: acquisition_sleep() */
};

/** What one cycle brought. */
struct acquisition_report {
	enum acquisition_state state;
	const struct battery *battery;	 /**< (nullable) complete snapshot of this cycle */
	const char *error;		 /**< (nullable) why there is none, a sentence */
	const struct event_list *events; /**< (nullable) newly read */
	const struct settings_words *settings; /**< (nullable) newly read */
	/**
	 * The BMS has just gone to Fault, and its events are asked for why: the
	 * snapshot follows them, one transaction later. Nothing else is told here.
	 */
	bool awaits_cause;
	bool has_low_latency;
	struct acquisition_counters counters;
};

struct acquisition_config {
	char *path;	  /**< device node (copied) */
	gint64 period_us; /**< between live reads, in the clock's time */
	bool low_latency;
	struct clock clock;
};

/** Called in the context of the creator, in order. The report lives until it returns. */
typedef void (*acquisition_func)(const struct acquisition_report *report, void *user);

struct acquisition;

/** Start the thread. @context (nullable: default) is where @func is called. */
struct acquisition *acquisition_start(const struct acquisition_config *config,
				      GMainContext *context, acquisition_func func, void *user);

/**
 * Stop the thread and wait for it, at most one transaction. No report comes after
 * this. Jobs that have not ended are reported as abandoned in this call.
 */
void acquisition_stop(struct acquisition *a);

/** The job has ended. Called in the context of the creator; @job lives until it returns. */
typedef void (*acquisition_job_func)(const struct job *job, void *user);

/**
 * Do @job (copied) after those that wait already; @func is called once. A line
 * that is lost for JOB_PATIENCE_US ends all of them. Events are read before
 * they are cleared.
 */
void acquisition_submit(struct acquisition *a, const struct job *job, acquisition_job_func func,
			void *user);

/** Stop all traffic, or take it up again. Jobs that wait are abandoned. */
void acquisition_sleep(struct acquisition *a, bool is_asleep);
