/* SPDX-License-Identifier: MIT */
/*
 * QEMU plugin: counts the instructions that a program of another architecture executes and writes
 * the number to the file that $COUNT_FILE names, when the program ends. Debian has no header for
 * plugins, so the functions of API version 1 that this needs are declared here.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;

enum { ADD_U64 = 0 }; /* qemu_plugin_op */

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*fn)(uint64_t id, struct qemu_plugin_tb *block));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, int op, void *counter,
					      uint64_t number);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*fn)(uint64_t id, void *user), void *user);
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

EXPORT int qemu_plugin_version = 1;

static uint64_t count;

static void on_block(uint64_t id, struct qemu_plugin_tb *block)
{
	(void) id;
	qemu_plugin_register_vcpu_tb_exec_inline(block, ADD_U64, &count,
						 qemu_plugin_tb_n_insns(block));
}

static void on_end(uint64_t id, void *user)
{
	const char *path = getenv("COUNT_FILE");
	FILE *out = path ? fopen(path, "w") : NULL;

	(void) id;
	(void) user;
	if (!out)
		return;
	fprintf(out, "%" PRIu64 "\n", count);
	fclose(out);
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void) info;
	(void) argc;
	(void) argv;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
	qemu_plugin_register_atexit_cb(id, on_end, NULL);
	return 0;
}
