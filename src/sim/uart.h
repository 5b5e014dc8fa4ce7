/* SPDX-License-Identifier: MIT */
/*
 * uart - bytes with their times, as on a line of 115200 baud
 *
 * Each byte takes 86.8 us; an answer begins 1 ms after the request's last byte
 * (measured on a real device: 125 registers within 26 ms). A pty brings a whole
 * request at once: paced_in adds the time that the line would have taken.
 * Unsolicited text waits for answers and gives way to them.
 *
 * Pure: times are those of the caller's clock, us.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	UART_IN_MAX = 512,
	UART_OUT_MAX = 8192,
	UART_TEXT_MAX = 512,
};

#define UART_BYTE_US	   86.8
#define UART_TURNAROUND_US 1000

struct uart {
	double byte_us; /**< 0: no pacing at all */
	gint64 turnaround_us;
	bool is_paced_in;

	uint8_t in[UART_IN_MAX];
	size_t in_count;
	gint64 in_end_us; /**< when the last byte was, or will be, through */

	uint8_t out[UART_OUT_MAX];
	gint64 due_us[UART_OUT_MAX]; /**< when this byte is through */
	size_t out_sent, out_count;
	gint64 out_end_us;

	uint8_t text[UART_TEXT_MAX];
	size_t text_sent, text_count;
	gint64 text_began_us; /**< when its next byte begins */
};

void uart_init(struct uart *u, bool is_paced, bool is_paced_in);

/** Bytes came; what does not fit is lost, as in a full receiver. */
void uart_receive(struct uart *u, const uint8_t *bytes, size_t count, gint64 now_us);
/** Forget the first @count bytes received. */
void uart_consume(struct uart *u, size_t count);

/** When an answer to what has been received may begin. */
gint64 uart_answer_us(const struct uart *u);
/** Send, not before @begin_us. Too much is lost. */
void uart_send(struct uart *u, const uint8_t *bytes, size_t count, gint64 begin_us);
/** Send text as the line gets free. @return false: the last text is still on its way. */
bool uart_send_text(struct uart *u, const char *text, size_t count, gint64 now_us);
/** Nothing that was to be sent is sent. */
void uart_drop_output(struct uart *u);

/** Bytes that are through at @now_us. @return how many */
size_t uart_take(struct uart *u, gint64 now_us, uint8_t *out, size_t room);
/**
 * When to call uart_take() again so that bytes leave in lots of about @lot_us, the
 * last one in time; G_MAXINT64: nothing to send.
 */
gint64 uart_next_us(const struct uart *u, gint64 now_us, gint64 lot_us);
