/* SPDX-License-Identifier: MIT */
#include "tinybms/job_io.h"

enum { WORDS_MAX = FRAME_JOIN_MAX / 2 };

static bool command(struct port *port, const struct job_step *step, uint16_t *words, size_t *count,
		    GError **error)
{
	struct frame_join answer;

	if (!port_native(port, step->command, step->payload, step->payload_count, &answer, error))
		return false;
	*count = answer.count / 2;
	for (size_t i = 0; i < *count; i++)
		words[i] = frame_u16(answer.payload + 2 * i);
	return true;
}

static bool carry_out(struct port *port, const struct job_step *step, uint16_t *words,
		      size_t *count, GError **error)
{
	switch (step->action) {
	case JOB_READ_WORDS:
		*count = step->count;
		return port_read(port, step->first, step->count, words, error);
	case JOB_WRITE_WORDS:
		return port_write(port, step->first, step->count, step->words, error);
	case JOB_COMMAND:
		break;
	}
	return command(port, step, words, count, error);
}

bool job_turn(struct job *job, struct port *port, const struct clock *clock, GError **error)
{
	uint16_t words[WORDS_MAX];
	size_t count = 0;
	struct job_step step;
	GError *why = NULL;

	if (!job_next(job, &step))
		return true;
	if (carry_out(port, &step, words, &count, &why)) {
		job_answered(job, words, count, clock_now_us(clock));
	} else if (g_error_matches(why, PORT_ERROR, PORT_ERROR_REFUSED)) {
		job_refused(job, clock_now_us(clock));
	} else {
		job_unanswered(job, clock_now_us(clock));
		if (g_error_matches(why, PORT_ERROR, PORT_ERROR_GONE)) {
			g_propagate_error(error, why);
			return false;
		}
	}
	g_clear_error(&why);
	return true;
}
