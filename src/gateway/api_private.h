/* SPDX-License-Identifier: MIT */
/* api_private - what the files of the REST interface share */
#pragma once

#include <string.h>

#include "gateway/api.h"

#define API_BATTERIES "/api/v1/batteries/"

struct api {
	struct api_options options;
	char *config_path;
	char *mqtt_password; /* in force; "": none */
	GPtrArray *calls; /* struct api_call, under way */
	gint64 started_us;
};

/* One request that is answered later: it asks the battery's service once or more. */
struct api_call {
	struct api *api;
	struct http_request *r;
	char *battery, *who;
	char *path;    /* with the battery's id, by whatever it was called */
	cJSON *body;   /* (nullable) of the request */
	cJSON *before; /* (nullable) {name: value}, for the journal: those that exist */
	cJSON *after;  /* (nullable) {name: value}: something is being written */
	cJSON *kept;   /* (nullable) the handler's own */
	double number, last; /* the handler's own */
	void (*next)(struct api_call *c, const cJSON *answer);
};

typedef void (*api_next_fn)(struct api_call *c, const cJSON *answer);

static inline const cJSON *api_get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/** The battery of the path's {id}; NULL: answered with 404 or 503. */
struct fleet_battery *api_battery(struct api *a, struct http_request *r);

/** Takes @body (nullable). */
struct api_call *api_call_new(struct api *a, struct http_request *r, struct fleet_battery *b,
			      cJSON *body);
/** Then @next with its answer; an error of the service is the request's answer. */
void api_call_ask(struct api_call *c, const char *method, const struct value *arguments,
		  size_t count, api_next_fn next);
/** Takes @object; it as text, with who asks (owned). */
char *api_call_text(const struct api_call *c, cJSON *object);
/** As api_call_ask() with that text. */
void api_call_tell(struct api_call *c, const char *method, cJSON *object, api_next_fn next);
/** Answers, and ends @c; takes @document. */
void api_call_reply(struct api_call *c, cJSON *document);
/** Takes @more (nullable), further members of the problem. */
void api_call_problem(struct api_call *c, int status, const char *title, const char *detail,
		      cJSON *more);
/** Of a change: done, or 409 with what has to be confirmed, or 503. */
void api_call_finish(struct api_call *c, const cJSON *answer);

/** Of an answer to Settings: {name: value} of those names of @values that it has (owned). */
cJSON *api_values_before(const cJSON *values, const cJSON *answer);

/** 422 for @field (nullable). */
void api_refuse(struct http_request *r, const char *field, const char *detail);
/** A whole number of the query within the range; false: answered. */
bool api_query_number(struct http_request *r, const char *name, double min, double max,
		      double fallback, double *value);

/* Each adds its own routes. */
void api_batteries_add(struct api *a);
void api_settings_add(struct api *a);
void api_configuration_add(struct api *a);
void api_history_add(struct api *a);
void api_backup_add(struct api *a);
void api_orders_add(struct api *a);
void api_gateway_add(struct api *a);
void api_gateway_config_add(struct api *a);
void api_legacy_add(struct api *a);
