/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const gint64 HOUR_US = (gint64) 3600 * G_USEC_PER_SEC;

static bool is_verbose;

void log_set_verbose(bool verbose)
{
	is_verbose = verbose;
}

static const char *prefix(enum log_level level)
{
	switch (level) {
	case LOG_ERROR:
		return "ERROR ";
	case LOG_WARNING:
		return "WARNING ";
	case LOG_INFO:
	case LOG_DEBUG:
		break;
	}
	return "";
}

/* multilog stops reading while it cannot write to its disk, and a full pipe would stop us too. */
static bool can_be_written(void)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&output, 1, 0) == 1 && (output.revents & POLLOUT);
}

/* A full disk or a closed pipe must not stop the battery: a line that cannot be written is lost. */
static void write_line(enum log_level level, char *text)
{
	if ((level == LOG_DEBUG && !is_verbose) || !can_be_written())
		return;
	/* what clients sent is quoted in here: it must not look like a line of ours */
	for (char *c = text; *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = ' ';
	printf("%s%s\n", prefix(level), text);
	fflush(stdout);
}

void log_say(enum log_level level, const char *format, ...)
{
	char text[LOG_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	write_line(level, text);
}

bool log_topic_take(struct log_topic *topic, const char *text, gint64 now_us, unsigned *hidden)
{
	*hidden = 0;
	if (strcmp(topic->last, text) == 0)
		return false;
	g_strlcpy(topic->last, text, sizeof(topic->last));
	if (topic->lines == 0 || now_us - topic->hour_us >= HOUR_US) {
		topic->hour_us = now_us;
		topic->lines = 0;
	}
	if (topic->lines >= LOG_TOPIC_LINES_AN_HOUR) {
		topic->hidden++;
		return false;
	}
	topic->lines++;
	*hidden = topic->hidden;
	topic->hidden = 0;
	return true;
}

void log_transition(struct log_topic *topic, enum log_level level, const char *format, ...)
{
	char text[LOG_TEXT_MAX];
	unsigned hidden = 0;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (!log_topic_take(topic, text, g_get_monotonic_time(), &hidden))
		return;
	if (hidden > 0)
		log_say(LOG_INFO, "%u messages like the next one were kept back.", hidden);
	write_line(level, text);
	if (topic->lines == LOG_TOPIC_LINES_AN_HOUR)
		log_say(LOG_INFO, "This keeps changing: messages like the last one rest for an hour.");
}
