/* SPDX-License-Identifier: MIT */
#include "frames_filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "battery/control.h"
#include "can/can_config.h"
#include "can/can_hold.h"
#include "can/can_protocol.h"
#include "can/n2k_node.h"
#include "snapshot_json.h"

enum { STATUS_MALFORMED = 2 };

struct filter {
	FILE *out;
	const struct config *config;
	const struct can_protocol *protocol;
	struct can_options options;

	struct control control;
	struct alarms alarms;
	struct can_hold hold;
	struct battery battery; /* the newest that answered */
	double t_s;
	unsigned set; /* NMEA 2000: counts sets from 1 */
};

/* What a line says in place of the controller. */
struct judged {
	bool has_limits;
	double cvl_v, ccl_a, dcl_a, dvl_v; /* NAN: as the controller says */
	bool has_level[ALARM_COUNT];
	enum alarm_level level[ALARM_COUNT];
};

static bool refuse(GError **error, const char *key, const char *why)
{
	g_set_error(error, SNAPSHOT_JSON_ERROR, SNAPSHOT_JSON_ERROR_KEY, "\"%s\": %s", key, why);
	return false;
}

static bool read_limits(struct judged *j, const cJSON *object, GError **error)
{
	const cJSON *limits = cJSON_GetObjectItemCaseSensitive(object, "limits");
	const struct {
		const char *name;
		double *to;
	} keys[] = {
		{ "cvl", &j->cvl_v },
		{ "ccl", &j->ccl_a },
		{ "dcl", &j->dcl_a },
		{ "dvl", &j->dvl_v },
	};

	if (limits && !cJSON_IsObject(limits))
		return refuse(error, "limits", "no object");
	j->has_limits = limits != NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(limits, keys[i].name);

		*keys[i].to = (double) NAN;
		if (!item || cJSON_IsNull(item))
			continue;
		if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0.0))
			return refuse(error, keys[i].name, "no number from 0 on");
		*keys[i].to = item->valuedouble;
	}
	return true;
}

static int find_alarm(const char *name)
{
	int id = 0;

	while (id < ALARM_COUNT && strcmp(alarm_name((enum alarm_id) id), name))
		id++;
	return id;
}

static bool read_alarms(struct judged *j, const cJSON *object, GError **error)
{
	const cJSON *alarms = cJSON_GetObjectItemCaseSensitive(object, "alarms");
	const cJSON *item;

	if (alarms && !cJSON_IsObject(alarms))
		return refuse(error, "alarms", "no object");
	cJSON_ArrayForEach (item, alarms) {
		const int id = find_alarm(item->string);
		const double level = cJSON_IsNumber(item) ? item->valuedouble : -1.0;

		if (id == ALARM_COUNT)
			return refuse(error, item->string, "no alarm of that name");
		if (!(level >= ALARM_OK && level <= ALARM_ALARM) || floor(level) < level)
			return refuse(error, item->string, "a level is 0, 1 or 2");
		j->has_level[id] = true;
		j->level[id] = (enum alarm_level) level;
	}
	return true;
}

static double either(double said, double computed)
{
	return isnan(said) ? computed : said;
}

/* Alarms that forbid a direction whose limit is 0; without one it is merely full or empty. */
static bool forbids(const enum alarm_level *levels, const enum alarm_id *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (levels[ids[i]] == ALARM_ALARM)
			return true;
	return false;
}

static void replace_limits(struct limits *l, const struct judged *j, const enum alarm_level *levels)
{
	static const enum alarm_id charge[] = {
		ALARM_HIGH_CELL_VOLTAGE,
		ALARM_HIGH_VOLTAGE,
		ALARM_HIGH_TEMPERATURE,
		ALARM_LOW_TEMPERATURE,
		ALARM_LOW_CHARGE_TEMPERATURE,
		ALARM_HIGH_CHARGE_CURRENT,
		ALARM_HIGH_INTERNAL_TEMPERATURE,
		ALARM_INTERNAL_FAILURE,
		ALARM_BMS_CABLE,
	};
	static const enum alarm_id discharge[] = {
		ALARM_LOW_CELL_VOLTAGE,
		ALARM_LOW_VOLTAGE,
		ALARM_HIGH_TEMPERATURE,
		ALARM_LOW_TEMPERATURE,
		ALARM_HIGH_CURRENT,
		ALARM_HIGH_DISCHARGE_CURRENT,
		ALARM_HIGH_INTERNAL_TEMPERATURE,
		ALARM_INTERNAL_FAILURE,
		ALARM_BMS_CABLE,
	};

	l->on_bus = true;
	l->cvl_v = either(j->cvl_v, l->cvl_v);
	l->ccl_a = either(j->ccl_a, l->ccl_a);
	l->dcl_a = either(j->dcl_a, l->dcl_a);
	l->dvl_v = either(j->dvl_v, l->dvl_v);
	l->charge_blocked = !(l->ccl_a > 0.0) &&
			    (l->charge_blocked || forbids(levels, charge, G_N_ELEMENTS(charge)));
	l->discharge_blocked =
		!(l->dcl_a > 0.0) &&
		(l->discharge_blocked || forbids(levels, discharge, G_N_ELEMENTS(discharge)));
}

static void print_frame(const struct filter *f, const struct can_frame *frame, GString *words)
{
	const bool is_long = frame->can_id & CAN_EFF_FLAG;

	fprintf(f->out, "(%.6f) can0 %0*X#", f->t_s, is_long ? 8 : 3,
		frame->can_id & (is_long ? CAN_EFF_MASK : CAN_SFF_MASK));
	for (unsigned i = 0; i < frame->can_dlc; i++)
		fprintf(f->out, "%02X", frame->data[i]);
	fprintf(f->out, "\n%s", words->str);
}

static void print_set(struct filter *f, const struct can_input *input)
{
	struct can_values values;
	struct can_frame frames[CAN_SET_MAX];
	GString *words = g_string_new(NULL);

	can_values_fill(&values, input, &f->options, f->protocol->has_unknown_codes);
	if (f->protocol->holds_alarms)
		can_hold_apply(&f->hold, &values, (gint64) llround(f->t_s * 1e6));

	const char *objection = can_protocol_objection(f->protocol, &values);
	const size_t count = can_protocol_encode(f->protocol, &values, CAN_ALL_FRAMES, frames);

	if (*objection)
		fprintf(f->out, "# %s\n", objection);
	for (size_t i = 0; i < count; i++) {
		g_string_truncate(words, 0);
		can_layout_describe(can_protocol_layout(f->protocol, frames[i].can_id), &frames[i],
				    f->protocol->big_endian, words);
		print_frame(f, &frames[i], words);
	}
	g_string_free(words, TRUE);
}

/* A fast packet's words stand after its last frame. */
static void print_message(struct filter *f, struct n2k_message *m)
{
	const unsigned count = n2k_frame_count(m);
	GString *words = g_string_new(NULL);

	m->source = (uint8_t) f->options.preferred_address;
	for (unsigned i = 0; i < count; i++) {
		struct can_frame frame;

		g_string_truncate(words, 0);
		if (i + 1 < count)
			g_string_printf(words, "# PGN %u, part %u of %u\n", m->pgn, i + 1, count);
		else
			n2k_describe(m, words);
		n2k_frame(m, f->set, i, &frame);
		print_frame(f, &frame, words);
	}
	g_string_free(words, TRUE);
}

/* What a node sends by itself, as a set: claim, product, measurements, heartbeat. */
static void print_messages(struct filter *f, const struct can_input *input)
{
	static const enum n2k_pgn pgns[] = {
		N2K_ADDRESS_CLAIM,  N2K_PRODUCT,	       N2K_DC_STATUS,
		N2K_BATTERY_STATUS, N2K_BATTERY_CONFIGURATION, N2K_HEARTBEAT,
	};
	struct n2k_node node;
	struct n2k_message m;

	n2k_node_init(&node, &f->options, input->battery->identity.serial,
		      (uint8_t) f->options.preferred_address);
	n2k_node_update(&node, input, 0);
	f->set++;
	for (size_t i = 0; i < G_N_ELEMENTS(pgns); i++) {
		n2k_node_build(&node, pgns[i], (uint8_t) (f->set % N2K_SID_COUNT), &m);
		print_message(f, &m);
	}
}

/* One step of controller and alarms, then the set. @answer: NULL when the BMS was silent. */
static void step(struct filter *f, const struct battery *answer, const struct judged *j)
{
	const gint64 now_us = (gint64) llround(f->t_s * 1e6);
	struct limits limits = control_step(&f->control, &f->config->charge, answer, now_us);
	struct can_input input = {
		.battery = &f->battery,
		.limits = &limits,
		.energy_in_wh = (double) NAN,
		.energy_out_wh = (double) NAN,
		.cycles = (double) NAN,
		.name = f->config->battery_name,
	};

	alarms_step(&f->alarms, &f->config->charge, answer, &limits, now_us, input.alarms);
	for (unsigned id = 0; id < ALARM_COUNT; id++)
		if (j->has_level[id])
			input.alarms[id] = j->level[id];
	if (j->has_limits)
		replace_limits(&limits, j, input.alarms);
	if (limits.on_bus && f->protocol->family == CAN_NMEA2000)
		print_messages(f, &input);
	else if (limits.on_bus)
		print_set(f, &input);
	else
		fprintf(f->out, "# nothing is sent: %s\n", limits.charge_limitation);
	fflush(f->out);
}

static void start_anew(struct filter *f)
{
	control_init(&f->control);
	memset(&f->alarms, 0, sizeof(f->alarms));
	memset(&f->hold, 0, sizeof(f->hold));
	battery_clear(&f->battery);
	f->t_s = 0.0;
	f->set = 0;
}

static bool take_object(struct filter *f, cJSON *object, GError **error)
{
	const bool has_time = cJSON_GetObjectItemCaseSensitive(object, "t") != NULL;
	struct snapshot_json s;
	struct judged j = { 0 };

	if (cJSON_IsObject(object) && !has_time) {
		start_anew(f);
		cJSON_AddNumberToObject(object, "t", 0.0);
	}
	if (!snapshot_json_take(&s, object, error) || !read_limits(&j, object, error) ||
	    !read_alarms(&j, object, error))
		return false;
	s.is_silent = s.is_silent && has_time;
	if (s.missing && !s.is_silent && !j.has_limits)
		return refuse(error, s.missing, "is missing, and there are no \"limits\" instead");
	f->t_s = s.t_s;
	if (!s.is_silent)
		f->battery = s.battery;
	step(f, s.is_silent ? NULL : &s.battery, &j);
	return true;
}

static bool take_line(struct filter *f, const char *line, GError **error)
{
	cJSON *object = cJSON_ParseWithOpts(line, NULL, true);
	const bool is_taken = take_object(f, object, error);

	cJSON_Delete(object);
	return is_taken;
}

static int run(struct filter *f, FILE *in, FILE *err)
{
	char *line = NULL;
	size_t size = 0;
	unsigned long number = 0;
	int status = 0;

	start_anew(f);
	while (status == 0 && getline(&line, &size, in) >= 0) {
		g_autoptr(GError) error = NULL;

		number++;
		if (take_line(f, line, &error))
			continue;
		fprintf(err, "line %lu: %s\n", number, error->message);
		status = STATUS_MALFORMED;
	}
	free(line);
	return status;
}

/* As the first output of this protocol has them, else the protocol's own. */
static void choose_options(struct can_options *options, const struct can_protocol *p,
			   const struct config *config)
{
	struct can_output_config outputs[CAN_CONFIG_ENTRIES];
	const size_t count = can_config_parse(config->can, outputs);

	can_protocol_defaults(p, options);
	for (size_t i = count; i-- > 0;)
		if (!outputs[i].trouble[0] && outputs[i].protocol->family == p->family)
			*options = outputs[i].options;
}

int frames_filter_run(const char *protocol, FILE *in, FILE *out, FILE *err,
		      const struct config *config)
{
	const struct can_protocol *p = can_protocol_find(protocol);
	struct filter f = { .out = out, .config = config };

	if (!p) {
		fprintf(err,
			"unknown protocol \"%s\"; --list-protocols names those that are known\n",
			protocol);
		return STATUS_MALFORMED;
	}
	choose_options(&f.options, p, config);
	f.protocol = can_protocol_variant(p, &f.options);
	return run(&f, in, err);
}

void frames_filter_list(FILE *out)
{
	for (unsigned i = 0; i < CAN_FAMILY_COUNT; i++) {
		const struct can_protocol *p = can_protocol_get((enum can_family) i);

		fprintf(out, "%-13s  %u kbit/s  %s; options: %s\n", p->name, p->bit_rate / 1000,
			p->inverters, p->option_names);
	}
}
