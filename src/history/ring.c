/* SPDX-License-Identifier: MIT */
#include "history/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "tinybms/frame.h"

enum {
	HEAD_BYTES = 32,
	VERSION_NUMBER = 1,
	BOOTS_MAX = 64,
};

static const char MAGIC[] = "TBMSRING";

struct ring {
	char *path;
	unsigned rows, period_s;
	uint32_t next; /* number of the next row */
	unsigned pending_count;
	struct ring_row_bytes {
		uint8_t byte[RING_ROW_BYTES];
	} pending[RING_PENDING_MAX];
};

/* ---- the head ----------------------------------------------------------------------- */

static void put(uint8_t *out, uint32_t number, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		out[i] = (uint8_t) (number >> (8 * i));
}

static uint32_t get(const uint8_t *in, size_t bytes)
{
	uint32_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number |= (uint32_t) in[i] << (8 * i);
	return number;
}

static void encode_head(unsigned rows, unsigned period_s, uint8_t out[HEAD_BYTES])
{
	memset(out, 0, HEAD_BYTES);
	memcpy(out, MAGIC, 8);
	put(out + 8, VERSION_NUMBER, 2);
	put(out + 10, RING_ROW_BYTES, 2);
	put(out + 12, rows, 4);
	put(out + 16, period_s, 4);
	put(out + 20, (uint32_t) ring_row_floats(), 2);
	put(out + HEAD_BYTES - 2, frame_crc(out, HEAD_BYTES - 2), 2);
}

static bool decode_head(const uint8_t in[HEAD_BYTES], unsigned *rows, unsigned *period_s)
{
	uint8_t own[HEAD_BYTES];

	*rows = get(in + 12, 4);
	*period_s = get(in + 16, 4);
	encode_head(*rows, *period_s, own);
	return *rows > 0 && *period_s > 0 && memcmp(in, own, HEAD_BYTES) == 0;
}

/* ---- reading ------------------------------------------------------------------------ */

static off_t place_of(uint32_t slot)
{
	return HEAD_BYTES + (off_t) slot * RING_ROW_BYTES;
}

/* false: an empty or torn place, or a row that belongs elsewhere. */
static bool read_row(int fd, uint32_t slot, unsigned rows, struct ring_row *row)
{
	uint8_t bytes[RING_ROW_BYTES];

	return pread(fd, bytes, sizeof(bytes), place_of(slot)) == (ssize_t) sizeof(bytes) &&
	       ring_row_decode(bytes, row) && (row->number - 1) % rows == slot;
}

/* What a boot's newest row says about the clock: it may have been set after the others. */
struct boots {
	unsigned count;
	struct boot {
		uint32_t boot, number;
		double offset_s;
	} boot[BOOTS_MAX];
};

static double offset_of(const struct ring_row *row)
{
	return (double) row->wall_s - (double) row->up_ms / 1000.0;
}

static struct boot *find_boot(struct boots *b, uint32_t boot)
{
	for (unsigned i = 0; i < b->count; i++)
		if (b->boot[i].boot == boot)
			return &b->boot[i];
	return NULL;
}

static void note_boot(struct boots *b, const struct ring_row *row)
{
	struct boot *known = find_boot(b, row->boot);

	if (!known && b->count < BOOTS_MAX) {
		known = &b->boot[b->count++];
		*known = (struct boot){ .boot = row->boot };
	}
	if (known && row->number >= known->number) {
		known->number = row->number;
		known->offset_s = offset_of(row);
	}
}

/* @return the number of the newest row, 0 if there is none */
static uint32_t scan(int fd, unsigned rows, struct boots *boots)
{
	uint32_t newest = 0;
	struct ring_row row;

	for (uint32_t slot = 0; slot < rows; slot++) {
		if (!read_row(fd, slot, rows, &row))
			continue;
		newest = MAX(newest, row.number);
		if (boots)
			note_boot(boots, &row);
	}
	return newest;
}

static bool refuse(const char *path, const char *why, GError **error)
{
	g_set_error(error, FILE_ERROR, FILE_ERROR_FAILED, "%s: %s", path, why);
	return false;
}

static bool read_head(int fd, unsigned *rows, unsigned *period_s)
{
	uint8_t head[HEAD_BYTES];

	return pread(fd, head, sizeof(head), 0) == (ssize_t) sizeof(head) &&
	       decode_head(head, rows, period_s);
}

bool ring_each(const char *path, ring_fn fn, void *user, unsigned *period_s, GError **error)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct boots boots = { 0 };
	unsigned rows;

	if (fd < 0)
		return refuse(path, g_strerror(errno), error);
	if (!read_head(fd, &rows, period_s)) {
		close(fd);
		return refuse(path, "this is no recording, or its head is damaged", error);
	}
	const uint32_t newest = scan(fd, rows, &boots);

	for (uint32_t i = 0; newest && i < rows; i++) {
		const uint32_t slot = (uint32_t) (((uint64_t) newest + i) % rows);
		const struct boot *boot;
		struct ring_row row;

		if (!read_row(fd, slot, rows, &row))
			continue;
		boot = find_boot(&boots, row.boot);
		fn(&row, (double) row.up_ms / 1000.0 + (boot ? boot->offset_s : offset_of(&row)), user);
	}
	close(fd);
	return true;
}

/* ---- writing ------------------------------------------------------------------------ */

static bool make_file(const struct ring *r, GError **error)
{
	uint8_t head[HEAD_BYTES];

	encode_head(r->rows, r->period_s, head);
	return file_replace(r->path, head, sizeof(head), error);
}

static char *set_aside(const char *path)
{
	g_autofree char *aside = file_set_aside(path);

	return g_strdup_printf("The recording %s is damaged or of another version; it %s%s, and a new one begins.",
			       path, aside ? "was set aside as " : "could not be set aside",
			       aside ? aside : "");
}

struct ring *ring_open(const char *path, unsigned rows, unsigned period_s, char **trouble)
{
	struct ring *r = g_new0(struct ring, 1);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned own_rows, own_period_s;

	r->path = g_strdup(path);
	r->rows = rows;
	r->period_s = period_s;
	r->next = 1;
	*trouble = NULL;
	if (fd < 0)
		return r;
	if (read_head(fd, &own_rows, &own_period_s) && own_rows == rows && own_period_s == period_s)
		r->next = scan(fd, rows, NULL) + 1;
	else
		*trouble = set_aside(path);
	close(fd);
	return r;
}

void ring_close(struct ring *r)
{
	if (!r)
		return;
	g_free(r->path);
	g_free(r);
}

unsigned ring_period_s(const struct ring *r)
{
	return r->period_s;
}

void ring_add(struct ring *r, const struct ring_row *row)
{
	struct ring_row numbered = *row;

	if (r->pending_count == RING_PENDING_MAX) {
		r->pending_count--;
		memmove(&r->pending[0], &r->pending[1],
			r->pending_count * sizeof(r->pending[0]));
	}
	numbered.number = r->next++;
	ring_row_encode(&numbered, r->pending[r->pending_count++].byte);
}

static bool write_pending(int fd, const struct ring *r)
{
	const uint32_t first = r->next - r->pending_count;

	for (unsigned i = 0; i < r->pending_count; i++) {
		const off_t place = place_of((first + i - 1) % r->rows);
		const ssize_t n = pwrite(fd, r->pending[i].byte, RING_ROW_BYTES, place);

		if (n < 0)
			return false;
		if (n != RING_ROW_BYTES) {
			errno = ENOSPC;
			return false;
		}
	}
	return fdatasync(fd) == 0;
}

bool ring_flush(struct ring *r, GError **error)
{
	int fd;

	if (r->pending_count == 0)
		return true;
	fd = open(r->path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		if (!make_file(r, error))
			return false;
		fd = open(r->path, O_WRONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return refuse(r->path, g_strerror(errno), error);

	const bool is_written = write_pending(fd, r);
	const int why = errno;

	close(fd);
	if (!is_written)
		return refuse(r->path, g_strerror(why), error);
	r->pending_count = 0;
	return true;
}
