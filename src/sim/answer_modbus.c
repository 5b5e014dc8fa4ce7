/* SPDX-License-Identifier: MIT */
/* Functions 3 and 16: words high byte first. */
#include "sim/answer.h"
#include "tinybms/frame.h"

enum {
	READ_MAX = 127, /* registers; rev. D, 1.3 */
	WRITE_MAX = 100,
	WRITE_HEAD = 5, /* address, count, bytes */
	WRITE_ECHO = 4, /* address, count */
};

static uint16_t big_u16(const uint8_t *p)
{
	return (uint16_t) (p[0] << 8 | p[1]);
}

static void put_big(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t) (value >> 8);
	p[1] = (uint8_t) value;
}

static bool read_registers(const struct device *d, const struct request_join *r, struct answer *out)
{
	const uint16_t first = big_u16(r->payload), count = big_u16(r->payload + 2);
	uint8_t payload[1 + 2 * READ_MAX];

	if (count < 1 || count > READ_MAX || !device_has(d, first, count))
		return false;
	payload[0] = (uint8_t) (2 * count);
	for (unsigned i = 0; i < count; i++)
		put_big(payload + 1 + 2 * i, device_word(d, (uint16_t) (first + i)));
	answer_frame(out, FRAME_MODBUS_READ, payload, 1 + 2u * count);
	return true;
}

static bool write_registers(struct device *d, const struct request_join *r, struct answer *out)
{
	const uint16_t first = big_u16(r->payload), count = big_u16(r->payload + 2);
	struct device_write writes[WRITE_MAX];

	if (count < 1 || count > WRITE_MAX || r->payload[4] != 2 * count)
		return false;
	for (unsigned i = 0; i < count; i++)
		writes[i] = (struct device_write){ (uint16_t) (first + i),
						   big_u16(r->payload + WRITE_HEAD + 2 * i) };
	if (!device_write(d, writes, count))
		return false;
	out->has_written = true;
	answer_frame(out, FRAME_MODBUS_WRITE, r->payload, WRITE_ECHO);
	return true;
}

bool answer_modbus(struct device *d, const struct request_join *request, struct answer *out)
{
	if (request->command == FRAME_MODBUS_READ)
		return read_registers(d, request, out);
	return write_registers(d, request, out);
}
