// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A run with a pattern in every register and CSR of the host: all of them
 * must be there afterwards.
 */
#include "tvm.h"
#include "scramble.h"

#define SSTATUS_FS	 0x6000UL
#define SSTATUS_VS	 0x600UL
#define SSTATUS_FS_CLEAN 0x4000UL
#define SSTATUS_VS_CLEAN 0x400UL

/* name, value written; what the CSR makes of it is what it must still hold */
#define HOST_CSRS(X)                              \
	X(stvec, csr_read(stvec))                 \
	X(sepc, 0x1234567890abcdeUL)              \
	X(scounteren, 5)                          \
	X(senvcfg, 0x70)                          \
	X(sie, SIP_SSIP | SIP_STIP)               \
	X(hstatus, 0x300180UL)                    \
	X(hedeleg, 0xb1ff)                        \
	X(hideleg, 0x444)                         \
	X(hvip, 0x44)                             \
	X(hie, 0x1040)                            \
	X(hgeie, 2)                               \
	X(hcounteren, 6)                          \
	X(henvcfg, 0x8000000000000070UL)          \
	X(htimedelta, 0x1122334455667788UL)       \
	X(htval, 0x123456789abUL)                 \
	X(htinst, 0x3020)                         \
	X(hgatp, 8UL << 60 | 5UL << 44 | 0x88000) \
	X(vsstatus, 0x2000c2002UL)                \
	X(vsie, 0x220)                            \
	X(vstvec, 0x99887766554430UL)             \
	X(vsscratch, 0xfedcba9876543210UL)        \
	X(vsepc, 0x13579bdf02468aceUL)            \
	X(vscause, 0x15)                          \
	X(vstval, 0x5a5a5a5aa5a5a5a5UL)           \
	X(vsatp, 8UL << 60 | 0x88001)

#define VSTIMECMP_PATTERN 0x6fffffff12345678UL

#define COUNT_CSR(name, value) +1
#define NCSRS		       (0 HOST_CSRS(COUNT_CSR))

static const char *const csr_names[] = {
#define CSR_NAME(name, value) #name,
	HOST_CSRS(CSR_NAME)
};

/* Bits that are compared: QEMU's hvip also shows STIP. */
static const unsigned long csr_masks[] = {
#define CSR_MASK(name, value) (__builtin_strcmp(#name, "hvip") ? ~0UL : 0x444UL),
	HOST_CSRS(CSR_MASK)
};

struct host_image {
	unsigned long before[NCSRS];
	unsigned long set[NCSRS];
	unsigned long sstatus;
	unsigned long in[32];
	unsigned long out[32];
	unsigned long f[33];
	unsigned long fout[33];
	uint8_t v[32 * 128];
	uint8_t vout[32 * 128];
	unsigned long vcsr[3];
};

static struct host_image images[MAX_HARTS];

static void write_csrs(struct host_image *m)
{
	unsigned int i = 0;

#define CSR_SAVE(name, value)          \
	m->before[i] = csr_read(name); \
	csr_write(name, value);        \
	i++;
	HOST_CSRS(CSR_SAVE)
	if (have_sstc)
		csr_write(vstimecmp, VSTIMECMP_PATTERN);
	/* Some are views of others: read when all are written. */
	i = 0;
#define CSR_NOTE(name, value) m->set[i++] = csr_read(name);
	HOST_CSRS(CSR_NOTE)
}

static void check_csrs(struct host_image *m)
{
	unsigned long now[NCSRS];
	unsigned int i = 0;

#define CSR_NOW(name, value) now[i++] = csr_read(name);
	HOST_CSRS(CSR_NOW)
	if (have_sstc && csr_read(vstimecmp) != VSTIMECMP_PATTERN)
		test_fail("vstimecmp of the host changed: %lx", csr_read(vstimecmp));
	i = 0;
#define CSR_BACK(name, value) csr_write(name, m->before[i++]);
	HOST_CSRS(CSR_BACK)
	for (i = 0; i < NCSRS; i++)
		if ((now[i] ^ m->set[i]) & csr_masks[i])
			test_fail("%s of the host changed: %lx became %lx", csr_names[i], m->set[i],
				  now[i]);
}

static bool fill_registers(struct host_image *m)
{
	bool vector;
	unsigned int i;

	for (i = 0; i < 32; i++) {
		m->in[i] = 0x686f737400000000UL | i * 0x01010101UL;
		m->f[i] = ~m->in[i];
	}
	m->f[32] = 0x9a & 0xff;
	for (i = 0; i < sizeof(m->v); i++)
		m->v[i] = (uint8_t)(i * 13 + 1);
	csr_clear(sstatus, SSTATUS_FS | SSTATUS_VS);
	csr_set(sstatus, SSTATUS_FS | SSTATUS_VS);
	vector = csr_read(sstatus) & SSTATUS_VS;
	fp_load(m->f);
	if (vector)
		v_load(m->v, 1, 0x18, 3);
	csr_clear(sstatus, SSTATUS_FS | SSTATUS_VS);
	csr_set(sstatus,
		SSTATUS_FS_CLEAN | (vector ? SSTATUS_VS_CLEAN : 0) | 1UL << 18 | 1UL << 19);
	m->sstatus = csr_read(sstatus);
	return vector;
}

static void check_registers(struct host_image *m, bool vector)
{
	unsigned long sstatus = csr_read(sstatus);
	unsigned int i;

	if (sstatus != m->sstatus)
		test_fail("sstatus of the host changed: %lx became %lx", m->sstatus, sstatus);
	csr_set(sstatus, SSTATUS_FS | SSTATUS_VS);
	fp_store(m->fout);
	for (i = 0; i < 33; i++)
		if (m->f[i] != m->fout[i])
			test_fail("f%u (32: fcsr) of the host changed: %lx became %lx", i, m->f[i],
				  m->fout[i]);
	if (vector) {
		v_store(m->vout, m->vcsr);
		for (i = 0; i < 32 * v_lenb(); i++)
			if (m->v[i] != m->vout[i])
				test_fail("v%lu of the host changed", i / v_lenb());
		if (m->vcsr[0] != 1 || m->vcsr[1] != 0x18 || m->vcsr[2] != 3)
			test_fail("vl, vtype, vcsr of the host changed: %lx %lx %lx", m->vcsr[0],
				  m->vcsr[1], m->vcsr[2]);
	}
	csr_clear(sstatus, SSTATUS_FS | SSTATUS_VS | 1UL << 18 | 1UL << 19);
	for (i = 1; i < 32; i++)
		if (i != 10 && i != 11 && m->in[i] != m->out[i])
			test_fail("x%u of the host changed: %lx became %lx", i, m->in[i],
				  m->out[i]);
}

/** scrambled_run() - COVH run_tvm_vcpu; a lost register fails the test */
struct sbiret scrambled_run(unsigned long gid, unsigned long vcpu)
{
	struct host_image *m = &images[this_hart()->id];
	bool vector = fill_registers(m);
	struct sbiret r;

	m->in[10] = gid;
	m->in[11] = vcpu;
	m->in[16] = covh_number(SBI_COVH_RUN_TVM_VCPU);
	m->in[17] = SBI_EXT_COVH;
	write_csrs(m);
	regs_ecall(m->in, m->out);
	check_csrs(m);
	check_registers(m, vector);
	r.error = (long)m->out[10];
	r.value = m->out[11];
	return r;
}
