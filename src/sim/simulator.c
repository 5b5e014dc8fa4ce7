/* SPDX-License-Identifier: MIT */
#include "sim/simulator.h"

#include <string.h>

#include "sim/answer.h"
#include "sim/broadcast.h"

#define US_PER_S	 1e6
#define PACKETS_APART_US 1000000 /* longer, and the rest of a request is given up */

void simulator_init(struct simulator *s, const struct simulator_options *options, gint64 now_us)
{
	memset(s, 0, sizeof(*s));
	device_init(&s->device, &options->device, options->dump, now_us);
	uart_init(&s->uart, options->is_paced, options->is_paced_in);
	line_faults_init(&s->faults);
	s->gap_us = options->gap_us;
	s->broadcast_us = now_us;
}

static void append(struct simulator_last *last, const uint8_t *bytes, size_t count)
{
	const size_t taken = MIN(count, sizeof(last->bytes) - last->count);

	memcpy(last->bytes + last->count, bytes, taken);
	last->count += taken;
}

static void remember(struct simulator_last *last, const uint8_t *bytes, size_t count)
{
	last->count = 0;
	append(last, bytes, count);
}

/* ---- answers --------------------------------------------------------------------- */

static void send_answer(struct simulator *s, const struct answer *answer, gint64 now_us)
{
	struct line_output out;
	gint64 begin_us = uart_answer_us(&s->uart) + (gint64) (s->faults.delay_s * US_PER_S);

	s->counters.refused += answer->is_refusal;
	s->counters.answered += !answer->is_refusal;
	s->counters.writes += answer->has_written;
	remember(&s->last_answer, answer->bytes, answer->count);
	line_faults_apply(&s->faults, answer, now_us, &out);
	line_faults_spoil(&s->faults, out.bytes, out.count);
	uart_send(&s->uart, out.bytes, out.pause_at, begin_us);
	begin_us = MAX(begin_us, s->uart.out_end_us) + out.pause_us;
	uart_send(&s->uart, out.bytes + out.pause_at, out.count - out.pause_at, begin_us);
}

static void answer_whole(struct simulator *s, gint64 now_us)
{
	struct answer answer = { .count = 0 };

	if (line_faults_refuse(&s->faults, s->join.command))
		answer_refuse(&answer, s->join.command, s->faults.refuse_error);
	else
		answer_request(&s->device, &s->join, &answer);
	if (answer.has_written)
		s->last_write = s->last_request;
	send_answer(s, &answer, now_us);
}

static void take_request(struct simulator *s, const struct request *r, gint64 now_us)
{
	const bool is_heard = device_hear(&s->device) && !s->loses_one &&
			      !line_faults_is_silent(&s->faults, now_us);

	s->loses_one = false;
	if (now_us - s->join_us > PACKETS_APART_US)
		s->join.is_open = false;
	s->join_us = now_us;
	if (!s->join.is_open)
		s->last_request.count = 0;
	append(&s->last_request, s->uart.in, r->frame_count);
	if (!is_heard)
		s->counters.lost++;
	if (!is_heard || !request_join_add(&s->join, r))
		return;
	s->counters.requests++;
	s->counters.command[r->command]++;
	answer_whole(s, now_us);
}

static void take_requests(struct simulator *s, gint64 now_us)
{
	struct request r;

	while (s->uart.in_count &&
	       request_parse(s->uart.in, s->uart.in_count, &r) == REQUEST_COMPLETE) {
		take_request(s, &r, now_us);
		uart_consume(&s->uart, r.frame_count);
	}
}

/* The line fell silent: what is left is no request. */
static void end_burst(struct simulator *s, gint64 now_us)
{
	struct uart *u = &s->uart;
	struct answer answer;
	const enum request_verdict verdict =
		s->loses_one ? REQUEST_IGNORED : request_judge(u->in, u->in_count);

	s->loses_one = false;
	s->counters.ignored += verdict == REQUEST_IGNORED;
	s->counters.crc_errors += verdict == REQUEST_CRC_ERROR;
	if (verdict != REQUEST_IGNORED) {
		device_hear(&s->device);
		s->counters.requests++;
		s->counters.command[u->in[1]]++;
		answer_refuse(&answer, u->in[1],
			      verdict == REQUEST_CRC_ERROR ? ANSWER_ERROR_CRC
							   : ANSWER_ERROR_COMMAND);
		send_answer(s, &answer, now_us);
	}
	u->in_count = 0;
}

void simulator_receive(struct simulator *s, const uint8_t *bytes, size_t count, gint64 now_us)
{
	simulator_advance(s, now_us);
	s->counters.bytes_in += count;
	if (s->is_unplugged || line_faults_is_silent(&s->faults, now_us)) {
		s->uart.in_count = 0;
		s->counters.lost++;
		return;
	}
	if (s->device.is_asleep) {
		device_hear(&s->device);
		s->loses_one = true;
	}
	uart_receive(&s->uart, bytes, count, now_us);
	take_requests(s, now_us);
}

/* ---- time ------------------------------------------------------------------------ */

static void broadcast(struct simulator *s, gint64 now_us)
{
	const gint64 period_us = (gint64) (broadcast_period_s(&s->device) * US_PER_S);
	char line[UART_TEXT_MAX];

	if (!period_us || s->device.is_asleep || s->device.deaf_s > 0.0 ||
	    line_faults_is_silent(&s->faults, now_us)) {
		s->broadcast_us = now_us;
		return;
	}
	if (now_us < s->broadcast_us + period_us || s->uart.in_count || s->uart.out_count)
		return;

	const size_t count = broadcast_line(&s->device, line, sizeof(line));

	line_faults_spoil(&s->faults, (uint8_t *) line, count);
	uart_send_text(&s->uart, line, count, now_us);
	s->broadcast_us = MAX(s->broadcast_us + period_us, now_us - period_us);
}

void simulator_advance(struct simulator *s, gint64 now_us)
{
	device_advance(&s->device, now_us);
	if (s->uart.in_count && now_us >= s->uart.in_end_us + s->gap_us)
		end_burst(s, now_us);
	broadcast(s, now_us);
}

size_t simulator_take(struct simulator *s, gint64 now_us, uint8_t *out, size_t room)
{
	const size_t count = uart_take(&s->uart, now_us, out, room);

	s->counters.bytes_out += count;
	return count;
}

gint64 simulator_next_us(const struct simulator *s, gint64 now_us, gint64 lot_us)
{
	gint64 next_us = uart_next_us(&s->uart, now_us, lot_us);

	if (s->uart.in_count)
		next_us = MIN(next_us, s->uart.in_end_us + s->gap_us);
	return MAX(next_us, now_us);
}
