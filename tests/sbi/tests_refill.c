// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Every kind of access in every kind of address space, twice: while the PMP
 * entries describe the table exactly, and on a chessboard of which they cannot
 * describe a tenth. The host must not see a difference.
 */
#include "space.h"

#define MAX_CASES 4096
#define PATTERN	  0x1122334455667788UL
#define INSIDE	  0x100
#define VL	  16
#define WATCHED	  64
#define PATIENCE  50000000

#define OUTCOME_HTINST	4
#define OUTCOME_HSTATUS 5
#define HSTATUS_GVA	(1UL << 6)

/* struct outcome - of an access: the trap that ended it, and a digest of registers and memory */
struct outcome {
	unsigned long cause;
	unsigned long tval;
	unsigned long epc;
	unsigned long htval;
	unsigned long htinst;
	unsigned long hstatus;
	unsigned long sstatus;
	unsigned long digest;
};

/* struct probe - @op: NULL: a fetch; @odd: not aligned; @split: the instruction crosses pages */
struct probe {
	const struct op *op;
	const struct target *target;
	bool odd;
	bool split;
};

static struct space space;
static struct outcome outcomes[MAX_CASES];
static unsigned int ncases;
static bool have_v;
static bool only_loops;

static unsigned long mix(unsigned long digest, unsigned long value)
{
	digest = (digest ^ value) * 0x9e3779b97f4a7c15UL;
	return digest ^ digest >> 29;
}

static unsigned long mix_page(unsigned long digest, unsigned long pa)
{
	const unsigned long *p = (const unsigned long *)pa;
	unsigned int i;

	for (i = 0; pa && i < 4; i++)
		digest = mix(mix(mix(digest, p[i]), p[508 + i]), p[INSIDE / 8 + i]);
	return digest;
}

static unsigned long mix_registers(unsigned long digest, const struct probe *p)
{
	static unsigned long buffer[512], csrs[3];
	unsigned int i, n;

	if (!p->op || !(p->op->flags & (OP_FP | OP_V)))
		return digest;
	if (p->op->flags & OP_FP) {
		fp_store(buffer);
		n = 33;
	} else {
		n = v_lenb() * 4;
		if (n > ARRAY_SIZE(buffer))
			n = 0;
		else
			v_store(buffer, csrs);
		digest = mix(mix(digest, csrs[0]), csrs[1]);
	}
	for (i = 0; i < n; i++)
		digest = mix(digest, buffer[i]);
	return digest;
}

static void copy_code(const uint8_t *from, const uint8_t *to, unsigned long offset)
{
	for (; from < to; from++, offset++)
		*(uint8_t *)(space.code_pa[offset / PAGE] + offset % PAGE) = *from;
}

static const uint8_t nop_break[] = { 0x13, 0, 0, 0, 0x73, 0, 0x10, 0 };

/* A nop and an ebreak where the target is, as far as it is the host's. */
static unsigned long place_fetch(const struct probe *p)
{
	const struct target *t = p->target;
	unsigned int i;

	for (i = 0; i < sizeof(nop_break); i++) {
		if (!t->cross) {
			if (t->pa)
				((uint8_t *)t->pa)[INSIDE + i] = nop_break[i];
		} else if (i < 2) {
			if (t->before)
				((uint8_t *)t->before)[PAGE - 2 + i] = nop_break[i];
		} else if (t->pa) {
			((uint8_t *)t->pa)[i - 2] = nop_break[i];
		}
	}
	return t->cross ? t->va - 2 : t->va + INSIDE;
}

static unsigned long place_op(const struct probe *p)
{
	const struct op *op = p->op;
	unsigned long offset = INSIDE;

	if (p->split)
		offset = PAGE - 2 - (unsigned long)(op->main - op->code);
	copy_code(op->code, op->end, offset);
	return space.code + offset;
}

static unsigned long address_of(const struct probe *p)
{
	if (!p->op)
		return 0;
	if (p->target->cross)
		return p->target->va - p->op->size / 2;
	return p->target->va + INSIDE + p->odd;
}

/* Vector accesses may go on into pages behind the target's. */
static bool verdict_known(const struct probe *p)
{
	if (!p->op)
		return true;
	if (p->op->flags & OP_ALONE)
		return false;
	if (p->op->flags & OP_V)
		return p->target->many && !p->odd;
	if (p->op->flags & OP_HLVX)
		return p->target->verdict.load == CAUSE_BREAK && !p->target->lax;
	if (p->target->lax && p->op->flags & OP_WHOLE)
		return false;
	return !(p->op->flags & OP_WHOLE) || (!p->odd && !p->target->cross);
}

static unsigned long expected(const struct probe *p)
{
	if (!p->op)
		return p->target->verdict.fetch;
	return (p->op->flags & OP_TYPE) == OP_LOAD ? p->target->verdict.load
						   : p->target->verdict.store;
}

static void fail(const struct probe *p, const char *what, unsigned long right, unsigned long seen)
{
	test_fail("%s, %s%s, %s%s: %s: expected 0x%lx, saw 0x%lx", space.kind->name,
		  p->op ? p->op->name : "fetch", p->split ? " that crosses pages" : "",
		  p->target->name, p->odd ? ", odd" : "", what, right, seen);
}

static struct outcome run(const struct probe *p)
{
	const struct target *t = p->target;
	struct outcome o;
	struct world w;
	unsigned int i;

	if (t->pte)
		*t->pte = t->pte_value;
	space_world(&space, &w);
	w.x[0] = p->op ? place_op(p) : place_fetch(p);
	w.x[A0] = address_of(p);
	w.x[A1] = PATTERN + ncases;
	w.x[A2] = space.stride;
	w.x[A4] = VL;
	world_run(&w);
	o =
		(struct outcome){ w.cause,  w.tval,	w.epc,	    w.htval,
				  w.htinst, w.ohstatus, w.osstatus, 0 };
	/* how often an SC fails before the page fault is nobody's business */
	for (i = 1; i < 32; i++)
		if (i != A5 || !p->op || !(p->op->flags & OP_LOOP))
			o.digest = mix(o.digest, w.x[i]);
	o.digest = mix_registers(o.digest, p);
	o.digest = mix_page(mix_page(o.digest, t->pa), t->before);
	if (t->pte)
		o.digest = mix(o.digest, *t->pte);
	return o;
}

static bool htinst_writable(void)
{
	unsigned long old = csr_read(htinst), seen;

	csr_write(htinst, old ^ 0x3000);
	seen = csr_read(htinst);
	csr_write(htinst, old);
	return seen != old;
}

/*
 * Where M-mode has to find a fault itself it may leave out the instruction, but
 * not a pseudoinstruction. QEMU ignores what M-mode writes to htinst; only guest
 * page faults, of which hypervisors believe it, must have the right one there.
 * QEMU forgets that the address of a breakpoint, and of HLV in M-mode, is a guest's.
 */
static bool may_differ(const struct outcome *a, const struct outcome *b, unsigned int field)
{
	switch (field) {
	case OUTCOME_HTINST:
		if (a->cause < 20 && !htinst_writable())
			return true;
		return (a->htinst & 1) && !b->htinst;
	case OUTCOME_HSTATUS:
		if ((a->hstatus ^ b->hstatus) & ~HSTATUS_GVA)
			return false;
		return a->cause == CAUSE_BREAK || (space.kind->hlv && (b->hstatus & HSTATUS_GVA));
	default:
		return false;
	}
}

/* QEMU says of HLVX that it fetches; the specification and the monitor say that it loads. */
static bool hlvx_fault(const struct probe *p, unsigned long exact, unsigned long refill)
{
	if (!p->op || p->op->name[0] != 'h' || p->op->name[3] != 'x')
		return false;
	return (exact == 1 || exact == 12 || exact == 20) &&
	       (refill == 5 || refill == 13 || refill == 21);
}

static bool same(const struct probe *p, const struct outcome *a, const struct outcome *b)
{
	static const char *const name[] = {
		"cause",  "tval",    "epc",	"htval",
		"htinst", "hstatus", "sstatus", "registers and memory"
	};
	const unsigned long *x = &a->cause, *y = &b->cause;
	unsigned int i;

	if (hlvx_fault(p, a->cause, b->cause))
		return true;
	for (i = 0; i < ARRAY_SIZE(name); i++) {
		if (x[i] != y[i] && !may_differ(a, b, i)) {
			fail(p, name[i], x[i], y[i]);
			return false;
		}
	}
	return true;
}

/* An instruction that never completes ends with a timer interrupt. */
static void watch(void)
{
	if (!(ncases % WATCHED))
		timer_set(csr_read(time) + PATIENCE);
}

static bool is_guest_fault(unsigned long cause)
{
	return cause == 20 || cause == 21 || cause == 23;
}

/*
 * Where htinst cannot be written the host gets guest page faults from hardware,
 * which on QEMU may meet a denied PTE first and say so as another one of them.
 */
static bool any_guest_fault(unsigned long cause, unsigned long seen)
{
	return space.kind->scattered && is_guest_fault(cause) && is_guest_fault(seen) &&
	       !htinst_writable();
}

/*
 * QEMU lets cbo.clean and its like pass as a load, and if that does not get
 * through, and be it for the PMP, says what a store would have met.
 */
static bool cbo_fault(const struct probe *p, unsigned long seen)
{
	return p->op && p->op->name[0] == 'c' && p->op->name[1] == 'b' && seen == 15 &&
	       p->target->verdict.store == 15;
}

static bool one_case(const struct probe *p, bool exact)
{
	struct outcome o;

	watch();
	o = run(p);
	if (p->target->loose) {
		if (o.cause == CAUSE_BREAK && !p->target->pte)
			fail(p, "cause", expected(p), o.cause);
		return !test_failed();
	}
	if (!exact && ncases < MAX_CASES &&
	    (any_guest_fault(outcomes[ncases].cause, o.cause) || cbo_fault(p, o.cause))) {
		ncases++;
		return true;
	}
	if (verdict_known(p) && o.cause != expected(p)) {
		fail(p, exact ? "cause with an exact PMP" : "cause", expected(p), o.cause);
		return false;
	}
	if (ncases == MAX_CASES) {
		test_fail("too many cases");
		return false;
	}
	if (exact)
		outcomes[ncases] = o;
	else if (!same(p, &outcomes[ncases], &o))
		return false;
	ncases++;
	return true;
}

/* Loops that need much at once have a test of their own. */
static bool split_too(const struct probe *p)
{
	if ((p->op->flags & OP_LOOP) && space.kind->scattered && !only_loops)
		return false;
	return p->target->many || p->target->cross || p->target->verdict.load == 5;
}

/* The ways to place an instruction and its operand. */
static bool one_op(const struct op *op, const struct target *t, bool exact)
{
	struct probe p = { op, t, false, false };

	if (t->cross && op->size < 2)
		return true;
	if (!one_case(&p, exact))
		return false;
	p.split = true;
	if (split_too(&p) && !one_case(&p, exact))
		return false;
	p.split = false;
	p.odd = true;
	return t->cross || op->size < 2 || one_case(&p, exact);
}

static void fill(void)
{
	unsigned int i;

	for (i = 0; i < SPACE_DATA; i++)
		page_fill(space.data_pa[i], PATTERN + i);
	for (i = 0; i < space.ntargets; i++) {
		if (space.target[i].pa)
			page_fill(space.target[i].pa, PATTERN);
		if (space.target[i].before)
			page_fill(space.target[i].before, PATTERN);
	}
}

static bool selected(const struct op *op, const struct target *t)
{
	const struct space_kind *k = space.kind;

	if ((op->flags & OP_FAR) && !t->many && space.stride != PAGE)
		return false;
	if ((op->flags & OP_ALONE) && !t->many)
		return false;
	if (((op->flags & OP_HS) && k->virt) || ((op->flags & (OP_S | OP_HS)) && k->user))
		return false;
	if (!(op->flags & OP_HLV) == space.kind->hlv || ((op->flags & OP_V) && !have_v))
		return false;
	return !only_loops || (op->flags & OP_LOOP);
}

static bool all_cases(bool exact)
{
	unsigned long f[33] = { [11] = PATTERN };
	const struct target *t;
	const struct op *op;
	unsigned int i;

	ncases = 0;
	fill();
	fp_load(f);
	if (have_v)
		v_load(space.board.island, 0, 0, 0);
	for (t = space.target; t < space.target + space.ntargets; t++) {
		struct probe fetch = { NULL, t, false, false };

		if (t->pa)
			memset((void *)t->pa, 0x13, 64);
		if (!space.kind->hlv && !one_case(&fetch, exact))
			return false;
		for (op = ops; op < ops_end; op++) {
			if (!selected(op, t))
				continue;
			if (!one_op(op, t, exact))
				return false;
		}
	}
	for (i = 0; i < SPACE_DATA; i++) {
		unsigned long digest = mix_page(0, space.data_pa[i]);

		if (exact)
			outcomes[MAX_CASES - 1 - i].digest = digest;
		else if (outcomes[MAX_CASES - 1 - i].digest != digest)
			test_fail("%s: page %u differs after all", space.kind->name, i);
	}
	return !test_failed();
}

static void both(void)
{
	struct covesbi_stats s, before;

	if (!board_convert_victims(&space.board))
		return;
	get_stats(&s);
	EXPECT(s.pmp_refill, 0);
	if (!all_cases(true) || !board_lock(&space.board))
		return;
	get_stats(&before);
	EXPECT(before.pmp_refill, 1);
	if (!all_cases(false))
		return;
	get_stats(&s);
	EXPECT_TRUE(s.refills > before.refills);
	EXPECT_TRUE(!space.kind->scattered || space.kind->hlv || s.windows > before.windows);
}

static void compare(const struct space_kind *k)
{
	have_v = vector_pattern();
	csr_set(sstatus, SSTATUS_FS_VS);
	if (space_build(&space, k)) {
		csr_write(sie, SIP_STIP);
		both();
		csr_write(sie, 0);
		timer_set(~0UL);
	}
	space_leave();
	csr_clear(sstatus, SSTATUS_FS_VS);
}

#define KIND(fn, ...)                                                  \
	static void fn(void)                                           \
	{                                                              \
		static const struct space_kind kind = { __VA_ARGS__ }; \
                                                                       \
		compare(&kind);                                        \
	}

KIND(host_bare, "bare", .host = SV_BARE)
KIND(host_sv39, "Sv39", .host = SV39)
KIND(host_sv48, "Sv48", .host = SV48)
KIND(host_sv57, "Sv57", .host = SV57)
KIND(host_sv39_scattered, "Sv39", .host = SV39, .scattered = true)
KIND(host_sv48_scattered, "Sv48", .host = SV48, .scattered = true)
KIND(host_sv57_scattered, "Sv57", .host = SV57, .scattered = true)
KIND(host_sum, "Sv39, SUM", .host = SV39, .sum = true)
KIND(host_mxr, "Sv48, MXR", .host = SV48, .mxr = true)
KIND(host_adue, "Sv39, A and D by hardware", .host = SV39, .adue = true)
KIND(user_bare, "U-mode, bare", .user = true)
KIND(user_sv39, "U-mode, Sv39", .host = SV39, .user = true)
KIND(user_sv57, "U-mode, Sv57", .host = SV57, .user = true)
KIND(vs_bare_bare, "VS, bare, bare", .virt = true)
KIND(vs_bare_39, "VS, bare, Sv39x4", .virt = true, .g = SV39)
KIND(vs_bare_57, "VS, bare, Sv57x4", .virt = true, .g = SV57)
KIND(vs_39_bare, "VS, Sv39, bare", .virt = true, .vs = SV39)
KIND(vs_39_39, "VS, Sv39, Sv39x4", .virt = true, .vs = SV39, .g = SV39)
KIND(vs_48_48, "VS, Sv48, Sv48x4", .virt = true, .vs = SV48, .g = SV48)
KIND(vs_57_57, "VS, Sv57, Sv57x4", .virt = true, .vs = SV57, .g = SV57)
KIND(vs_39_57, "VS, Sv39, Sv57x4", .virt = true, .vs = SV39, .g = SV57)
KIND(vs_39_39_scattered, "VS, Sv39, Sv39x4", .virt = true, .vs = SV39, .g = SV39, .scattered = true)
KIND(vs_48_48_scattered, "VS, Sv48, Sv48x4", .virt = true, .vs = SV48, .g = SV48, .scattered = true)
KIND(vs_57_57_scattered, "VS, Sv57, Sv57x4", .virt = true, .vs = SV57, .g = SV57, .scattered = true)
KIND(vs_sum, "VS, SUM", .virt = true, .vs = SV39, .g = SV39, .sum = true)
KIND(vs_mxr, "VS, MXR of the host", .virt = true, .vs = SV39, .g = SV39, .mxr = true)
KIND(vs_vmxr, "VS, MXR", .virt = true, .vs = SV48, .g = SV39, .vmxr = true)
KIND(vs_adue, "VS, A and D by hardware", .virt = true, .vs = SV39, .g = SV39, .adue = true)
KIND(vs_adue_scattered, "VS, A and D by hardware", .virt = true, .vs = SV39, .g = SV39,
     .adue = true, .scattered = true)
KIND(vu_48_48, "VU, Sv48, Sv48x4", .virt = true, .vs = SV48, .g = SV48, .user = true)
KIND(hlv_bare_39, "HLV, bare, Sv39x4", .virt = true, .g = SV39, .hlv = true)
KIND(hlv_39_39, "HLV, Sv39, Sv39x4", .virt = true, .vs = SV39, .g = SV39, .hlv = true)
KIND(hlv_57_57, "HLV as VU, Sv57, Sv57x4", .virt = true, .vs = SV57, .g = SV57, .hlv = true,
     .user = true)
KIND(hlv_scattered, "HLV, MXR, Sv48, Sv48x4", .virt = true, .vs = SV48, .g = SV48, .hlv = true,
     .mxr = true, .scattered = true)

/* LR and SC with their pages and all tables on islands, also with the SC across two pages. */
static void loops(const struct space_kind *kind)
{
	only_loops = true;
	compare(kind);
	only_loops = false;
}

static void host_loops(void)
{
	static const struct space_kind kind = { "Sv39", .host = SV39, .scattered = true };

	loops(&kind);
}

static void vs_loops(void)
{
	static const struct space_kind kind = { "VS, Sv48, Sv48x4", .virt = true, .vs = SV48,
						.g = SV48, .scattered = true };

	loops(&kind);
}

const struct test refill_tests[] = {
	{ "refill_host_bare", host_bare, 1 },
	{ "refill_host_sv39", host_sv39, 1 },
	{ "refill_host_sv48", host_sv48, 1 },
	{ "refill_host_sv57", host_sv57, 1 },
	{ "refill_host_sum", host_sum, 1 },
	{ "refill_host_mxr", host_mxr, 1 },
	{ "refill_host_ad_update", host_adue, 1 },
	{ "refill_user_bare", user_bare, 1 },
	{ "refill_user_sv39", user_sv39, 1 },
	{ "refill_user_sv57", user_sv57, 1 },
	{ "refill_vs_bare_bare", vs_bare_bare, 1 },
	{ "refill_vs_bare_sv39x4", vs_bare_39, 1 },
	{ "refill_vs_bare_sv57x4", vs_bare_57, 1 },
	{ "refill_vs_sv39_bare", vs_39_bare, 1 },
	{ "refill_vs_sv39_sv39x4", vs_39_39, 1 },
	{ "refill_vs_sv48_sv48x4", vs_48_48, 1 },
	{ "refill_vs_sv57_sv57x4", vs_57_57, 1 },
	{ "refill_vs_sv39_sv57x4", vs_39_57, 1 },
	{ "refill_vs_sum", vs_sum, 1 },
	{ "refill_vs_mxr", vs_mxr, 1 },
	{ "refill_vs_vmxr", vs_vmxr, 1 },
	{ "refill_vs_ad_update", vs_adue, 1 },
	{ "refill_vu_sv48_sv48x4", vu_48_48, 1 },
	{ "refill_hlv_bare_sv39x4", hlv_bare_39, 1 },
	{ "refill_hlv_sv39_sv39x4", hlv_39_39, 1 },
	{ "refill_hlv_vu_sv57_sv57x4", hlv_57_57, 1 },
	{ "refill_scattered_sv39", host_sv39_scattered, 1 },
	{ "refill_scattered_sv48", host_sv48_scattered, 1 },
	{ "refill_scattered_sv57", host_sv57_scattered, 1 },
	{ "refill_scattered_vs_sv39_sv39x4", vs_39_39_scattered, 1 },
	{ "refill_scattered_vs_sv48_sv48x4", vs_48_48_scattered, 1 },
	{ "refill_scattered_vs_sv57_sv57x4", vs_57_57_scattered, 1 },
	{ "refill_scattered_vs_ad_update", vs_adue_scattered, 1 },
	{ "refill_scattered_hlv", hlv_scattered, 1 },
	{ "refill_scattered_lr_sc", host_loops, 1 },
	{ "refill_scattered_vs_lr_sc", vs_loops, 1 },
};
DEFINE_TESTS(refill);
