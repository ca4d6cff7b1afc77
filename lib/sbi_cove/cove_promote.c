// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * COVH promote_to_tvm: a TVM out of an ordinary VM, in one call. The VM's memory
 * is copied; the copy is what is measured and what runs. Its pages stay the
 * host's, whatever becomes of the call. The memory for the TVM is taken from
 * what the host has converted and not given to a TVM.
 *
 * Hashing takes longer than M-mode may be deaf, so the call goes on in steps
 * (COVE_AGAIN), each with the TVM locked. What is done so far is in the TVM, whose
 * state TVM_PROMOTING no other call but destroy accepts. The next step finds it by
 * the VM's hgatp, and insists on the arguments of the first. Nothing that the host
 * can change between steps is believed twice: the VM's registers are read in the
 * first step, its tables and pages are checked again in each.
 */
#include "cove_internal.h"
#include "cove_promote.h"
#include <cove/tap.h>
#include <sbi/riscv_encoding.h>

#define ATP_MODE_SHIFT 60
#define MODE_SV39X4    8
#define MODE_SV57X4    10
#define ATP_PPN_MASK   ((1UL << 44) - 1)
#define ROOT_PAGES     (COVE_PAGE_DIRECTORY_SIZE / COVE_PAGE_SIZE)
#define TREE_PAGES     (COVE_MAX_FDT / COVE_PAGE_SIZE)
#define FDT_HEADER     8 /* magic, size: big-endian words */
#define FDT_MAGIC      0xd00dfeedU

/* What a VM may bring along of vsstatus: SIE, SPIE, SPP, VS, FS, SUM, MXR. */
#define BOOT_VSSTATUS 0xc6722UL
#define BOOT_VSIE     0x222UL
#define VSSTATUS_UXL  (2UL << 32)
#define VSIP_SSIP     (1UL << 1)
#define HVIP_VSSIP    (1UL << 2)

/*
 * Work of a step, in looks at a page or at a field of the table (some 200
 * instructions); a step may end one page over it.
 */
#define STEP_BUDGET 8192L
/* The first step looks up after so many of them: more than a TVM has pages in one piece */
#define BEGIN_LOOKS 32L
#define COST_ASSIGN 8L
#define WEIGHT_LOOK 4 /* for cove_job_tick() */
#define WEIGHT_COPY 24
#define WATCH_BYTES 256
#define COST_COPY   16L
#define COST_HASH   1024L

/**
 * struct step - a step of a promotion
 * @vm: how the VM's addresses are translated
 * @p: the promotion; @tvm's, but before there is a TVM
 * @budget: what is left to do
 */
struct step {
	struct cove_walk_env vm;
	struct tvm *tvm;
	struct cove_promotion *p;
	long budget;
};

static bool is_free(u64 pa, u64 *end)
{
	struct pmptable_walk_result res;
	pmptable_field_t field;

	pmptable_walk(&cove.table, pa, &res);
	*end = res.base + res.size;
	if (res.id == PMPTABLE_ID_NONE)
		return false;
	field = PMPTABLE_FIELD(res.id, res.perm);
	return field == PMPTABLE_UNASSIGNED || field == PMPTABLE_CONVERTING;
}

/* The first step has no stack of its own to give way. */
static bool begin_is_urgent(const struct step *s)
{
	return !s->tvm && !(s->budget % BEGIN_LOOKS) && cove_world_interrupted();
}

/*
 * The next @n pages in one piece, aligned to @align pages, that might be free;
 * assigning them decides. Memory is passed once in all steps together.
 *
 * Return: OUT_OF_MEMORY, COVE_AGAIN
 */
static long next_free(struct step *s, u64 *cursor, u64 n, u64 align, u64 *pa)
{
	const struct pmptable_range *last = &cove.table.banks[cove.table.nbanks - 1].ram;
	u64 mask = align * COVE_PAGE_SIZE - 1, size = n * COVE_PAGE_SIZE;
	u64 at = (*cursor + mask) & ~mask, end;

	*cursor = at;
	while (at < last->base + last->size) {
		cove_job_tick(WEIGHT_LOOK);
		if (s->budget-- <= 0 || begin_is_urgent(s))
			return COVE_AGAIN;
		if (!is_free(at, &end)) {
			*cursor = at = (end + mask) & ~mask;
			continue;
		}
		at = end;
		if (end - *cursor < size)
			continue;
		*pa = *cursor;
		*cursor += size;
		return COVE_OK;
	}
	return COVE_ERR_OUT_OF_MEMORY;
}

/* Return: as next_free() */
static long take(struct step *s, u64 n, pmptable_field_t to, u64 *pa)
{
	u64 found;
	long rc;

	while (!(rc = next_free(s, &s->p->cursor, n, 1, &found))) {
		s->budget -= COST_ASSIGN;
		if (!cove_assign(found, n, to)) {
			*pa = found;
			break;
		}
	}
	return rc;
}

/*
 * Where the VM has @gpa; 0 when it has nothing there. It holds until the work gives way: meanwhile
 * the host may give the page to another TVM.
 */
static long vm_page(const struct step *s, u64 gpa, u64 *pa)
{
	struct cove_walk walk = { 0 };

	*pa = 0;
	switch (cove_walk_va(&s->vm, WALK_LOAD, gpa, false, &walk)) {
	case WALK_OK:
		break;
	case WALK_ACCESS_FAULT:
		return COVE_ERR_FAILED; /* tables where the host may not read */
	default:
		return COVE_OK;
	}
	if (COVE_DEFENCE(PROMOTE_SOURCE) && !cove_host_range(walk.pa, COVE_PAGE_SIZE))
		return COVE_ERR_FAILED;
	*pa = walk.pa;
	return COVE_OK;
}

static unsigned long vm_hgatp(void)
{
	unsigned long hgatp = cove_nacl_read(NACL_CSR_OFFSET(CSR_HGATP));

	return hgatp ? hgatp : cove_world_read_atp(WORLD_HGATP);
}

static bool hgatp_ok(unsigned long hgatp)
{
	unsigned long mode = hgatp >> ATP_MODE_SHIFT;

	return mode >= MODE_SV39X4 && mode <= MODE_SV57X4 && !(hgatp & (ROOT_PAGES - 1)) &&
	       cove_host_range((hgatp & ATP_PPN_MASK) * COVE_PAGE_SIZE, COVE_PAGE_DIRECTORY_SIZE);
}

/* Where the VM has what is copied next, right away: nothing gives way before it is. */
static long bytes_page(const struct step *s, u64 gpa, u64 *pa)
{
	long rc;

	if (COVE_DEFENCE(PROMOTE_BYTES_LAST))
		cove_job_tick(WEIGHT_COPY);
	rc = vm_page(s, gpa, pa);
	if (!COVE_DEFENCE(PROMOTE_BYTES_LAST))
		cove_job_tick(COVE_JOB_BLOCK);
	return rc;
}

/* Copy bytes @from to @to of what the VM has at @gpa, each once. */
static long copy_bytes(struct step *s, u64 gpa, u8 *copy, u64 from, u64 to)
{
	u64 at, n, pa;
	long rc;

	for (at = from; at < to; at += n) {
		n = COVE_PAGE_SIZE - ((gpa + at) & COVE_PAGE_MASK);
		n = n < to - at ? n : to - at;
		rc = bytes_page(s, (gpa + at) & ~COVE_PAGE_MASK, &pa);
		if (rc || !pa)
			return COVE_ERR_INVALID_ADDRESS;
		cove_copy_words(copy + at, arch_ptr(pa | ((gpa + at) & COVE_PAGE_MASK)), n);
	}
	return COVE_OK;
}

static long copy_tree(struct step *s, u64 from, u64 to)
{
	return copy_bytes(s, s->p->fdt, arch_ptr(s->p->tree), from, to);
}

static u64 big_endian(const u8 *p)
{
	return (u64)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static long add_regions(struct tvm *tvm, const struct promote_layout *layout)
{
	unsigned int i;
	long rc;

	for (i = 0; i < layout->nranges; i++) {
		const struct promote_range *r = &layout->range[i];

		rc = cove_region_add(tvm, r->base, r->len, REGION_CONF);
		if (rc)
			return rc;
		tvm->region[i].start = r->base;
		tvm->region[i].end = r->base + r->len;
		tvm->region[i].type = REGION_CONF;
		tvm->nregions++;
	}
	return COVE_OK;
}

/* The tree as it is in the VM, into confidential memory, where nobody can change it. */
static long read_tree(struct step *s)
{
	struct cove_promotion *p = s->p;
	struct promote_layout layout;
	const u8 *header;
	long rc;

	if (!cove_gpa_range(p->fdt & ~COVE_PAGE_MASK, COVE_MAX_FDT + COVE_PAGE_SIZE))
		return COVE_ERR_INVALID_ADDRESS;
	rc = take(s, TREE_PAGES, PMPTABLE_TVM_META(s->tvm->id), &p->tree);
	if (rc)
		return rc;
	header = arch_ptr(p->tree);
	rc = copy_tree(s, 0, FDT_HEADER);
	if (rc)
		return rc;
	p->tree_size = big_endian(header + 4);
	if (big_endian(header) != FDT_MAGIC || p->tree_size < FDT_HEADER ||
	    p->tree_size > COVE_MAX_FDT)
		return COVE_ERR_INVALID_ADDRESS;
	rc = copy_tree(s, FDT_HEADER, p->tree_size);
	if (rc)
		return rc;
	if (!cove_promote_parse(header, p->tree_size, &layout))
		return COVE_ERR_INVALID_ADDRESS;
	s->budget = 0;
	p->nvcpus = layout.nvcpus;
	return add_regions(s->tvm, &layout);
}

/* A TAP that is refused ends the promotion, whatever is wrong with it. */
static long tap_answer(long rc)
{
	return rc == COVE_ERR_INVALID_PARAM || rc == COVE_ERR_NOT_SUPPORTED ? COVE_ERR_AUTH : rc;
}

static long read_tap(struct step *s)
{
	struct cove_promotion *p = s->p;
	struct cove_tap_header head;
	u8 *copy;
	long rc;

	if (!p->tap)
		return COVE_OK;
	if (!cove_gpa_range(p->tap & ~COVE_PAGE_MASK, COVE_TAP_MAX + COVE_PAGE_SIZE))
		return COVE_ERR_INVALID_ADDRESS;
	copy = cove_tap_buffer(s->tvm);
	rc = copy_bytes(s, p->tap, copy, 0, sizeof(head));
	if (rc)
		return rc;
	arch_memcpy(&head, copy, sizeof(head));
	if (head.len < sizeof(head) || head.len > COVE_TAP_MAX)
		return COVE_ERR_AUTH;
	p->tap_len = head.len;
	rc = copy_bytes(s, p->tap, copy, sizeof(head), head.len);
	if (rc)
		return rc;
	s->budget = 0;
	rc = cove_tap_begin(s->tvm, head.len);
	return rc == COVE_AGAIN ? COVE_OK : tap_answer(rc);
}

static long open_tap(struct step *s)
{
	if (!s->p->tap)
		return COVE_OK;
	s->budget = 0;
	return tap_answer(cove_tap_continue(s->tvm));
}

/* The pages of the TAP are not the TVM's memory: it finds zeros there. */
static bool is_tap(const struct cove_promotion *p, u64 gpa)
{
	return p->tap && gpa >= (p->tap & ~COVE_PAGE_MASK) && gpa < p->tap + p->tap_len;
}

static long add_vcpus(struct step *s)
{
	struct tvm *tvm = s->tvm;
	u64 pa;
	long rc;

	while (tvm->nvcpus < s->p->nvcpus) {
		rc = take(s, cove_vcpu_state_pages(), PMPTABLE_TVM_META(tvm->id), &pa);
		if (rc)
			return rc;
		s->budget -= COST_COPY * (long)cove_vcpu_state_pages();
		cove_job_tick(WEIGHT_COPY);
		cove_vcpu_new(tvm, tvm->nvcpus, pa);
	}
	return COVE_OK;
}

/* At most a page-table page for each level is missing. */
static long reserve(struct step *s, u64 gpa)
{
	u64 pa;
	long rc;

	while (!cove_gstage_reserve(s->tvm, gpa, 1, COVE_PAGE_4K)) {
		rc = take(s, 1, PMPTABLE_TVM_META(s->tvm->id), &pa);
		if (rc)
			return rc;
		cove_pt_give(s->tvm, pa);
	}
	return COVE_OK;
}

static bool is_zero(u64 pa)
{
	const u64 *word = arch_ptr(pa);
	unsigned int i;

	for (i = 0; i < COVE_PAGE_SIZE / sizeof(*word); i++)
		if (word[i])
			return false;
	return true;
}

/* The copy of a page becomes the TVM's when all of it is measured. */
static long measure(struct step *s, u64 gpa)
{
	struct cove_promotion *p = s->p;

	if (!cove_measure_page(s->tvm, gpa, arch_ptr(p->spare)))
		return COVE_AGAIN;
	s->budget -= COST_HASH;
	cove_gstage_map(s->tvm, gpa, p->spare, COVE_PAGE_4K, false);
	p->spare = 0;
	p->copied++;
	return COVE_OK;
}

/* The same, and there is a page for a copy of it. */
static long source(struct step *s, u64 gpa, u64 *pa)
{
	long rc = vm_page(s, gpa, pa);

	if (rc || !*pa || s->p->spare)
		return rc;
	rc = take(s, 1, PMPTABLE_TVM_DATA(s->tvm->id), &s->p->spare);
	return rc || !COVE_DEFENCE(PROMOTE_SOURCE_LAST) ? rc : vm_page(s, gpa, pa);
}

/* What is zero needs no page: the TVM finds zeros there when it looks. */
static long copy_page(struct step *s, u64 gpa)
{
	struct cove_promotion *p = s->p;
	u64 pa = 0;
	long rc;

	if (s->tvm->hash.at)
		return measure(s, gpa);
	cove_job_tick(WEIGHT_COPY);
	rc = is_tap(p, gpa) ? COVE_OK : source(s, gpa, &pa);
	s->budget--;
	if (rc || !pa)
		return rc;
	s->budget -= COST_COPY;
	cove_copy_page(p->spare, pa);
	if (is_zero(p->spare))
		return COVE_OK;
	rc = p->copied == COVE_MAX_PROMOTE_PAGES ? COVE_ERR_OUT_OF_MEMORY : reserve(s, gpa);
	return rc ? rc : measure(s, gpa);
}

/* The memory that the tree declares, ascending: the intervals are sorted. */
static long copy_memory(struct step *s)
{
	struct cove_promotion *p = s->p;
	long rc;

	for (; p->interval < s->tvm->nintervals; p->interval++, p->offset = 0) {
		const struct cove_interval *iv = &s->tvm->interval[p->interval];

		for (; p->offset < iv->end - iv->start; p->offset += COVE_PAGE_SIZE) {
			if (p->scanned == COVE_MAX_PROMOTE_SCAN)
				return COVE_ERR_OUT_OF_MEMORY;
			if (s->budget <= 0)
				return COVE_AGAIN;
			cove_job_tick(WEIGHT_LOOK);
			rc = copy_page(s, iv->start + p->offset);
			if (rc)
				return rc;
			p->scanned++;
		}
	}
	return COVE_OK;
}

/* Are [@gpa, @gpa + @n), in one page, in the TVM what the @n bytes at @data are? */
static bool same_bytes(const struct tvm *tvm, u64 gpa, const u8 *data, u64 n)
{
	const u8 *there = NULL;
	u64 pa, i;

	if (cove_gstage_get(tvm, gpa & ~COVE_PAGE_MASK, &pa) == GSTAGE_DATA)
		there = arch_ptr(pa | (gpa & COVE_PAGE_MASK));
	for (i = 0; i < n; i++) {
		if (i % WATCH_BYTES == 0)
			cove_job_tick(WEIGHT_COPY);
		if (data[i] != (there ? there[i] : 0))
			return false;
	}
	return true;
}

/* The VM may have changed the tree since: what the TVM has must be what was read. */
static long same_tree(struct step *s)
{
	const u8 *tree = arch_ptr(s->p->tree);
	u64 at, n, gpa;

	for (at = 0; at < s->p->tree_size; at += n) {
		gpa = s->p->fdt + at;
		n = COVE_PAGE_SIZE - (gpa & COVE_PAGE_MASK);
		n = n < s->p->tree_size - at ? n : s->p->tree_size - at;
		if (COVE_DEFENCE(PROMOTE_SAME_FDT) && !same_bytes(s->tvm, gpa, tree + at, n))
			return COVE_ERR_INVALID_ADDRESS;
	}
	return COVE_OK;
}

static unsigned long reflected(unsigned int csr)
{
	return cove_nacl_read(NACL_CSR_OFFSET(csr));
}

/* The VM goes on where it was, in VS-mode; each word of the host's is read once. */
static void read_boot_state(struct cove_promotion *p)
{
	unsigned int i;

	for (i = 1; i < 32; i++)
		p->gpr[i] = cove_nacl_read(NACL_GPR_OFFSET(i));
	p->vsstatus = (reflected(CSR_VSSTATUS) & BOOT_VSSTATUS) | VSSTATUS_UXL;
	p->vsie = reflected(CSR_VSIE) & BOOT_VSIE;
	p->hvip = reflected(CSR_VSIP) & VSIP_SSIP ? HVIP_VSSIP : 0;
	p->vstvec = reflected(CSR_VSTVEC);
	p->vsscratch = reflected(CSR_VSSCRATCH);
	p->vsepc = reflected(CSR_VSEPC);
	p->vscause = reflected(CSR_VSCAUSE);
	p->vstval = reflected(CSR_VSTVAL);
	p->vsatp = reflected(CSR_VSATP);
}

static void boot_state(struct cove_vcpu *vcpu, const struct cove_promotion *p)
{
	unsigned int i;

	for (i = 1; i < 32; i++)
		vcpu->gpr[i] = p->gpr[i];
	vcpu->csr.vsstatus = p->vsstatus;
	vcpu->csr.vsie = p->vsie;
	vcpu->csr.hvip = p->hvip;
	vcpu->csr.vstvec = p->vstvec;
	vcpu->csr.vsscratch = p->vsscratch;
	vcpu->csr.vsepc = p->vsepc;
	vcpu->csr.vscause = p->vscause;
	vcpu->csr.vstval = p->vstval;
	vcpu->csr.vsatp = p->vsatp;
}

static long finish(struct step *s)
{
	struct tvm *tvm = s->tvm;
	struct cove_vcpu *boot = tvm->vcpu[0];
	long rc;

	cove_promote_release(tvm);
	cove_vcpu_reset(boot, s->p->sepc, 0);
	boot_state(boot, s->p);
	if (s->p->identity_pa) {
		arch_memcpy(tvm->identity, s->p->identity, COVE_IDENTITY_LEN);
		tvm->has_identity = true;
	}
	tvm->entry_sepc = s->p->sepc;
	tvm->entry_arg = COVE_A(boot, 1);
	cove_measure_config(tvm);
	cove_measure_boot(tvm, boot);
	cove_job_tick(COVE_JOB_BLOCK);
	rc = cove_tap_settle(tvm);
	if (rc)
		return rc;
	boot->state = VCPU_STARTED;
	/* clients read it before they run the TVM */
	cove_tvm_start_clock(tvm);
	cove_nacl_write(NACL_CSR_OFFSET(CSR_HTIMEDELTA), tvm->htimedelta);
	cove_tvm_promoted(tvm);
	return COVE_OK;
}

/**
 * cove_promote_release() - pages that only a promotion has needed
 *
 * Their contents are erased with the next owner, as always. Called with the TVM locked.
 */
void cove_promote_release(struct tvm *tvm)
{
	struct cove_promotion *p = &tvm->promotion;

	if (p->tree)
		cove_release(p->tree, TREE_PAGES, PMPTABLE_TVM_META(tvm->id));
	if (p->spare)
		cove_release(p->spare, 1, PMPTABLE_TVM_DATA(tvm->id));
	p->tree = p->spare = 0;
}

/* The first step: a TVM that nobody can use. */
static long begin(struct step *s, unsigned long *gid)
{
	struct tvm_create_params params = { .tvm_flags = COVE_TVM_F_IMPLICIT_MMIO };
	struct cove_hart *hart = cove_this_hart();
	u64 *cursor = &hart->promote_cursor, pa;
	long rc;

	/* the call that it is of may have been given up */
	if (hart->promote_hgatp != s->p->hgatp)
		*cursor = 0;
	hart->promote_hgatp = s->p->hgatp;
	while (!(rc = next_free(s, cursor, ROOT_PAGES + COVE_TVM_STATE_PAGES, ROOT_PAGES, &pa))) {
		s->budget -= COST_ASSIGN;
		params.tvm_page_directory_addr = pa;
		params.tvm_state_addr = pa + COVE_PAGE_DIRECTORY_SIZE;
		rc = cove_tvm_new(&params, s->p, gid);
		if (rc != COVE_ERR_INVALID_ADDRESS)
			break;
	}
	if (rc != COVE_AGAIN)
		*cursor = 0;
	return rc ? rc : COVE_AGAIN;
}

static long do_step(struct step *s)
{
	static long (*const parts[])(struct step *) = {
		read_tree, read_tap, open_tap, add_vcpus, copy_memory, same_tree, finish,
	};
	struct cove_promotion *p = s->p;
	long rc = p->error;

	while (!rc && p->part < sizeof(parts) / sizeof(parts[0])) {
		if (s->budget <= 0)
			return COVE_AGAIN;
		cove_job_tick(COVE_JOB_BLOCK);
		rc = parts[p->part](s);
		if (!rc)
			p->part++;
	}
	return rc;
}

static long work(struct tvm *tvm)
{
	struct step s = { .vm = { .virt = true, .hgatp = tvm->promotion.hgatp },
			  .tvm = tvm,
			  .p = &tvm->promotion,
			  .budget = STEP_BUDGET };

	return do_step(&s);
}

/* Go on with the promotion of @tvm, which is locked, or with its end. */
static long go_on(struct tvm *tvm, const struct cove_promotion *now, unsigned long *gid)
{
	const struct cove_promotion *first = &tvm->promotion;
	long rc = COVE_ERR_ALREADY_STARTED, error = first->error;

	*gid = tvm->gid;
	if (COVE_DEFENCE(PROMOTE_SAME_CALL) &&
	    (first->fdt != now->fdt || first->tap != now->tap || first->sepc != now->sepc ||
	     first->identity_pa != now->identity_pa)) {
		cove_tvm_put(tvm);
		return rc;
	}
	rc = cove_job_step(tvm, work);
	if (rc != COVE_AGAIN) {
		cove_job_drop(tvm);
		tvm->promotion.error = rc;
	}
	/* the end of the TVM is the next step */
	if (first->error != error && cove_tvm_wanted(tvm))
		rc = COVE_AGAIN;
	cove_tvm_put(tvm);
	if (rc && rc != COVE_AGAIN) {
		if (cove_destroy_tvm(*gid) == COVE_AGAIN)
			rc = COVE_AGAIN;
		*gid = 0;
	}
	return rc;
}

/**
 * cove_promote_to_tvm() - COVH promote_to_tvm
 * @fdt: GPA of the VM's device tree, 8-byte aligned, at most COVE_MAX_FDT bytes
 * @tap: GPA of the VM's TAP, 8-byte aligned, in pages of its own, or 0
 * @sepc: where the VM goes on
 * @identity: 0 or PA of 64 bytes, 64-byte aligned, in the host's RAM
 * @gid: the TVM's name; with ALREADY_STARTED that of the one to be destroyed
 *
 * The VM's G-stage is hgatp of the NACL memory, or the CSR if that is zero; x1..x31
 * and the vs* CSRs of its only hart that runs are there, too. Pages of zeros are
 * not copied. All or nothing; on an error everything is the host's as before.
 *
 * Return: INVALID_ADDRESS (@fdt, or what the tree says, @tap), INVALID_PARAM
 * (@identity), AUTH (the TAP: its form, or this is not its TVM or its platform), OUT_OF_MEMORY
 * (converted, unassigned memory; or the VM is too large), FAILED (no NACL memory, hgatp, G-stage
 * tables, no C-mode ID), ALREADY_STARTED (a promotion of this VM with other arguments has not come
 * to its end), COVE_AGAIN
 */
long cove_promote_to_tvm(unsigned long fdt, unsigned long tap, unsigned long sepc,
			 unsigned long identity, unsigned long *gid)
{
	struct cove_promotion p = { .fdt = fdt, .tap = tap, .sepc = sepc, .identity_pa = identity };
	struct step s = { .p = &p, .budget = STEP_BUDGET };

	if (!cove_pin_get(COVE_PIN_NACL))
		return COVE_ERR_FAILED;
	if ((fdt | tap) & 7)
		return COVE_ERR_INVALID_ADDRESS;
	if (identity &&
	    ((identity & (COVE_IDENTITY_LEN - 1)) || !cove_host_range(identity, COVE_IDENTITY_LEN)))
		return COVE_ERR_INVALID_PARAM;
	p.hgatp = vm_hgatp();
	if (!hgatp_ok(p.hgatp))
		return COVE_ERR_FAILED;
	s.vm = (struct cove_walk_env){ .virt = true, .hgatp = p.hgatp };
	s.tvm = cove_tvm_promoting(p.hgatp);
	if (s.tvm)
		return go_on(s.tvm, &p, gid);
	read_boot_state(&p);
	if (identity)
		arch_memcpy(p.identity, arch_ptr(identity), COVE_IDENTITY_LEN);
	return begin(&s, gid);
}
