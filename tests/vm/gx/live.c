/* SPDX-License-Identifier: MIT */
/*
 * live HOST PORT COOKIE CLIENTS SECONDS SERVICE - live clients of the gateway, and one that asks
 *
 * What tests/gateway/load/clients.py is elsewhere: a GX image for the tests has no Python. CLIENTS
 * of /ws (RFC 6455) take the battery's document once a second; one more fetches the batteries each
 * second, by a new connection each time. Meanwhile the polls are counted that SERVICE, of that
 * battery, has had answered. Prints NAME=NUMBER, one a line; times are whole ms.
 */
#define _GNU_SOURCE /* strcasestr */
#include <arpa/inet.h>
#include <dbus/dbus.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	CLIENTS_MAX = 32,
	AGES_MAX = 4000, /* of one client: an hour */
	BYTES_MAX = 256 * 1024,
	WAIT_S = 40, /* longer than the gateway's TCP bears silence */
	OPCODE_TEXT = 1,
	OPCODE_PING = 9,
	OPCODE_PONG = 10,
};

/* What a client has seen, in memory that all share. */
struct seen {
	int messages, disorders;
	double silence_ms;	 /* the longest between two messages */
	bool is_lost, is_told;	 /* that it is sent away, and why */
	double age_ms[AGES_MAX]; /* of all messages but the first, which was there before */
};

struct shared {
	struct seen seen[CLIENTS_MAX];
	int asked, answered;
	double slowest_ms;
};

static const char *host, *cookie;
static int port;
static double until_ms;

/* The gateway's clock too: both are on one machine. */
static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

/* ---- a connection ------------------------------------------------------------------- */

/* @return -1: it cannot be had */
static int dial(void)
{
	const struct timeval wait = { .tv_sec = WAIT_S };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t) port) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, host, &to.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (connect(fd, (const struct sockaddr *) &to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool say(int fd, const void *bytes, size_t count)
{
	return send(fd, bytes, count, MSG_NOSIGNAL) == (ssize_t) count;
}

static bool hear(int fd, void *bytes, size_t count)
{
	return recv(fd, bytes, count, MSG_WAITALL) == (ssize_t) count;
}

static bool request(int fd, const char *path, const char *more)
{
	char text[1000];
	const int count = snprintf(text, sizeof(text),
				   "GET %s HTTP/1.1\r\nHost: %s:%d\r\nCookie: %s\r\n%s\r\n", path,
				   host, port, cookie, more);

	return say(fd, text, (size_t) count);
}

/* ---- a live client ------------------------------------------------------------------ */

static bool upgrade(int fd)
{
	char head[4000];
	size_t count = 0;

	/* the key is the example of RFC 6455, section 1.3 */
	if (!request(fd, "/ws",
		     "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"))
		return false;
	while (count < sizeof(head) - 1 && hear(fd, head + count, 1)) {
		head[++count] = '\0';
		if (strstr(head, "\r\n\r\n"))
			return strncmp(head, "HTTP/1.1 101", 12) == 0;
	}
	return false;
}

/* RFC 6455, section 5.2; at most 125 bytes. A mask of zeros leaves them as they are. */
static bool say_frame(int fd, int opcode, const char *bytes, size_t count)
{
	uint8_t frame[6 + 125] = { (uint8_t) (0x80 | opcode), (uint8_t) (0x80 | count) };

	memcpy(frame + 6, bytes, count);
	return say(fd, frame, 6 + count);
}

/* @return the opcode; -1: the connection is lost, or too much comes at once */
static int hear_frame(int fd, char *bytes, size_t *count)
{
	uint8_t head[2], longer[8];

	if (!hear(fd, head, 2))
		return -1;
	*count = head[1] & 0x7F;
	const size_t more = *count == 126 ? 2 : *count == 127 ? 8 : 0;

	if (more && !hear(fd, longer, more))
		return -1;
	for (size_t i = 0; i < more; i++)
		*count = (i ? *count << 8 : 0) | longer[i];
	if (*count >= BYTES_MAX || (*count && !hear(fd, bytes, *count)))
		return -1;
	bytes[*count] = '\0';
	return head[0] & 0x0F;
}

/* {"topic","battery","time","data"}, see ws_hub.h. @return whether the client may stay */
static bool take(struct seen *s, const char *text, double *made_ms, double *heard_ms)
{
	const char *time = strstr(text, "\"time\":");
	const double now = now_ms(), time_ms = time ? atof(time + strlen("\"time\":")) * 1e3 : 0.0;

	/* what comes before the gateway has heard what is wanted */
	if (strncmp(text, "{\"topic\":\"gateway\"", 18) == 0 ||
	    strncmp(text, "{\"topic\":\"event\"", 16) == 0)
		return true;
	s->is_told = strncmp(text, "{\"topic\":\"closing\"", 18) == 0;
	if (!time || s->messages == AGES_MAX) {
		fprintf(stderr, "not wanted: %.200s\n", text);
		return false;
	}
	if (s->messages) {
		s->age_ms[s->messages - 1] = now - time_ms;
		s->disorders += time_ms <= *made_ms;
		s->silence_ms = now - *heard_ms > s->silence_ms ? now - *heard_ms : s->silence_ms;
	}
	s->messages++;
	*made_ms = time_ms;
	*heard_ms = now;
	return true;
}

static bool listen_live(int fd, struct seen *s)
{
	static const char wish[] = "{\"subscribe\":[\"battery\"],\"interval\":1}";
	static char bytes[BYTES_MAX];
	double made_ms = 0.0, heard_ms = 0.0;
	size_t count;

	if (fd < 0 || !upgrade(fd) || !say_frame(fd, OPCODE_TEXT, wish, sizeof(wish) - 1))
		return false;
	while (now_ms() < until_ms) {
		const int opcode = hear_frame(fd, bytes, &count);

		if (opcode == OPCODE_PING && count <= 125)
			say_frame(fd, OPCODE_PONG, bytes, count);
		else if (opcode != OPCODE_TEXT || !take(s, bytes, &made_ms, &heard_ms))
			return false;
	}
	return true;
}

/* ---- one that asks ------------------------------------------------------------------ */

/* A whole answer, with what was asked for. */
static bool ask(int fd)
{
	static char text[BYTES_MAX];
	size_t count = 0;
	ssize_t got;

	if (fd < 0 || !request(fd, "/api/v1/batteries", "Connection: close\r\n"))
		return false;
	while ((got = recv(fd, text + count, sizeof(text) - 1 - count, 0)) > 0)
		count += (size_t) got;
	text[count] = '\0';

	const char *body = strstr(text, "\r\n\r\n"),
		   *length = strcasestr(text, "\r\ncontent-length:");

	return body && length && strncmp(text, "HTTP/1.1 200", 12) == 0 &&
	       strlen(body + 4) == strtoul(length + 17, NULL, 10) && strstr(body, "voltage_v");
}

static void ask_each_second(struct shared *s)
{
	while (now_ms() < until_ms) {
		const double began_ms = now_ms();
		const int fd = dial();
		const bool is_answered = ask(fd);
		const double took_ms = now_ms() - began_ms;

		close(fd);
		s->asked++;
		s->answered += is_answered;
		s->slowest_ms = is_answered && took_ms > s->slowest_ms ? took_ms : s->slowest_ms;
		if (took_ms < 1e3)
			usleep((useconds_t) ((1e3 - took_ms) * 1e3));
	}
}

/* ---- the battery -------------------------------------------------------------------- */

struct polls {
	double at_ms;
	long count;
};

/* @return count -1: @service does not say */
static struct polls count_polls(DBusConnection *bus, const char *service)
{
	DBusMessage *call = dbus_message_new_method_call(service, "/", "org.dbus_tinybms.Manager",
							 "Diagnostics");
	DBusMessage *reply = dbus_connection_send_with_reply_and_block(bus, call, 5000, NULL);
	struct polls polls = { .at_ms = now_ms(), .count = -1 };
	const char *text = NULL, *found = NULL;

	if (reply && dbus_message_get_args(reply, NULL, DBUS_TYPE_STRING, &text, DBUS_TYPE_INVALID))
		found = strstr(text, "\"successes\":");
	if (found)
		polls.count = atol(found + strlen("\"successes\":"));
	dbus_message_unref(call);
	if (reply)
		dbus_message_unref(reply);
	return polls;
}

/* ---- all of them -------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	const double difference = *(const double *) a - *(const double *) b;

	return (difference > 0.0) - (difference < 0.0);
}

static void print(const struct shared *s, int clients)
{
	static double ages_ms[CLIENTS_MAX * AGES_MAX];
	int count = 0, lost = 0, told = 0, disorders = 0, fewest = AGES_MAX;
	double silence_ms = 0.0;

	for (int i = 0; i < clients; i++) {
		const struct seen *one = &s->seen[i];

		for (int k = 0; k + 1 < one->messages; k++)
			ages_ms[count++] = one->age_ms[k];
		lost += one->is_lost && !one->is_told;
		told += one->is_told;
		disorders += one->disorders;
		fewest = one->messages < fewest ? one->messages : fewest;
		silence_ms = one->silence_ms > silence_ms ? one->silence_ms : silence_ms;
	}
	qsort(ages_ms, (size_t) count, sizeof(*ages_ms), by_size);
	printf("told=%d\nlost=%d\ndisorders=%d\nfewest=%d\nsilence_ms=%.0f\n", told, lost,
	       disorders, fewest, silence_ms);
	if (count)
		printf("youngest_ms=%.0f\nmedian_ms=%.0f\np95_ms=%.0f\noldest_ms=%.0f\n",
		       ages_ms[0], ages_ms[count / 2], ages_ms[count * 95 / 100],
		       ages_ms[count - 1]);
	printf("asked=%d\nanswered=%d\nslowest_ms=%.0f\n", s->asked, s->answered, s->slowest_ms);
}

/* Each in a process of its own, so that each may block. */
static void run_all(struct shared *s, int clients)
{
	for (int i = 0; i <= clients; i++) {
		if (fork() > 0)
			continue;
		if (i < clients)
			s->seen[i].is_lost = !listen_live(dial(), &s->seen[i]);
		else
			ask_each_second(s);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	struct shared *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	DBusConnection *bus = dbus_bus_get(DBUS_BUS_SYSTEM, NULL);
	const int clients = argc == 7 ? atoi(argv[4]) : 0;

	if (clients < 1 || clients > CLIENTS_MAX || s == MAP_FAILED || !bus)
		return 2;
	host = argv[1];
	port = atoi(argv[2]);
	cookie = argv[3];

	const struct polls first = count_polls(bus, argv[6]);

	until_ms = now_ms() + atof(argv[5]) * 1e3;
	run_all(s, clients);

	const struct polls last = count_polls(bus, argv[6]);

	print(s, clients);
	if (first.count >= 0 && last.count >= 0)
		printf("polls=%ld\nlasted_ms=%.0f\n", last.count - first.count,
		       last.at_ms - first.at_ms);
	return 0;
}
