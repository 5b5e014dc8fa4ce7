/* SPDX-License-Identifier: MIT */
/*
 * log - sentences for multilog
 *
 * One line on stdout for each sentence, without a time (multilog adds it), at
 * once. Only transitions are worth a line: a topic remembers what was last said
 * about it and is silent until that changes. A topic that keeps changing is
 * limited to a handful of lines an hour, and says how many it kept back.
 *
 * I/O. One thread: the main loop's.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum log_level {
	LOG_ERROR,   /**< the owner must do something */
	LOG_WARNING, /**< the owner should look */
	LOG_INFO,
	LOG_DEBUG,   /**< only when asked for (--verbose) */
};

enum { LOG_TOPIC_LINES_AN_HOUR = 6, LOG_TEXT_MAX = 400 };

/** All zero is "nothing was said yet". */
struct log_topic {
	char last[LOG_TEXT_MAX];
	gint64 hour_us;  /**< when the present hour of counting began; monotonic */
	unsigned lines;  /**< said in it */
	unsigned hidden; /**< kept back in it */
};

/** Also show LOG_DEBUG. */
void log_set_verbose(bool verbose);

void log_say(enum log_level level, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Say it if it differs from what this topic said last. */
void log_transition(struct log_topic *topic, enum log_level level, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/**
 * Pure part of log_transition(): should @text be said at @now_us?
 * @hidden gets how many were kept back before it, to be told with it.
 */
bool log_topic_take(struct log_topic *topic, const char *text, gint64 now_us, unsigned *hidden);
