/* SPDX-License-Identifier: MIT */
#include "publish/can_paths.h"

#include <math.h>
#include <string.h>

enum { SLOW_S = 5, QUIET_S = 60 };

enum place {
	PROTOCOL,
	STATE,
	ERROR,
	INVERTER_NAME,
	INVERTER_AGE,
	FRAMES_SENT,
	FRAMES_RECEIVED,
	ERRORS,
	SETS_DROPPED,
	QUIET_SENT, /* from here on: of /Diagnostics */
	QUIET_RECEIVED,
	QUIET_ERRORS,
	QUIET_DROPPED,
	QUIET_REFUSED,
	QUIET_OPENINGS,
	LATENCY_LAST,
	LATENCY_MEAN,
	LATENCY_MAX,
	PLACES,
};

/* The items of one interface. */
struct group {
	char *name;
	struct item *items[PLACES];
	bool is_shown;	 /* in this second */
	unsigned second; /* of its being shown */
};

struct can_paths {
	struct items *items;
	GPtrArray *groups;
};

static void append_state(GString *text, const struct value *value)
{
	g_string_append(text, can_port_state_text((enum can_port_state) value->integer));
}

static void free_group(void *data)
{
	struct group *g = data;

	g_free(g->name);
	g_free(g);
}

struct can_paths *can_paths_new(struct items *items)
{
	struct can_paths *c = g_new0(struct can_paths, 1);

	c->items = items;
	c->groups = g_ptr_array_new_with_free_func(free_group);
	return c;
}

void can_paths_free(struct can_paths *c)
{
	if (!c)
		return;
	g_ptr_array_unref(c->groups);
	g_free(c);
}

static const struct {
	const char *name;
	enum value_type type;
	const char *unit;
	item_text_fn text;
} rows[PLACES] = {
	[PROTOCOL] = { "Protocol", VALUE_STRING, NULL, NULL },
	[STATE] = { "State", VALUE_INT, NULL, append_state },
	[ERROR] = { "Error", VALUE_STRING, NULL, NULL },
	[INVERTER_NAME] = { "Inverter/Name", VALUE_STRING, NULL, NULL },
	[INVERTER_AGE] = { "Inverter/Age", VALUE_DOUBLE, "s", NULL },
	[FRAMES_SENT] = { "FramesSent", VALUE_INT, NULL, NULL },
	[FRAMES_RECEIVED] = { "FramesReceived", VALUE_INT, NULL, NULL },
	[ERRORS] = { "Errors", VALUE_INT, NULL, NULL },
	[SETS_DROPPED] = { "SetsDropped", VALUE_INT, NULL, NULL },
	[QUIET_SENT] = { "FramesSent", VALUE_INT, NULL, NULL },
	[QUIET_RECEIVED] = { "FramesReceived", VALUE_INT, NULL, NULL },
	[QUIET_ERRORS] = { "Errors", VALUE_INT, NULL, NULL },
	[QUIET_DROPPED] = { "SetsDropped", VALUE_INT, NULL, NULL },
	[QUIET_REFUSED] = { "FramesRefused", VALUE_INT, NULL, NULL },
	[QUIET_OPENINGS] = { "Openings", VALUE_INT, NULL, NULL },
	[LATENCY_LAST] = { "LatencyLast", VALUE_DOUBLE, "ms", NULL },
	[LATENCY_MEAN] = { "LatencyMean", VALUE_DOUBLE, "ms", NULL },
	[LATENCY_MAX] = { "LatencyMax", VALUE_DOUBLE, "ms", NULL },
};

static void add_items(struct can_paths *c, struct group *g)
{
	for (unsigned i = 0; i < PLACES; i++) {
		g_autofree char *path =
			g_strdup_printf("%s/Can/%s/%s", i >= QUIET_SENT ? "/Diagnostics" : "",
					g->name, rows[i].name);
		const struct item_spec spec = {
			.path = path,
			.type = rows[i].type,
			.unit = rows[i].unit,
			.decimals = i >= LATENCY_LAST ? 1 : 0,
			.text = rows[i].text,
		};

		g->items[i] = items_add(c->items, &spec);
	}
}

static struct group *group_of(struct can_paths *c, const char *interface)
{
	g_autofree char *name =
		g_strcanon(g_strdup(interface), G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '_');
	struct group *g;

	for (guint i = 0; i < c->groups->len; i++) {
		g = g_ptr_array_index(c->groups, i);
		if (strcmp(g->name, name) == 0)
			return g;
	}
	g = g_new0(struct group, 1);
	g->name = g_steal_pointer(&name);
	add_items(c, g);
	g_ptr_array_add(c->groups, g);
	return g;
}

static void set_count(struct item *item, guint64 count)
{
	item_set_int(item, (int) MIN(count, (guint64) G_MAXINT32));
}

static void set_latency(struct item *item, double ms)
{
	item_set_double(item, rint(ms * 10.0) / 10.0);
}

static void show_diagnostics(struct group *g, const struct can_output_status *s)
{
	set_count(g->items[QUIET_SENT], s->sent);
	set_count(g->items[QUIET_RECEIVED], s->received);
	set_count(g->items[QUIET_ERRORS], s->errors);
	set_count(g->items[QUIET_DROPPED], s->dropped);
	set_count(g->items[QUIET_REFUSED], s->refused);
	set_count(g->items[QUIET_OPENINGS], s->openings);
	set_latency(g->items[LATENCY_LAST], latency_last_ms(&s->latency));
	set_latency(g->items[LATENCY_MEAN], latency_mean_ms(&s->latency));
	set_latency(g->items[LATENCY_MAX], latency_max_ms(&s->latency));
}

static void show(struct group *g, const struct can_output_status *s)
{
	const unsigned second = g->second++;

	g->is_shown = true;
	item_set_string(g->items[PROTOCOL], s->protocol);
	item_set_int(g->items[STATE], (int) s->state);
	item_set_string(g->items[ERROR], s->sentence);
	item_set_string(g->items[INVERTER_NAME], s->inverter);
	if (second % QUIET_S == 0)
		show_diagnostics(g, s);
	if (second % SLOW_S)
		return;
	item_set_double(g->items[INVERTER_AGE], rint(s->age_s));
	set_count(g->items[FRAMES_SENT], s->sent);
	set_count(g->items[FRAMES_RECEIVED], s->received);
	set_count(g->items[ERRORS], s->errors);
	set_count(g->items[SETS_DROPPED], s->dropped);
}

void can_paths_update(struct can_paths *c, const struct can_outputs *outputs)
{
	for (guint i = 0; i < c->groups->len; i++)
		((struct group *) g_ptr_array_index(c->groups, i))->is_shown = false;
	for (size_t i = 0; i < can_outputs_count(outputs); i++) {
		struct can_output_status status;

		can_output_status(can_outputs_at(outputs, i), &status);
		if (status.interface[0])
			show(group_of(c, status.interface), &status);
	}
	for (guint i = 0; i < c->groups->len; i++) {
		struct group *g = g_ptr_array_index(c->groups, i);

		if (g->is_shown)
			continue;
		g->second = 0;
		for (unsigned k = 0; k < PLACES; k++)
			item_set_invalid(g->items[k]);
	}
}
