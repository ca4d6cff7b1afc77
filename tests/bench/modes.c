// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A plugin of QEMU that counts the instructions of a RISC-V machine by privilege
 * mode, exactly and without a trace of it in the machine:
 *
 *   qemu-system-riscv64 ... -plugin modes.so,out=FILE
 *
 * Whoever runs on the machine, in whatever mode, begins and ends what is counted with
 * the hint "slti x0, x0, KIND" (tests/bench/mark.h), which a hart ignores. FILE gets
 *
 *   mark KIND NAME N M HS U VS VU      since the start
 *   first VS M HS U VS VU              the first instruction of a guest after KIND_PHASE
 *   m FROM TO EID FID N SUM MAX        how often and how long the hart was in M-mode, in
 *                                      the phase that ends here; EID FID of an ecall, or -
 *
 * The prototypes are those of QEMU's plugin interface, of which Debian ships no header:
 * https://www.qemu.org/docs/master/devel/tcg-plugins.html
 */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mark.h"

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_register;
struct qemu_plugin_scoreboard;

struct entry { /* qemu_plugin_u64 */
	struct qemu_plugin_scoreboard *score;
	size_t offset;
};

struct info { /* qemu_info_t */
	const char *target;
	struct {
		int min, now;
	} version;
	bool is_system;
	int harts;
	int max_harts;
};

struct register_descriptor {
	struct qemu_plugin_register *handle;
	const char *name;
	const char *feature;
};

struct array { /* GArray */
	char *data;
	unsigned int len;
};

struct bytes { /* GByteArray */
	uint8_t *data;
	unsigned int len;
};

enum { NO_REGS, READ_REGS };
enum { INLINE_ADD, INLINE_STORE };
enum { COND_NE = 3 };

typedef void (*exec_cb)(unsigned int vcpu, void *data);

void qemu_plugin_register_vcpu_init_cb(plugin_id id, void (*cb)(plugin_id id, unsigned int vcpu));
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
					   void (*cb)(plugin_id id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_atexit_cb(plugin_id id, void (*cb)(plugin_id id, void *data), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t len);
struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
uint64_t qemu_plugin_u64_get(struct entry e, unsigned int vcpu);
void qemu_plugin_u64_set(struct entry e, unsigned int vcpu, uint64_t value);
uint64_t qemu_plugin_u64_sum(struct entry e);
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *insn, int op,
							 struct entry e, uint64_t value);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, exec_cb cb, int flags,
					    void *data);
void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(struct qemu_plugin_tb *tb, int op,
						       struct entry e, uint64_t value);
void qemu_plugin_register_vcpu_tb_exec_cond_cb(struct qemu_plugin_tb *tb, exec_cb cb, int flags,
					       int cond, struct entry e, uint64_t value,
					       void *data);
struct array *qemu_plugin_get_registers(void);
int qemu_plugin_read_register(struct qemu_plugin_register *handle, struct bytes *to);
struct bytes *g_byte_array_new(void);
struct bytes *g_byte_array_set_size(struct bytes *array, unsigned int size);

/* Also the order of the columns. */
enum mode { M, HS, U, VS, VU, MODES };
static const char *const mode_name[] = { "M", "HS", "U", "VS", "VU" };

struct hart {
	uint64_t count[MODES];
	uint64_t stay; /* in M-mode, since it was entered */
	uint64_t from; /* the mode before that */
};

#define MAX_HARTS 64

static struct {
	bool known;
	uint64_t eid, fid;
	uint64_t before; /* instructions below M-mode when it was called */
} calls_of[MAX_HARTS];

static struct stay {
	enum mode from, to;
	bool is_call;
	uint64_t eid, fid;
	uint64_t n, sum, max;
} stays[4096];
static unsigned int nstays;

static struct entry count[MODES], stay, from;
static struct qemu_plugin_register *reg_priv, *reg_x[32];
static __thread struct bytes *buffer;
static bool wait_for_guest;
static FILE *out;

/* Of stays and of what is written: harts may be threads. Counts are each hart's own. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t read_register(struct qemu_plugin_register *handle)
{
	uint64_t value = 0;
	int n;

	if (!buffer)
		buffer = g_byte_array_new();
	g_byte_array_set_size(buffer, 0);
	n = qemu_plugin_read_register(handle, buffer);
	memcpy(&value, buffer->data, n > 8 ? 8 : n > 0 ? (size_t)n : 0);
	return value;
}

/* Bit 2 of QEMU's register "priv" is the virtualisation mode. */
static enum mode mode_now(void)
{
	uint64_t priv = read_register(reg_priv);

	switch (priv & 7) {
	case 0:
		return U;
	case 1:
		return HS;
	case 4:
		return VU;
	case 5:
		return VS;
	}
	return M;
}

static void print_counts(void)
{
	for (int i = 0; i < MODES; i++)
		fprintf(out, " %llu", (unsigned long long)qemu_plugin_u64_sum(count[i]));
	fputc('\n', out);
}

static void print_stays(void)
{
	for (unsigned int i = 0; i < nstays; i++) {
		const struct stay *s = &stays[i];

		fprintf(out, "m %s %s ", mode_name[s->from], mode_name[s->to]);
		if (s->is_call)
			fprintf(out, "%#llx %#llx", (unsigned long long)s->eid,
				(unsigned long long)s->fid);
		else
			fputs("- -", out);
		fprintf(out, " %llu %llu %llu\n", (unsigned long long)s->n,
			(unsigned long long)s->sum, (unsigned long long)s->max);
	}
	nstays = 0;
	fflush(out);
}

/* a0: how many operations; a1 to a3: the name, 8 characters in each */
static void marked(unsigned int vcpu, void *data)
{
	char name[25] = "";
	uint64_t word;

	(void)vcpu;
	for (int i = 0; i < 3; i++) {
		word = read_register(reg_x[11 + i]);
		memcpy(name + 8 * i, &word, 8);
	}
	for (char *c = name; *c; c++)
		if (*c <= ' ' || *c > '~')
			*c = '?';
	pthread_mutex_lock(&lock);
	if ((intptr_t)data == MARK_PHASE)
		print_stays();
	fprintf(out, "mark %d %s %llu", (int)(intptr_t)data, name[0] ? name : "?",
		(unsigned long long)read_register(reg_x[10]));
	print_counts();
	if ((intptr_t)data == MARK_PHASE)
		__atomic_store_n(&wait_for_guest, true, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&lock);
}

static void guest_runs(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	if (!__atomic_load_n(&wait_for_guest, __ATOMIC_RELAXED) ||
	    !__atomic_exchange_n(&wait_for_guest, false, __ATOMIC_RELAXED))
		return;
	pthread_mutex_lock(&lock);
	fputs("first VS", out);
	print_counts();
	pthread_mutex_unlock(&lock);
}

static uint64_t below_m(unsigned int vcpu)
{
	uint64_t sum = 0;

	for (int i = HS; i < MODES; i++)
		sum += qemu_plugin_u64_get(count[i], vcpu);
	return sum;
}

static void calls(unsigned int vcpu, void *data)
{
	(void)data;
	calls_of[vcpu].known = true;
	calls_of[vcpu].eid = read_register(reg_x[17]);
	calls_of[vcpu].fid = read_register(reg_x[16]);
	calls_of[vcpu].before = below_m(vcpu);
}

/* The first block after M-mode, of mode @data. The ecall itself is one instruction. */
static void left_m(unsigned int vcpu, void *data)
{
	struct stay key = { .from = (enum mode)qemu_plugin_u64_get(from, vcpu),
			    .to = (enum mode)(intptr_t)data };
	uint64_t n = qemu_plugin_u64_get(stay, vcpu);
	unsigned int i;

	if (calls_of[vcpu].known && below_m(vcpu) <= calls_of[vcpu].before + 1) {
		key.is_call = true;
		key.eid = calls_of[vcpu].eid;
		key.fid = calls_of[vcpu].fid;
	}
	calls_of[vcpu].known = false;
	pthread_mutex_lock(&lock);
	for (i = 0; i < nstays; i++) {
		if (stays[i].from == key.from && stays[i].to == key.to &&
		    stays[i].is_call == key.is_call && stays[i].eid == key.eid &&
		    stays[i].fid == key.fid)
			break;
	}
	if (i == nstays && nstays < sizeof(stays) / sizeof(stays[0]))
		stays[nstays++] = key;
	if (i < nstays) {
		stays[i].n++;
		stays[i].sum += n;
		if (n > stays[i].max)
			stays[i].max = n;
	}
	pthread_mutex_unlock(&lock);
	qemu_plugin_u64_set(stay, vcpu, 0);
}

/* A block is translated for one mode, that of the hart which is about to execute it. */
static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	enum mode mode = mode_now();
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	if (mode != M) {
		qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, left_m, NO_REGS, COND_NE, stay, 0,
							  (void *)(intptr_t)mode);
		qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, INLINE_STORE, from, mode);
	}
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint32_t code = 0;

		qemu_plugin_insn_data(insn, &code, sizeof(code));
		qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, INLINE_ADD, count[mode],
								    1);
		if (mode == M)
			qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, INLINE_ADD, stay,
									    1);
		else if (code == 0x73)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, calls, READ_REGS, NULL);
		if ((code & 0xfffff) == 0x2013 && code >> 20)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, READ_REGS,
							       (void *)(intptr_t)(code >> 20));
		if (mode == VS && !i)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, guest_runs, NO_REGS, NULL);
	}
}

static void hart_begins(plugin_id id, unsigned int vcpu)
{
	static const char *const x_name[] = {
		[10] = "a0", [11] = "a1", [12] = "a2", [13] = "a3", [16] = "a6", [17] = "a7"
	};
	struct array *list = qemu_plugin_get_registers();
	const struct register_descriptor *r = (const void *)list->data;

	(void)id;
	(void)vcpu;
	for (unsigned int i = 0; i < list->len; i++) {
		if (!strcmp(r[i].name, "priv"))
			reg_priv = r[i].handle;
		for (unsigned int x = 0; x < sizeof(x_name) / sizeof(x_name[0]); x++)
			if (x_name[x] && !strcmp(r[i].name, x_name[x]))
				reg_x[x] = r[i].handle;
	}
}

static void the_end(plugin_id id, void *data)
{
	(void)id;
	(void)data;
	print_stays();
	fputs("end", out);
	print_counts();
	fclose(out);
}

EXPORT int qemu_plugin_version = 4;

EXPORT int qemu_plugin_install(plugin_id id, const struct info *info, int argc, char **argv)
{
	struct qemu_plugin_scoreboard *score;

	if (info->max_harts > MAX_HARTS) {
		fprintf(stderr, "modes: at most %d harts\n", MAX_HARTS);
		return -1;
	}
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fputs("modes: which file? -plugin modes.so,out=FILE\n", stderr);
		return -1;
	}
	out = fopen(argv[0] + 4, "w");
	if (!out) {
		perror(argv[0] + 4);
		return -1;
	}
	score = qemu_plugin_scoreboard_new(sizeof(struct hart));
	for (int i = 0; i < MODES; i++)
		count[i] = (struct entry){ score,
					   offsetof(struct hart, count) + sizeof(uint64_t) * i };
	stay = (struct entry){ score, offsetof(struct hart, stay) };
	from = (struct entry){ score, offsetof(struct hart, from) };
	qemu_plugin_register_vcpu_init_cb(id, hart_begins);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, the_end, NULL);
	return 0;
}
