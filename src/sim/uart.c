/* SPDX-License-Identifier: MIT */
#include "sim/uart.h"

#include <string.h>

void uart_init(struct uart *u, bool is_paced, bool is_paced_in)
{
	memset(u, 0, sizeof(*u));
	u->byte_us = is_paced ? UART_BYTE_US : 0.0;
	u->turnaround_us = is_paced ? UART_TURNAROUND_US : 0;
	u->is_paced_in = is_paced && is_paced_in;
}

static gint64 duration_us(const struct uart *u, size_t bytes)
{
	return (gint64) ((double) bytes * u->byte_us + 0.5);
}

void uart_receive(struct uart *u, const uint8_t *bytes, size_t count, gint64 now_us)
{
	const size_t room = sizeof(u->in) - u->in_count;
	const size_t taken = MIN(count, room);

	memcpy(u->in + u->in_count, bytes, taken);
	u->in_count += taken;
	u->in_end_us = MAX(u->in_end_us, now_us);
	if (u->is_paced_in)
		u->in_end_us += duration_us(u, count);
}

void uart_consume(struct uart *u, size_t count)
{
	u->in_count -= count;
	memmove(u->in, u->in + count, u->in_count);
}

gint64 uart_answer_us(const struct uart *u)
{
	return MAX(u->in_end_us, u->out_end_us) + u->turnaround_us;
}

void uart_send(struct uart *u, const uint8_t *bytes, size_t count, gint64 begin_us)
{
	begin_us = MAX(begin_us, u->out_end_us);
	for (size_t i = 0; i < count && u->out_count < UART_OUT_MAX; i++) {
		u->out[u->out_count] = bytes[i];
		u->due_us[u->out_count++] = begin_us + duration_us(u, i + 1);
	}
	u->out_end_us = begin_us + duration_us(u, count);
}

bool uart_send_text(struct uart *u, const char *text, size_t count, gint64 now_us)
{
	if (u->text_count || count > sizeof(u->text))
		return false;
	memcpy(u->text, text, count);
	u->text_count = count;
	u->text_sent = 0;
	u->text_began_us = now_us;
	return true;
}

void uart_drop_output(struct uart *u)
{
	u->out_sent = u->out_count = 0;
	u->text_sent = u->text_count = 0;
	u->out_end_us = 0;
}

static size_t take_answer(struct uart *u, gint64 now_us, uint8_t *out, size_t room)
{
	size_t taken = 0;

	while (taken < room && u->out_sent < u->out_count && u->due_us[u->out_sent] <= now_us)
		out[taken++] = u->out[u->out_sent++];
	if (u->out_sent == u->out_count)
		u->out_sent = u->out_count = 0;
	return taken;
}

static size_t take_text(struct uart *u, gint64 now_us, uint8_t *out, size_t room)
{
	size_t taken = 0;

	u->text_began_us = MAX(u->text_began_us, u->out_end_us);
	while (taken < room && u->text_sent < u->text_count &&
	       u->text_began_us + duration_us(u, 1) <= now_us) {
		out[taken++] = u->text[u->text_sent++];
		u->text_began_us += duration_us(u, 1);
	}
	if (u->text_sent == u->text_count)
		u->text_sent = u->text_count = 0;
	return taken;
}

size_t uart_take(struct uart *u, gint64 now_us, uint8_t *out, size_t room)
{
	size_t taken = take_answer(u, now_us, out, room);

	if (!u->out_count && u->text_count)
		taken += take_text(u, now_us, out + taken, room - taken);
	return taken;
}

gint64 uart_next_us(const struct uart *u, gint64 now_us, gint64 lot_us)
{
	gint64 first_us, last_us;

	if (u->out_count) {
		first_us = u->due_us[u->out_sent];
		last_us = u->due_us[u->out_count - 1];
	} else if (u->text_count) {
		first_us = MAX(u->text_began_us, u->out_end_us) + duration_us(u, 1);
		last_us = first_us + duration_us(u, u->text_count - u->text_sent - 1);
	} else {
		return G_MAXINT64;
	}
	return MAX(first_us, MIN(last_us, now_us + lot_us));
}
