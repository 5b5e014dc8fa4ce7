/* SPDX-License-Identifier: MIT */
#include "sim/answer.h"

#include "tinybms/frame.h"

void answer_frame(struct answer *out, uint8_t command, const uint8_t *payload, size_t count)
{
	out->count = frame_build(out->bytes, sizeof(out->bytes), command, payload, count);
}

void answer_refuse(struct answer *out, uint8_t command, uint8_t error)
{
	const uint8_t payload[] = { command, error };

	*out = (struct answer){ .is_refusal = true };
	answer_frame(out, FRAME_NACK, payload, sizeof(payload));
}

void answer_acknowledge(struct answer *out, uint8_t command)
{
	answer_frame(out, FRAME_ACK, &command, 1);
}

void answer_request(struct device *d, const struct request_join *request, struct answer *out)
{
	const bool is_modbus =
		request->command == FRAME_MODBUS_READ || request->command == FRAME_MODBUS_WRITE;

	out->count = 0;
	out->is_refusal = out->has_written = false;
	if (is_modbus ? !answer_modbus(d, request, out) : !answer_native(d, request, out))
		answer_refuse(out, request->command, ANSWER_ERROR_COMMAND);
}
