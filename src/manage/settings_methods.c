/* SPDX-License-Identifier: MIT */
#include "manage/settings_methods.h"

#include "manage/asked_by.h"
#include "tinybms/settings_json.h"

static const char UNREAD[] = "The BMS's settings have not been read yet: is it connected?";

static void on_settings(struct manage_request *request, void *user)
{
	const struct bms_settings *settings = user;
	const struct settings_words *words = bms_settings_words(settings);
	const struct battery_identity *device = bms_settings_device(settings);

	if (!words) {
		manage_refuse(request, UNREAD);
		return;
	}
	cJSON *object = cJSON_CreateObject();

	cJSON_AddItemToObject(object, "settings",
			      settings_json_make(words, bms_settings_ranges(settings)));
	cJSON_AddStringToObject(object, "serial", device->serial);
	cJSON_AddNumberToObject(object, "firmware", device->firmware_internal);
	cJSON_AddNumberToObject(object, "hardware", device->hardware);
	cJSON_AddNumberToObject(object, "profile", device->profile);
	manage_answer(request, object);
}

static void on_journal(struct manage_request *request, void *user)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddItemToObject(object, "journal", change_journal_read(bms_settings_journal(user)));
	manage_answer(request, object);
}

/* ---- changes ------------------------------------------------------------------------------- */

static void on_done(bool is_done, const char *sentence, void *user)
{
	struct manage_request *request = user;

	if (!is_done) {
		manage_refuse(request, sentence);
		return;
	}
	cJSON *object = cJSON_CreateObject();

	cJSON_AddTrueToObject(object, "done");
	cJSON_AddStringToObject(object, "sentence", sentence);
	manage_answer(request, object);
}

/* Takes @confirm. */
static void ask_to_confirm(struct manage_request *request, cJSON *confirm)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddFalseToObject(object, "done");
	cJSON_AddItemToObject(object, "confirm", confirm);
	cJSON_AddStringToObject(object, "sentence",
				"This can switch the battery off or weaken its protection.");
	manage_answer(request, object);
}

static void set(struct manage_request *request, struct bms_settings *settings, const cJSON *object)
{
	struct bms_origin origin = { .who = manage_request_who(request), .path = "SetSettings" };
	struct setting_set changes;
	g_autoptr(GError) error = NULL;

	if (!asked_by_read(object, &origin.by, &error) ||
	    !settings_json_set(object, &changes, &error) ||
	    !bms_settings_check(settings, &changes, &error)) {
		manage_refuse(request, error->message);
		return;
	}
	cJSON *missing = settings_json_unconfirmed(object, &changes, bms_settings_words(settings));

	if (missing)
		ask_to_confirm(request, missing);
	else
		bms_settings_write(settings, &changes, &origin, on_done, request);
}

static void on_set(struct manage_request *request, void *user)
{
	cJSON *object = cJSON_Parse(manage_request_text(request, 0));

	set(request, user, object);
	cJSON_Delete(object);
}

static void reset(struct manage_request *request, struct bms_settings *settings, const char *what,
		  const char *confirm, const char *by)
{
	const struct bms_origin origin = { .who = manage_request_who(request),
					   .path = "Reset",
					   .by = by };

	if (g_strcmp0(what, "events") == 0)
		bms_settings_reset(settings, FRAME_RESET_EVENTS, &origin, on_done, request);
	else if (g_strcmp0(what, "statistics") == 0)
		bms_settings_reset(settings, FRAME_RESET_STATISTICS, &origin, on_done, request);
	else if (g_strcmp0(what, "bms") != 0)
		manage_refuse(request, "One of events, statistics and bms can be reset.");
	else if (g_strcmp0(confirm, "restart") == 0)
		bms_settings_reset(settings, FRAME_RESET_BMS, &origin, on_done, request);
	else
		ask_to_confirm(request, cJSON_CreateString("restart"));
}

static const char *text_in(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static void on_reset(struct manage_request *request, void *user)
{
	const char *what = manage_request_text(request, 0);
	cJSON *object = what[0] == '{' ? cJSON_Parse(what) : NULL;
	g_autoptr(GError) error = NULL;
	const char *by = NULL;

	if (!asked_by_read(object, &by, &error))
		manage_refuse(request, error->message);
	else if (object)
		reset(request, user, text_in(object, "what"), text_in(object, "confirm"), by);
	else
		reset(request, user, what, manage_request_text(request, 1), NULL);
	cJSON_Delete(object);
}

static const struct manage_method methods[] = {
	{ .name = "Settings", .fn = on_settings },
	{ .name = "SetSettings",
	  .arguments = { { "changes", VALUE_STRING } },
	  .fn = on_set,
	  .changes = true },
	{ .name = "Reset",
	  .arguments = { { "what", VALUE_STRING }, { "confirm", VALUE_STRING } },
	  .fn = on_reset,
	  .changes = true },
	{ .name = "Journal", .fn = on_journal },
};

void settings_methods_register(struct manage_service *service, struct bms_settings *settings)
{
	for (size_t i = 0; i < G_N_ELEMENTS(methods); i++)
		manage_service_add(service, &methods[i], settings);
}
