/* SPDX-License-Identifier: MIT */
#include "publish/bus_paths.h"

#include <math.h>

struct bus_paths {
	struct items *items;
	struct item *signals, *paths, *bytes;
	struct item *last, *mean, *max;
	struct latency latency;
	gint64 announced_us; /* when the newest snapshot that was announced was taken */
};

static struct item *add_counter(struct items *items, const char *path)
{
	const struct item_spec spec = { .path = path, .type = VALUE_INT };

	return items_add(items, &spec);
}

static struct item *add_latency(struct items *items, const char *path)
{
	const struct item_spec spec = {
		.path = path, .type = VALUE_DOUBLE, .unit = "ms", .decimals = 1
	};

	return items_add(items, &spec);
}

struct bus_paths *bus_paths_new(struct items *items)
{
	struct bus_paths *b = g_new0(struct bus_paths, 1);

	b->items = items;
	b->signals = add_counter(items, "/Diagnostics/Bus/Signals");
	b->paths = add_counter(items, "/Diagnostics/Bus/Paths");
	b->bytes = add_counter(items, "/Diagnostics/Bus/Bytes");
	b->last = add_latency(items, "/Diagnostics/Bus/LatencyLast");
	b->mean = add_latency(items, "/Diagnostics/Bus/LatencyMean");
	b->max = add_latency(items, "/Diagnostics/Bus/LatencyMax");
	return b;
}

void bus_paths_free(struct bus_paths *b)
{
	g_free(b);
}

void bus_paths_announce(struct bus_paths *b, const struct view *v)
{
	const guint64 before = items_stats(b->items).signals;

	items_flush(b->items);
	if (items_stats(b->items).signals == before || v->taken_us == b->announced_us)
		return;
	b->announced_us = v->taken_us;
	latency_add(&b->latency, v->age_s * 1e3);
}

/* What wraps is no count. */
static void show_counter(struct item *item, guint64 count)
{
	if (count <= G_MAXINT)
		item_set_int(item, (int) count);
	else
		item_set_invalid(item);
}

static void show_latency(struct item *item, double ms)
{
	item_set_double(item, rint(ms * 10.0) / 10.0);
}

void bus_paths_show(struct bus_paths *b)
{
	const struct items_stats sent = items_stats(b->items);

	show_counter(b->signals, sent.signals);
	show_counter(b->paths, sent.paths);
	show_counter(b->bytes, sent.bytes);
	show_latency(b->last, latency_last_ms(&b->latency));
	show_latency(b->mean, latency_mean_ms(&b->latency));
	show_latency(b->max, latency_max_ms(&b->latency));
}

struct bus_counters bus_paths_counters(const struct bus_paths *b)
{
	return (struct bus_counters){ .sent = items_stats(b->items), .latency = b->latency };
}
