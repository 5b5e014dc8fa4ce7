/* SPDX-License-Identifier: MIT */
#include "can/can_outputs.h"

#include <string.h>

#include "log.h"

struct can_outputs {
	const struct can_port_ops *ops;
	char *folder;
	char *json; /* as configured last */
	GPtrArray *outputs;
};

static void free_output(void *output)
{
	can_output_free(output);
}

struct can_outputs *can_outputs_new(const struct can_port_ops *ops, const char *folder)
{
	struct can_outputs *s = g_new0(struct can_outputs, 1);

	s->ops = ops;
	s->folder = g_strdup(folder);
	s->json = g_strdup("");
	s->outputs = g_ptr_array_new_with_free_func(free_output);
	return s;
}

void can_outputs_free(struct can_outputs *s)
{
	if (!s)
		return;
	g_ptr_array_unref(s->outputs);
	g_free(s->json);
	g_free(s->folder);
	g_free(s);
}

/* The running output that is as @config wants it, taken out of @old; NULL: none is. */
static struct can_output *take_equal(GPtrArray *old, const struct can_output_config *config)
{
	for (guint i = 0; i < old->len; i++) {
		struct can_output *output = g_ptr_array_index(old, i);

		if (can_config_equal(can_output_config(output), config))
			return g_ptr_array_steal_index(old, i);
	}
	return NULL;
}

void can_outputs_configure(struct can_outputs *s, const char *json)
{
	struct can_output_config configs[CAN_CONFIG_ENTRIES];
	struct can_output *kept[CAN_CONFIG_ENTRIES];
	size_t count;

	if (strcmp(json, s->json) == 0)
		return;
	g_free(s->json);
	s->json = g_strdup(json);
	count = can_config_parse(json, configs);
	for (size_t i = 0; i < count; i++)
		kept[i] = configs[i].trouble[0] ? NULL : take_equal(s->outputs, &configs[i]);

	g_ptr_array_set_size(s->outputs, 0); /* frees the others before their ports are wanted */
	for (size_t i = 0; i < count; i++) {
		if (configs[i].trouble[0])
			log_say(LOG_ERROR, "CAN output %zu does not run: %s.", i + 1,
				configs[i].trouble);
		else if (!kept[i])
			kept[i] = can_output_new(&configs[i], s->ops, s->folder);
		if (kept[i])
			g_ptr_array_add(s->outputs, kept[i]);
	}
}

void can_outputs_update(struct can_outputs *s, const struct can_input *input)
{
	for (guint i = 0; i < s->outputs->len; i++)
		can_output_update(g_ptr_array_index(s->outputs, i), input);
}

size_t can_outputs_count(const struct can_outputs *s)
{
	return s->outputs->len;
}

struct can_output *can_outputs_at(const struct can_outputs *s, size_t index)
{
	return g_ptr_array_index(s->outputs, index);
}
