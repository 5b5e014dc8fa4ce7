/* SPDX-License-Identifier: MIT */
#include "history/event_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

#define WORTH_A_CORRECTION_S 5.0

struct event_journal {
	char *path;
	double next; /* number of the next line */

	char *serial; /* (nullable) of the BMS that is known; below: what the journal has of it */
	bool has_met; /* events of it were taken before */
	struct journal_known known;
};

/* ---- reading ------------------------------------------------------------------------ */

static void note_number(const cJSON *entry, void *user)
{
	struct event_journal *j = user;
	const double n = journal_number(entry, "n");

	if (n >= j->next)
		j->next = n + 1.0;
}

static void keep_line(const cJSON *entry, void *user)
{
	GString *text = user;
	g_autofree char *line = journal_line(entry);

	g_string_append(text, line);
}

/* The good lines in a file of their own; what was there is set aside. */
static char *set_aside(struct event_journal *j, const char *text, size_t count, size_t bad)
{
	g_autofree char *aside = file_set_aside(j->path);
	GString *good = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	journal_each(text, count, keep_line, good);
	const bool is_kept = file_replace(j->path, good->str, good->len, &error);

	g_string_free(good, TRUE);
	return g_strdup_printf("The journal %s is damaged (%zu lines) and was set aside%s%s; %s.",
			       j->path, bad, aside ? " as " : "", aside ? aside : "",
			       is_kept ? "its good lines are kept" : error->message);
}

static char *cut_torn(struct event_journal *j, size_t count, size_t torn)
{
	if (truncate(j->path, (off_t) (count - torn)) != 0)
		return g_strdup_printf("%s: the torn last line cannot be cut off: %s", j->path,
				       g_strerror(errno));
	return g_strdup_printf("The last line of the journal %s was torn by a power cut; it is left out.",
			       j->path);
}

struct event_journal *event_journal_open(const char *path, char **trouble)
{
	struct event_journal *j = g_new0(struct event_journal, 1);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	gsize count = 0;

	j->path = g_strdup(path);
	j->next = 1.0;
	*trouble = NULL;
	if (!g_file_get_contents(path, &text, &count, &error)) {
		if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			*trouble = g_strdup(error->message);
		return j;
	}
	const struct journal_damage damage = journal_each(text, count, note_number, j);

	if (damage.bad)
		*trouble = set_aside(j, text, count, damage.bad);
	else if (damage.torn)
		*trouble = cut_torn(j, count, damage.torn);
	return j;
}

void event_journal_close(struct event_journal *j)
{
	if (!j)
		return;
	g_free(j->path);
	g_free(j->serial);
	g_free(j);
}

double event_journal_next_number(const struct event_journal *j)
{
	return j->next;
}

/* ---- writing ------------------------------------------------------------------------ */

static bool fail(const struct event_journal *j, int why, GError **error)
{
	g_set_error(error, FILE_ERROR, FILE_ERROR_FAILED, "%s: cannot be written: %s", j->path,
		    g_strerror(why));
	return false;
}

/* The newest three quarters. */
static bool make_room(struct event_journal *j, GError **error)
{
	g_autofree char *text = NULL;
	gsize count = 0;

	if (!g_file_get_contents(j->path, &text, &count, error))
		return false;

	const size_t keep = MIN(count, (size_t) JOURNAL_BYTES_MAX / 4 * 3);
	const char *begin = memchr(text + count - keep, '\n', keep);

	begin = begin ? begin + 1 : text + count;
	return file_replace(j->path, begin, (size_t) (text + count - begin), error);
}

/* All of it or nothing: half a line would make the next one bad. */
static bool append_all(int fd, const char *text, size_t count)
{
	struct stat before;
	int why = 0;

	if (fstat(fd, &before) != 0)
		return false;
	for (size_t done = 0; done < count && !why;) {
		const ssize_t n = write(fd, text + done, count - done);

		if (n > 0)
			done += (size_t) n;
		else if (n < 0 && errno != EINTR)
			why = errno;
	}
	if (!why && fdatasync(fd) == 0)
		return true;
	why = why ? why : errno;
	if (ftruncate(fd, before.st_size) != 0)
		why = errno;
	errno = why;
	return false;
}

static bool append_text(struct event_journal *j, const char *text, size_t count, GError **error)
{
	struct stat st;

	if (stat(j->path, &st) == 0 && st.st_size + (off_t) count > JOURNAL_BYTES_MAX &&
	    !make_room(j, error))
		return false;

	const int fd = open(j->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail(j, errno, error);

	const bool is_written = append_all(fd, text, count);
	const int why = errno;

	close(fd);
	if (is_written)
		return true;
	if (stat(j->path, &st) == 0 && st.st_size == 0)
		unlink(j->path);
	return fail(j, why, error);
}

static void stamp(cJSON *entry, double n, const struct journal_clock *clock)
{
	cJSON_AddNumberToObject(entry, "n", n);
	cJSON_AddNumberToObject(entry, "offset", round(clock->offset_s));
	cJSON_AddStringToObject(entry, "boot", clock->boot);
}

/* ---- events of the BMS --------------------------------------------------------------- */

static void recall_event(const cJSON *entry, void *user)
{
	struct event_journal *j = user;
	const double id = journal_number(entry, "id"), life_s = journal_number(entry, "life");

	if (strcmp(journal_string(entry, "kind"), "event") != 0 ||
	    strcmp(journal_string(entry, "serial"), j->serial) != 0)
		return;
	if (!(id >= 1.0 && id <= 255.0) || !isfinite(life_s))
		return;
	j->has_met = true;
	journal_know(&j->known, &(struct event){ .id = (uint8_t) id, .time_s = (int64_t) life_s });
}

static void meet(struct event_journal *j, const char *serial)
{
	g_autofree char *text = NULL;
	gsize count = 0;

	if (g_strcmp0(j->serial, serial) == 0)
		return;
	g_free(j->serial);
	j->serial = g_strdup(serial);
	j->known = (struct journal_known){ 0 };
	j->has_met = false;
	if (g_file_get_contents(j->path, &text, &count, NULL))
		journal_each(text, count, recall_event, j);
}

static cJSON *event_entry(const struct event_journal *j, const struct event *e, double life_s,
			  double wall_s)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "kind", "event");
	cJSON_AddStringToObject(o, "serial", j->serial);
	cJSON_AddNumberToObject(o, "id", e->id);
	cJSON_AddNumberToObject(o, "life", (double) e->time_s);
	cJSON_AddNumberToObject(o, "t", round(wall_s - (life_s - (double) e->time_s)));
	if (!j->has_met)
		cJSON_AddTrueToObject(o, "guess");
	return o;
}

int event_journal_take_events(struct event_journal *j, const char *serial, const struct event_list *list,
			double life_s, const struct journal_clock *clock, GError **error)
{
	meet(j, serial);

	const struct event_list fresh = journal_unknown(&j->known, list);
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < fresh.count; i++) {
		cJSON *entry = event_entry(j, &fresh.event[i], life_s, clock->wall_s);
		g_autofree char *line = NULL;

		stamp(entry, j->next + (double) i, clock);
		line = journal_line(entry);
		g_string_append(text, line);
		cJSON_Delete(entry);
	}
	const bool is_written = !text->len || append_text(j, text->str, text->len, error);

	g_string_free(text, TRUE);
	if (!is_written)
		return -1;
	for (size_t i = 0; i < fresh.count; i++)
		journal_know(&j->known, &fresh.event[i]);
	j->next += (double) fresh.count;
	j->has_met = true;
	return (int) fresh.count;
}

/* ---- the clock was set ----------------------------------------------------------------- */

struct correction {
	const char *serial;
	double life_s;
	const struct journal_clock *clock;
	GString *text;
	bool is_needed;
};

/* What the line's time should be. */
static double corrected_s(const cJSON *entry, const struct correction *c)
{
	const double t = journal_number(entry, "t"), life_s = journal_number(entry, "life");

	if (strcmp(journal_string(entry, "boot"), c->clock->boot) == 0)
		return t + c->clock->offset_s - journal_number(entry, "offset");
	if (t < JOURNAL_CLOCK_IS_SET_S && !isnan(life_s) &&
	    strcmp(journal_string(entry, "serial"), c->serial) == 0)
		return c->clock->wall_s - (c->life_s - life_s);
	return t;
}

static void correct_line(const cJSON *entry, void *user)
{
	struct correction *c = user;
	const double t = journal_number(entry, "t"), better = corrected_s(entry, c);
	cJSON *copy = cJSON_Duplicate(entry, true);

	if (fabs(better - t) >= WORTH_A_CORRECTION_S) {
		c->is_needed = true;
		cJSON_SetNumberValue(cJSON_GetObjectItemCaseSensitive(copy, "t"), round(better));
		cJSON_SetNumberValue(cJSON_GetObjectItemCaseSensitive(copy, "offset"),
				     round(c->clock->offset_s));
	}
	keep_line(copy, c->text);
	cJSON_Delete(copy);
}

bool event_journal_correct(struct event_journal *j, const char *serial, double life_s,
		     const struct journal_clock *clock, GError **error)
{
	struct correction c = { .serial = serial, .life_s = life_s, .clock = clock };
	g_autofree char *text = NULL;
	gsize count = 0;
	bool is_fine = true;

	if (clock->wall_s < JOURNAL_CLOCK_IS_SET_S || !g_file_get_contents(j->path, &text, &count, NULL))
		return true;
	c.text = g_string_new(NULL);
	journal_each(text, count, correct_line, &c);
	if (c.is_needed)
		is_fine = file_replace(j->path, c.text->str, c.text->len, error);
	g_string_free(c.text, TRUE);
	return is_fine;
}
