// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The software page walk and the decoder of loads and stores on whatever
 * memory holds. An input is the CSRs, addresses, and then the PTEs in the order in
 * which the walk comes to them; the walk is compared with walk_model.c.
 */
#include "fake_world.h"
#include "must.h"
#include "walk_model.h"

#define PAGE	   0x1000UL
#define RAM_PAGES  64UL
#define DENIED	   (FAKE_RAM_BASE + 40 * PAGE) /* a page that is not the host's */
#define MAX_MADE   256
#define MAX_VISITS (MODEL_MAX_SEEN + 1)

static const u8 *at, *end;
static u64 *made[MAX_MADE];
static unsigned int nmade;
static unsigned long executions, operations, succeeded;

static u64 take(unsigned int bytes)
{
	u64 value = 0;

	while (bytes-- && at < end)
		value = value << 8 | *at++;
	return value;
}

/*
 * A PTE of the input in 3 bytes: kind, low bits, page; or 8 bytes as they are.
 */
static void invent(void *arg, u64 *pte, unsigned int level, bool gstage)
{
	u8 kind = (u8)take(1), low = (u8)take(1), page = (u8)take(1);
	u64 pa = FAKE_RAM_BASE + page % (RAM_PAGES + 2) * PAGE;

	(void)arg;
	(void)gstage;
	if (nmade == MAX_MADE)
		return;
	made[nmade++] = pte;
	if (kind == 0xff)
		*pte = take(8);
	else if (level && kind & 0x80)
		*pte = pa >> 2 | 1;
	else
		*pte = (pa & -(level ? PAGE << (9 * level) : PAGE)) >> 2 | 1 | low;
	if (!(kind & 0x80) && kind & 0x40)
		*pte |= 1UL << (54 + kind % 10);
	*pte |= 0x100; /* not zero again */
}

static bool is_hosts(u64 pa)
{
	return pa - FAKE_RAM_BASE < RAM_PAGES * PAGE && pa / PAGE != DENIED / PAGE;
}

static bool may(void *arg, u64 pa)
{
	(void)arg;
	return is_hosts(pa);
}

struct visits {
	u64 pa[MAX_VISITS];
	unsigned int n;
};

static bool visit(void *arg, u64 pa)
{
	struct visits *v = arg;

	MUST(v->n < MAX_VISITS, "too many visits");
	v->pa[v->n++] = pa;
	return true;
}

static void boot(void)
{
	const struct pmptable_range bank = { FAKE_RAM_BASE, RAM_PAGES * PAGE };
	u64 size = pmptable_memory_size(&bank, 1);

	fake_ram_init(RAM_PAGES * PAGE);
	MUST(!pmptable_init(&cove.table, &bank, 1, aligned_alloc(PAGE, size), size), "no table");
	MUST(!pmptable_deny(&cove.table, DENIED, 1), "deny");
}

static u64 some_atp(void)
{
	u8 byte = (u8)take(1);

	return byte % 4 == 3 ? 0 : (8 + byte % 4UL) << 60 | (FAKE_RAM_BASE >> 12) + byte / 64 * 4UL;
}

static void read_env(struct cove_walk_env *env)
{
	unsigned int bits = (unsigned int)take(2);

	memset(env, 0, sizeof(*env));
	env->virt = bits & 1;
	env->user = bits & 2;
	env->sum = bits & 4;
	env->mxr = bits & 8;
	env->vmxr = bits & 16;
	env->adue = bits & 32;
	env->pbmte = bits & 64;
	env->gadue = bits & 128;
	env->gpbmte = bits & 256;
	env->satp = some_atp();
	env->hgatp = env->virt ? some_atp() : 0;
}

static void compare(const struct cove_walk_env *env, enum cove_walk_access access, u64 va,
		    bool set_ad)
{
	static const enum cove_walk_status same[] = { WALK_OK, WALK_PAGE_FAULT,
						      WALK_GUEST_PAGE_FAULT, WALK_ACCESS_FAULT };
	struct model_walk m = { .env = env, .set_ad = set_ad, .may = may };
	struct visits visits = { .n = 0 };
	struct cove_walk w = { .visit = visit, .arg = &visits };
	static u64 before[MAX_MADE], after[MAX_MADE];
	enum cove_walk_status got;
	enum model_result want;
	unsigned int i;

	for (i = 0; i < nmade; i++)
		before[i] = *made[i];
	want = model_translate(&m, access, va);
	for (i = 0; i < nmade; i++) {
		after[i] = *made[i];
		*made[i] = before[i];
	}
	got = cove_walk_va(env, access, va, set_ad, &w);
	if (m.changed)
		return;
	if (got != same[want])
		fprintf(stderr, "access %u at 0x%lx: %u, not %u\n", access, va, got, same[want]);
	MUST(got == same[want], "another result");
	for (i = 0; i < nmade; i++)
		MUST(*made[i] == after[i], "another PTE");
	for (i = 0; i < m.nseen; i++)
		MUST(i < visits.n && visits.pa[i] == m.seen[i], "another PTE was read");
	if (want == MODEL_OK)
		MUST(w.pa == m.pa && visits.n == m.nseen + 1 && visits.pa[m.nseen] == m.pa,
		     "another page");
	if (want == MODEL_GUEST_PAGE_FAULT)
		MUST(w.gpa == m.gpa && w.implicit == m.implicit &&
			     w.implicit_store == m.implicit_store,
		     "another guest page fault");
	succeeded += want == MODEL_OK;
	operations++;
}

static void walk(void)
{
	struct cove_walk_env env;
	unsigned int i;

	read_env(&env);
	for (i = 0; i < 8 && at < end; i++) {
		unsigned int how = (unsigned int)take(1);
		enum cove_walk_access access = how % 3;
		u64 va = how & 0x80 ? take(8) : FAKE_RAM_BASE + take(3);
		struct model_walk m = { .env = &env, .may = may, .invent = invent };

		env.hlvx = env.virt && access == WALK_LOAD && how & 0x40;
		model_translate(&m, access, va);
		compare(&env, access, va, how & 0x20);
	}
	while (nmade)
		*made[--nmade] = 0;
}

/* Whatever is decoded is an access of 1, 2, 4 or 8 bytes, and its form for the host is too. */
static void decode(void)
{
	unsigned long insn = take(4), htinst;
	struct cove_mmio mmio, again;

	memset(&mmio, 0, sizeof(mmio));
	if (!cove_mmio_decode(insn, &mmio))
		return;
	MUST(mmio.len && mmio.len <= 8 && !(mmio.len & (mmio.len - 1U)), "no width");
	MUST(mmio.reg < 32, "no register");
	htinst = cove_mmio_htinst(&mmio);
	memset(&again, 0, sizeof(again));
	/* bit 1 of a transformed instruction says how long it was */
	MUST(cove_mmio_decode(htinst | 3, &again) && again.len == mmio.len &&
		     again.store == mmio.store,
	     "the host sees another access");
	operations++;
}

static void report(void)
{
	printf("executions %lu operations %lu\n", executions, operations);
	if (executions > 10000 && succeeded < executions / 100)
		printf("no operation of the walk succeeded\n");
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	boot();
	return atexit(report);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	executions++;
	at = data;
	end = data + size;
	if (take(1) & 1)
		decode();
	else
		walk();
	return 0;
}
