// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * COVH promote_to_tvm: a TVM out of an ordinary VM, in one call. The VM's memory
 * is copied; the copy is what is measured and what runs. Its pages stay the
 * host's, whatever becomes of the call. The memory for the TVM is taken from
 * what the host has converted and not given to a TVM.
 *
 * Until it is complete nobody finds the TVM: it belongs to this hart, and no
 * lock is held.
 */
#include "cove_internal.h"
#include "cove_promote.h"
#include <sbi/riscv_encoding.h>

#define ATP_MODE_SHIFT 60
#define MODE_SV39X4    8
#define MODE_SV57X4    10
#define ATP_PPN_MASK   ((1UL << 44) - 1)
#define ROOT_PAGES     (COVE_PAGE_DIRECTORY_SIZE / COVE_PAGE_SIZE)
#define FDT_HEADER     8 /* magic, size: big-endian words */
#define FDT_MAGIC      0xd00dfeedU

/* What a VM may bring along of vsstatus: SIE, SPIE, SPP, VS, FS, SUM, MXR. */
#define BOOT_VSSTATUS 0xc6722UL
#define BOOT_VSIE     0x222UL
#define VSSTATUS_UXL  (2UL << 32)
#define VSIP_SSIP     (1UL << 1)
#define HVIP_VSSIP    (1UL << 2)

/**
 * struct promote - a promotion on its way
 * @vm: how the VM's addresses are translated
 * @tvm: the TVM; @gid: its name when it is complete
 * @fdt: PA of a copy of the device tree, in @fdt_pages confidential pages
 * @cursor: where to look for memory
 * @spare: a data page of the TVM that is not mapped yet, 0 when there is none
 * @scanned, @copied: pages of the VM's so far
 */
struct promote {
	struct cove_walk_env vm;
	struct tvm *tvm;
	unsigned long gid;
	u64 fdt;
	u64 fdt_pages;
	u64 cursor;
	u64 spare;
	u64 scanned;
	u64 copied;
	struct promote_layout layout;
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

/*
 * The next @n pages in one piece, aligned to @align pages, that might be free;
 * assigning them decides. Memory is passed once: the time is bounded by its size.
 */
static u64 next_free(struct promote *p, u64 n, u64 align)
{
	const struct pmptable_range *last = &cove.table.banks[cove.table.nbanks - 1].ram;
	u64 mask = align * COVE_PAGE_SIZE - 1, size = n * COVE_PAGE_SIZE;
	u64 start = (p->cursor + mask) & ~mask, at = start, end;

	while (at < last->base + last->size) {
		if (is_free(at, &end)) {
			at = end;
			if (end - start < size)
				continue;
			p->cursor = start + size;
			return start;
		}
		at = start = (end + mask) & ~mask;
	}
	return 0;
}

static u64 take(struct promote *p, u64 n, pmptable_field_t to)
{
	u64 pa;

	while ((pa = next_free(p, n, 1)))
		if (!cove_assign(pa, n, to))
			return pa;
	return 0;
}

/* Where the VM has @gpa; 0 when it has nothing there. */
static long vm_page(const struct promote *p, u64 gpa, u64 *pa)
{
	struct cove_walk walk = { 0 };

	*pa = 0;
	switch (cove_walk_va(&p->vm, WALK_LOAD, gpa, false, &walk)) {
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

static long vm_translation(struct promote *p)
{
	unsigned long hgatp = cove_nacl_read(NACL_CSR_OFFSET(CSR_HGATP));
	unsigned long mode;

	if (!hgatp)
		hgatp = cove_world_read_atp(WORLD_HGATP);
	mode = hgatp >> ATP_MODE_SHIFT;
	if (mode < MODE_SV39X4 || mode > MODE_SV57X4 || (hgatp & (ROOT_PAGES - 1)) ||
	    !cove_host_range((hgatp & ATP_PPN_MASK) * COVE_PAGE_SIZE, COVE_PAGE_DIRECTORY_SIZE))
		return COVE_ERR_FAILED;
	p->vm = (struct cove_walk_env){ .virt = true, .hgatp = hgatp };
	return COVE_OK;
}

static long new_tvm(struct promote *p)
{
	struct tvm_create_params params = { .tvm_flags = COVE_TVM_F_IMPLICIT_MMIO };
	long rc = COVE_ERR_OUT_OF_MEMORY;
	u64 pa;

	while ((pa = next_free(p, ROOT_PAGES + COVE_TVM_STATE_PAGES, ROOT_PAGES))) {
		params.tvm_page_directory_addr = pa;
		params.tvm_state_addr = pa + COVE_PAGE_DIRECTORY_SIZE;
		rc = cove_tvm_new(&params, true, &p->gid);
		if (rc != COVE_ERR_INVALID_ADDRESS)
			break;
		rc = COVE_ERR_OUT_OF_MEMORY;
	}
	if (!rc)
		p->tvm = arch_ptr(params.tvm_state_addr);
	return rc;
}

/* Copy [@from, @to) of the VM's device tree at @gpa, each byte once. */
static long copy_fdt(struct promote *p, u64 gpa, u64 from, u64 to)
{
	u64 at, n, pa;
	long rc;

	for (at = from; at < to; at += n) {
		n = COVE_PAGE_SIZE - ((gpa + at) & COVE_PAGE_MASK);
		n = n < to - at ? n : to - at;
		rc = vm_page(p, (gpa + at) & ~COVE_PAGE_MASK, &pa);
		if (rc || !pa)
			return COVE_ERR_INVALID_ADDRESS;
		arch_memcpy(arch_ptr(p->fdt + at), arch_ptr(pa | ((gpa + at) & COVE_PAGE_MASK)), n);
	}
	return COVE_OK;
}

static u64 big_endian(const u8 *p)
{
	return (u64)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* The tree as it is in the VM, into confidential memory; then nobody can change it. */
static long read_fdt(struct promote *p, u64 gpa, u64 *size)
{
	const u8 *header;
	long rc;

	if (!cove_gpa_range(gpa & ~COVE_PAGE_MASK, COVE_MAX_FDT + COVE_PAGE_SIZE))
		return COVE_ERR_INVALID_ADDRESS;
	p->fdt_pages = COVE_MAX_FDT / COVE_PAGE_SIZE;
	p->fdt = take(p, p->fdt_pages, PMPTABLE_TVM_META(p->tvm->id));
	if (!p->fdt)
		return COVE_ERR_OUT_OF_MEMORY;
	header = arch_ptr(p->fdt);
	rc = copy_fdt(p, gpa, 0, FDT_HEADER);
	if (rc)
		return rc;
	*size = big_endian(header + 4);
	if (big_endian(header) != FDT_MAGIC || *size < FDT_HEADER || *size > COVE_MAX_FDT)
		return COVE_ERR_INVALID_ADDRESS;
	return copy_fdt(p, gpa, FDT_HEADER, *size);
}

static long add_regions(struct promote *p)
{
	struct tvm *tvm = p->tvm;
	unsigned int i;
	long rc;

	for (i = 0; i < p->layout.nranges; i++) {
		const struct promote_range *r = &p->layout.range[i];

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

static long add_vcpus(struct promote *p)
{
	unsigned int i;
	u64 pa;

	for (i = 0; i < p->layout.nvcpus; i++) {
		pa = take(p, cove_vcpu_state_pages(), PMPTABLE_TVM_META(p->tvm->id));
		if (!pa)
			return COVE_ERR_OUT_OF_MEMORY;
		cove_vcpu_new(p->tvm, i, pa);
	}
	return COVE_OK;
}

/* At most a page-table page for each level is missing. */
static bool reserve(struct promote *p, u64 gpa)
{
	u64 pa;

	while (!cove_gstage_reserve(p->tvm, gpa, 1, COVE_PAGE_4K)) {
		pa = take(p, 1, PMPTABLE_TVM_META(p->tvm->id));
		if (!pa)
			return false;
		cove_pt_give(p->tvm, pa, 1);
	}
	return true;
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

/* What is zero needs no page: the TVM finds zeros there when it looks. */
static long copy_page(struct promote *p, u64 gpa)
{
	u64 pa;
	long rc = vm_page(p, gpa, &pa);

	if (rc || !pa)
		return rc;
	if (!p->spare)
		p->spare = take(p, 1, PMPTABLE_TVM_DATA(p->tvm->id));
	if (!p->spare)
		return COVE_ERR_OUT_OF_MEMORY;
	cove_copy_page(p->spare, pa);
	if (is_zero(p->spare))
		return COVE_OK;
	if (++p->copied > COVE_MAX_PROMOTE_PAGES || !reserve(p, gpa))
		return COVE_ERR_OUT_OF_MEMORY;
	cove_measure_page(p->tvm, gpa, arch_ptr(p->spare));
	cove_gstage_map(p->tvm, gpa, p->spare, COVE_PAGE_4K, false);
	p->spare = 0;
	return COVE_OK;
}

/* Ascending: the intervals are sorted, and are the memory that the tree declares. */
static long copy_memory(struct promote *p)
{
	unsigned int i;
	u64 gpa;
	long rc;

	for (i = 0; i < p->tvm->nintervals; i++) {
		for (gpa = p->tvm->interval[i].start; gpa < p->tvm->interval[i].end;
		     gpa += COVE_PAGE_SIZE) {
			if (++p->scanned > COVE_MAX_PROMOTE_SCAN)
				return COVE_ERR_OUT_OF_MEMORY;
			rc = copy_page(p, gpa);
			if (rc)
				return rc;
		}
	}
	return COVE_OK;
}

static u8 tvm_byte(const struct tvm *tvm, u64 gpa)
{
	u64 pa;

	if (cove_gstage_get(tvm, gpa & ~COVE_PAGE_MASK, &pa) != GSTAGE_DATA)
		return 0;
	return *(const u8 *)arch_ptr(pa | (gpa & COVE_PAGE_MASK));
}

/* The VM may have changed the tree since: what the TVM has must be what was read. */
static long same_fdt(const struct promote *p, u64 gpa, u64 size)
{
	const u8 *fdt = arch_ptr(p->fdt);
	u64 i;

	for (i = 0; i < size; i++)
		if (COVE_DEFENCE(PROMOTE_SAME_FDT) && tvm_byte(p->tvm, gpa + i) != fdt[i])
			return COVE_ERR_INVALID_ADDRESS;
	return COVE_OK;
}

static unsigned long reflected(unsigned int csr)
{
	return cove_nacl_read(NACL_CSR_OFFSET(csr));
}

/* The VM goes on where it was, in VS-mode; each word of the host's is read once. */
static void boot_state(struct cove_vcpu *vcpu)
{
	unsigned int i;

	for (i = 1; i < 32; i++)
		vcpu->gpr[i] = cove_nacl_read(NACL_GPR_OFFSET(i));
	vcpu->csr.vsstatus = (reflected(CSR_VSSTATUS) & BOOT_VSSTATUS) | VSSTATUS_UXL;
	vcpu->csr.vsie = reflected(CSR_VSIE) & BOOT_VSIE;
	vcpu->csr.hvip = reflected(CSR_VSIP) & VSIP_SSIP ? HVIP_VSSIP : 0;
	vcpu->csr.vstvec = reflected(CSR_VSTVEC);
	vcpu->csr.vsscratch = reflected(CSR_VSSCRATCH);
	vcpu->csr.vsepc = reflected(CSR_VSEPC);
	vcpu->csr.vscause = reflected(CSR_VSCAUSE);
	vcpu->csr.vstval = reflected(CSR_VSTVAL);
	vcpu->csr.vsatp = reflected(CSR_VSATP);
}

static void finish(struct promote *p, unsigned long sepc, unsigned long identity)
{
	struct tvm *tvm = p->tvm;
	struct cove_vcpu *boot = tvm->vcpu[0];

	cove_vcpu_reset(boot, sepc, 0);
	boot_state(boot);
	if (identity) {
		arch_memcpy(tvm->identity, arch_ptr(identity), COVE_IDENTITY_LEN);
		tvm->has_identity = true;
	}
	tvm->entry_sepc = sepc;
	tvm->entry_arg = COVE_A(boot, 1);
	cove_measure_config(tvm);
	cove_measure_boot(tvm, boot);
	boot->state = VCPU_STARTED;
	tvm->state = TVM_RUNNABLE;
}

/* What only the promotion has needed; page contents are erased with the next owner, as always. */
static void release_scratch(struct promote *p)
{
	if (p->fdt)
		cove_release(p->fdt, p->fdt_pages, PMPTABLE_TVM_META(p->tvm->id));
	if (p->spare)
		cove_release(p->spare, 1, PMPTABLE_TVM_DATA(p->tvm->id));
}

static void publish(const struct promote *p)
{
	cove_tvm_relock(p->tvm);
	p->tvm->gid = p->gid;
	cove_tvm_put(p->tvm);
}

static long build(struct promote *p, u64 fdt)
{
	u64 size;
	long rc;

	rc = read_fdt(p, fdt, &size);
	if (rc)
		return rc;
	if (!cove_promote_parse(arch_ptr(p->fdt), size, &p->layout))
		return COVE_ERR_INVALID_ADDRESS;
	rc = add_regions(p);
	if (!rc)
		rc = add_vcpus(p);
	if (!rc)
		rc = copy_memory(p);
	return rc ? rc : same_fdt(p, fdt, size);
}

/**
 * cove_promote_to_tvm() - COVH promote_to_tvm
 * @fdt: GPA of the VM's device tree, 8-byte aligned, at most COVE_MAX_FDT bytes
 * @tap: 0: local attestation is not offered
 * @sepc: where the VM goes on
 * @identity: 0 or PA of 64 bytes, 64-byte aligned, in the host's RAM
 * @gid: the TVM's name
 *
 * The VM's G-stage is hgatp of the NACL memory, or the CSR if that is zero; x1..x31
 * and the vs* CSRs of its only hart that runs are there, too. Pages of zeros are
 * not copied. All or nothing; on an error everything is the host's as before.
 *
 * Return: INVALID_ADDRESS (@fdt, or what the tree says), INVALID_PARAM
 * (@identity), AUTH (@tap), OUT_OF_MEMORY (converted, unassigned memory; or the
 * VM is too large), FAILED (no NACL memory, hgatp, G-stage tables, no C-mode ID)
 */
long cove_promote_to_tvm(unsigned long fdt, unsigned long tap, unsigned long sepc,
			 unsigned long identity, unsigned long *gid)
{
	struct promote p = { 0 };
	long rc;

	if (!cove_pin_get(COVE_PIN_NACL))
		return COVE_ERR_FAILED;
	if (fdt & 7)
		return COVE_ERR_INVALID_ADDRESS;
	if (tap)
		return COVE_ERR_AUTH;
	if (identity &&
	    ((identity & (COVE_IDENTITY_LEN - 1)) || !cove_host_range(identity, COVE_IDENTITY_LEN)))
		return COVE_ERR_INVALID_PARAM;
	rc = vm_translation(&p);
	if (!rc)
		rc = new_tvm(&p);
	if (rc)
		return rc;
	rc = build(&p, fdt);
	release_scratch(&p);
	if (!rc)
		finish(&p, sepc, identity);
	publish(&p);
	if (!rc)
		*gid = p.gid;
	else
		while (cove_destroy_tvm(p.gid) == COVE_AGAIN)
			;
	return rc;
}
