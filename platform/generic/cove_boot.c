// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Cold boot of the monitor: when OpenSBI finalizes its domains. Harts and PMP
 * are known then, and the table can still be reserved. A machine that cannot
 * run TVMs goes on as plain OpenSBI.
 */
#include "cove_platform.h"
#include <cove_hart_features.h>
#include <sbi/sbi_console.h>
#include <sbi/sbi_csr_detect.h>
#include <sbi/sbi_domain.h>
#include <sbi/sbi_hart.h>
#include <sbi/sbi_hart_pmp.h>
#include <sbi/sbi_ipi.h>
#include <sbi/sbi_platform.h>
#include <sbi/sbi_string.h>

#define HGATP_VMID_ALL 0x3fffUL
#define HTINST_PSEUDO  0x3000UL
#define CSR_JVT	       0x017
#define CSR_SCONTEXT   0x5a8
#define SU_PERM(flags) \
	(((flags)&SBI_DOMAIN_MEMREGION_SU_ACCESS_MASK) >> SBI_DOMAIN_MEMREGION_SU_ACCESS_SHIFT)

static struct cove_hart_features boot_features;

static void kick_process(struct sbi_scratch *scratch)
{
	(void)scratch;
}

static const struct sbi_ipi_event_ops kick_ops = {
	.name = "IPI_COVE_KICK",
	.process = kick_process,
};

/*
 * misa does not tell Zfinx, Smstateen hides its fcsr: OpenSBI leaves mstateen0
 * at zero there.
 */
static bool unswitched_fcsr(struct sbi_scratch *scratch)
{
	struct sbi_trap_info trap = { 0 };

	if (misa_extension('F') || sbi_hart_has_extension(scratch, SBI_HART_EXT_SMSTATEEN))
		return false;
	csr_read_allowed(CSR_FCSR, &trap);
	return !trap.cause;
}

static const char *check_hart(struct sbi_scratch *scratch)
{
	if (!misa_extension('H'))
		return "the hart has no H extension";
	if (!sbi_hart_pmp_count(scratch))
		return "the hart has no PMP";
	if (sbi_hart_pmp_log2gran(scratch) > PMPTABLE_PAGE_SHIFT)
		return "the PMP granularity is above 4 KiB";
	if (sbi_hart_has_extension(scratch, SBI_HART_EXT_SMEPMP) &&
	    (csr_read(CSR_MSECCFG) & (MSECCFG_MML | MSECCFG_MMWP)))
		return "an earlier boot stage has set the PMP's machine-mode lockdown";
	if (!sbi_hart_has_csr(scratch, SBI_HART_CSR_TIME))
		return "the hart has no time CSR";
	if (sbi_hart_has_extension(scratch, SBI_HART_EXT_SVPBMT) &&
	    !sbi_hart_has_extension(scratch, SBI_HART_EXT_ZICBOM))
		return "the host could look behind the cache (Svpbmt without Zicbom)";
	if (misa_extension('Q') || (misa_extension('F') && !misa_extension('D')))
		return "the monitor switches F and D registers only as a pair, and no Q registers";
	if (unswitched_fcsr(scratch))
		return "the hart has floating point in the integer registers (Zfinx)";
	if ((sbi_hart_has_extension(scratch, SBI_HART_EXT_SMCTR) ||
	     sbi_hart_has_extension(scratch, SBI_HART_EXT_SSCTR)) &&
	    !sbi_hart_has_extension(scratch, SBI_HART_EXT_SMSTATEEN))
		return "the hart has control transfer records but no Smstateen to hide them";
	return NULL;
}

/* What hgatp takes; its value is put back. */
static void read_gstage(struct cove_hart_features *f)
{
	unsigned long hgatp = csr_read(CSR_HGATP);
	unsigned long mode;

	for (mode = HGATP_MODE_SV39X4 + 2; mode >= HGATP_MODE_SV39X4; mode--) {
		csr_write(CSR_HGATP, mode << HGATP_MODE_SHIFT);
		if (csr_read(CSR_HGATP) >> HGATP_MODE_SHIFT == mode)
			break;
	}
	f->gstage_mode = mode;
	csr_write(CSR_HGATP, mode << HGATP_MODE_SHIFT | HGATP_VMID_ALL << HGATP_VMID_SHIFT);
	f->vmid_mask = csr_read(CSR_HGATP) >> HGATP_VMID_SHIFT & HGATP_VMID_ALL;
	csr_write(CSR_HGATP, hgatp);
}

static u32 read_vlenb(void)
{
	unsigned long mstatus = csr_read(CSR_MSTATUS);
	unsigned long vlenb;

	csr_set(CSR_MSTATUS, MSTATUS_VS);
	vlenb = csr_read(CSR_VLENB);
	csr_write(CSR_MSTATUS, mstatus);
	return (u32)vlenb;
}

static bool htinst_writable(void)
{
	unsigned long old = csr_swap(CSR_HTINST, HTINST_PSEUDO);

	return csr_swap(CSR_HTINST, old) == HTINST_PSEUDO;
}

/* CSRs that no extension OpenSBI knows stands for */
static void read_other_csrs(struct cove_hart_features *f)
{
	struct sbi_trap_info trap = { 0 };

	csr_read_allowed(CSR_JVT, &trap);
	f->jvt = !trap.cause;
	csr_read_allowed(CSR_SCONTEXT, &trap);
	f->scontext = !trap.cause;
}

static void read_features(struct sbi_scratch *scratch, struct cove_hart_features *f)
{
	sbi_memset(f, 0, sizeof(*f));
	f->sstc = sbi_hart_has_extension(scratch, SBI_HART_EXT_SSTC);
	f->smstateen = sbi_hart_has_extension(scratch, SBI_HART_EXT_SMSTATEEN);
	f->envcfg = sbi_hart_priv_version(scratch) >= SBI_HART_PRIV_VER_1_12;
	f->aia = sbi_hart_has_extension(scratch, SBI_HART_EXT_SMAIA);
	f->vsiselect = f->aia || sbi_hart_has_extension(scratch, SBI_HART_EXT_SMCSRIND) ||
		       sbi_hart_has_extension(scratch, SBI_HART_EXT_SSCSRIND);
	f->ctr = sbi_hart_has_extension(scratch, SBI_HART_EXT_SSCTR);
	f->fp = misa_extension('D');
	f->v = misa_extension('V');
	f->vlenb = f->v ? read_vlenb() : 0;
	if (sbi_hart_has_extension(scratch, SBI_HART_EXT_ZICBOM))
		f->cbom_block = (u32)sbi_platform_ptr(scratch)->cbom_block_size;
	if (sbi_hart_has_extension(scratch, SBI_HART_EXT_ZICBOZ))
		f->cboz_block = cove_cache_zero_block();
	f->htinst = htinst_writable();
	f->delegable = cove_world_delegable();
	read_other_csrs(f);
	read_gstage(f);
}

/**
 * cove_hart_matches() - is the calling hart like the boot hart?
 * A vCPU may run on any hart, and the world switch knows one set of features.
 */
bool cove_hart_matches(struct sbi_scratch *scratch)
{
	struct cove_hart_features f;

	if (check_hart(scratch) || sbi_hart_pmp_count(scratch) < cove.pmp.entries)
		return false;
	read_features(scratch, &f);
	f.kick_event = boot_features.kick_event;
	return !sbi_memcmp(&f, &boot_features, sizeof(f));
}

static const char *detect_features(struct sbi_scratch *scratch)
{
	int event = sbi_ipi_event_create(&kick_ops);

	if (event < 0)
		return "no IPI event is free";
	read_features(scratch, &boot_features);
	if (boot_features.gstage_mode < HGATP_MODE_SV39X4)
		return "the hart has no G-stage translation";
	boot_features.kick_event = (u32)event;
	cove.vlenb = boot_features.vlenb;
	cove.gstage_mode = boot_features.gstage_mode;
	cove.gstage_levels = (unsigned int)(cove.gstage_mode - HGATP_MODE_SV39X4 + 3);
	cove.vmid_mask = boot_features.vmid_mask;
	cove_cache_init(&boot_features);
	cove_world_init(&boot_features);
	return NULL;
}

static bool one_domain(void)
{
	struct sbi_domain *dom;
	unsigned int n = 0;

	sbi_domain_for_each(dom) n++;
	return n == 1;
}

static bool overlaps_ram(u64 base, u64 size)
{
	unsigned int i;

	for (i = 0; i < cove.table.nbanks; i++) {
		const struct pmptable_range *ram = &cove.table.banks[i].ram;

		if (base < ram->base + ram->size && ram->base < base + size)
			return true;
	}
	return false;
}

/* Fixed PMP regions and the monitor's pages, from the root domain as finalized. */
static const char *adopt_domain(void)
{
	struct sbi_domain_memregion *reg;
	bool everything = false;

	if (!one_domain())
		return "there is more than one domain";
	sbi_domain_for_each_memregion(&root, reg) {
		struct pmp_region *r = &cove.pmp.region[cove.pmp.nregions];

		if (reg->order >= __riscv_xlen) {
			everything = SU_PERM(reg->flags) == PMPTABLE_RWX;
			continue;
		}
		/* Devices that OpenSBI shares: an entry each would only deny execution. */
		if ((reg->flags & SBI_DOMAIN_MEMREGION_MMIO) &&
		    (SU_PERM(reg->flags) & (PMPTABLE_R | PMPTABLE_W)) == (PMPTABLE_R | PMPTABLE_W))
			continue;
		if (reg->order < PMPTABLE_PAGE_SHIFT)
			return "a memory region is smaller than a page";
		if (SU_PERM(reg->flags) && overlaps_ram(reg->base, 1UL << reg->order))
			return "a memory region would open converted RAM to the host";
		if (cove.pmp.nregions == sizeof(cove.pmp.region) / sizeof(*r))
			return "there are too many memory regions";
		r->base = reg->base;
		r->size = 1UL << reg->order;
		r->perm = (u8)SU_PERM(reg->flags);
		if (!COVE_DEFENCE(STATIC_REGIONS))
			r->perm = PMPTABLE_RWX;
		cove.pmp.nregions++;
		if (COVE_DEFENCE(MONITOR_PAGES) && !SU_PERM(reg->flags) &&
		    !(reg->flags & SBI_DOMAIN_MEMREGION_MMIO))
			pmptable_set_monitor(&cove.table, r->base, r->size);
	}
	return everything ? NULL : "the root domain does not own all memory";
}

static const char *size_pmp(struct sbi_scratch *scratch)
{
	const struct pmp_region window = { 0, COVE_WINDOW_BYTES, PMP_CFG_R };

	cove.pmp.entries = sbi_hart_pmp_count(scratch);
	return pmp_plan_possible(&cove.pmp, &window) ? NULL : "too few PMP entries are free";
}

static const char *boot_before_domains(struct sbi_scratch *scratch)
{
	const char *why = check_hart(scratch);

	if (!why)
		why = detect_features(scratch);
	if (!why)
		why = cove_carveout(scratch, sizeof(struct cove_hart) + sizeof(struct cove_v) +
						     32UL * cove.vlenb);
	return why;
}

static const char *boot_after_domains(struct sbi_scratch *scratch)
{
	const char *why = adopt_domain();

	if (!why)
		why = size_pmp(scratch);
	if (!why && cove_hart_protection_init())
		why = "the hart protection cannot be registered";
	return why;
}

static void report(const char *why)
{
	if (why) {
		sbi_printf("CoveSBI: confidential VMs are off: %s\n", why);
		return;
	}
	cove.gcur = 1;
#ifdef CONFIG_COVE_DIALECT_RFC
	cove.dialect = COVE_DIALECT_RFC;
#endif
	cove.active = true;
	cove_deputies_init();
	if (cove_sha512_boot(&boot_features))
		sbi_printf("CoveSBI: SHA-384 by vector instructions (Zvknhb)\n");
	cove_identity_boot(&boot_features);
	sbi_printf("CoveSBI %d.%d: confidential VMs: %u PMP entries (%u fixed), "
		   "%lu KiB of table, Sv%ux4%s\n",
		   COVE_VERSION_MAJOR, COVE_VERSION_MINOR, cove.pmp.entries,
		   pmp_encode_count(cove.pmp.region, cove.pmp.nregions), cove.table_bytes >> 10,
		   12 + 9 * cove.gstage_levels,
		   cove.dialect == COVE_DIALECT_RFC ? ", numbers of 2023" : "");
}

int __real_sbi_domain_finalize(struct sbi_scratch *scratch);
int __wrap_sbi_domain_finalize(struct sbi_scratch *scratch);

int __wrap_sbi_domain_finalize(struct sbi_scratch *scratch)
{
	const char *why;
	int rc;

	cove_defence_init();
	why = boot_before_domains(scratch);
	rc = __real_sbi_domain_finalize(scratch);

	if (rc)
		return rc;
	if (!why)
		why = boot_after_domains(scratch);
	report(why);
	return 0;
}
