/* SPDX-License-Identifier: MIT */
#include "plant/jobs.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plant/plant.h"

static void *shared_new(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("tournament: no memory for the results");
		exit(EXIT_FAILURE);
	}
	return memory;
}

struct job *jobs_new(size_t count)
{
	return shared_new(MAX(count, 1) * sizeof(struct job));
}

void jobs_free(struct job *jobs, size_t count)
{
	munmap(jobs, MAX(count, 1) * sizeof(struct job));
}

static void work(struct job *jobs, size_t count, atomic_size_t *next)
{
	for (;;) {
		const size_t mine = atomic_fetch_add(next, 1);

		if (mine >= count)
			return;
		jobs[mine].figures =
			plant_run(jobs[mine].scenario, jobs[mine].seed, jobs[mine].law, NULL, 1);
		jobs[mine].is_done = true;
	}
}

static void show_progress(const atomic_size_t *next, size_t count, double since_s)
{
	const size_t begun = MIN(atomic_load(next), count);

	fprintf(stderr, "\r%zu of %zu runs, %.0f s ", begun, count, since_s);
	if (begun == count)
		fputc('\n', stderr);
}

static double now_s(void)
{
	return (double) g_get_monotonic_time() / G_USEC_PER_SEC;
}

static unsigned start_workers(struct job *jobs, size_t count, unsigned wanted, atomic_size_t *next)
{
	unsigned started = 0;

	for (unsigned i = 0; i < wanted; i++) {
		const pid_t pid = fork();

		if (pid == 0) {
			work(jobs, count, next);
			_exit(EXIT_SUCCESS);
		}
		if (pid > 0)
			started++;
	}
	return started;
}

/* Two looks a second, so that a worker that dies is seen and progress moves. */
static bool wait_for(unsigned workers, const atomic_size_t *next, size_t count, bool is_loud)
{
	const double began_s = now_s();
	bool is_good = workers > 0;
	unsigned looks = 0;

	while (workers > 0) {
		int status;
		const pid_t pid = waitpid(-1, &status, WNOHANG);

		if (pid > 0) {
			workers--;
			is_good = is_good && WIFEXITED(status) && !WEXITSTATUS(status);
			continue;
		}
		if (is_loud && looks++ % 4 == 0)
			show_progress(next, count, now_s() - began_s);
		nanosleep(&(struct timespec){ .tv_nsec = 500000000 }, NULL);
	}
	if (is_loud)
		show_progress(next, count, now_s() - began_s);
	return is_good;
}

bool jobs_run(struct job *jobs, size_t count, unsigned workers, bool is_loud)
{
	atomic_size_t *next = shared_new(sizeof(*next));
	bool is_good;

	if (!workers)
		workers = (unsigned) MAX(sysconf(_SC_NPROCESSORS_ONLN), 1L);
	fflush(NULL);
	is_good = wait_for(start_workers(jobs, count, workers, next), next, count, is_loud);
	munmap(next, sizeof(*next));
	for (size_t i = 0; i < count; i++)
		is_good = is_good && jobs[i].is_done;
	return is_good;
}
