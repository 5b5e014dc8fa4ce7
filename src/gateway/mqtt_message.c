/* SPDX-License-Identifier: MIT */
#include "gateway/mqtt_message.h"

static void message_free(void *pointer)
{
	struct mqtt_message *m = pointer;

	g_free(m->topic);
	g_free(m->payload);
	g_free(m->sense);
	g_free(m);
}

GPtrArray *mqtt_messages_new(void)
{
	return g_ptr_array_new_with_free_func(message_free);
}

struct mqtt_message *mqtt_messages_add(GPtrArray *list, char *topic, char *payload)
{
	struct mqtt_message *m = g_new0(struct mqtt_message, 1);

	m->topic = topic;
	m->payload = payload;
	g_ptr_array_add(list, m);
	return m;
}
