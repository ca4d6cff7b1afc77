// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A run with a pattern in every register and CSR of the host: all of them
 * must be there afterwards.
 */
#include "tvm.h"
#include "registers.h"
#include "scramble.h"

#define SSTATUS_FS	 0x6000UL
#define SSTATUS_VS	 0x600UL
#define SSTATUS_FS_CLEAN 0x4000UL
#define SSTATUS_VS_CLEAN 0x400UL

static const struct csr_row {
	const char *name;
	unsigned int number;
	unsigned int what;
	unsigned long value;
	unsigned long mask;
} csrs[] = {
#define CSR_ROW(name, number, what, value, mask) { #name, number, what, value, mask },
	HOST_CSRS(CSR_ROW)
};

#define NCSRS ARRAY_SIZE(csrs)

struct host_image {
	bool have[NCSRS];
	unsigned long before[NCSRS];
	unsigned long set[NCSRS];
	unsigned long now[NCSRS];
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
unsigned long scrambled_a6;

unsigned long csr_table_call(unsigned long n, unsigned long value, bool write, unsigned long *read);

/** host_csr_read() - a CSR by its number; false when the hart has none or hides it */
bool host_csr_read(unsigned int n, unsigned long *value)
{
	return csr_table_call(n, 0, false, value) == NO_FAULT;
}

/** host_csr_write() - one that can be read; a trap fails the test */
void host_csr_write(unsigned int n, unsigned long value)
{
	unsigned long ignored;

	if (csr_table_call(n, value, true, &ignored) != NO_FAULT)
		test_fail("CSR %x of the host can be read but not written", n);
}

/** host_csr_listed() - do the tests know what this one is for? */
bool host_csr_listed(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < NCSRS; i++)
		if (csrs[i].number == n)
			return true;
	return IS_COUNTER(n) || IS_WINDOW(n);
}

static void find_csrs(struct host_image *m)
{
	unsigned int i;

	for (i = 0; i < NCSRS; i++)
		m->have[i] = host_csr_read(csrs[i].number, &m->before[i]);
}

/* Some are views of others: read when all are written. */
static void write_csrs(struct host_image *m, bool complement)
{
	unsigned int i;

	for (i = 0; i < NCSRS; i++)
		if (m->have[i] && (csrs[i].what & CSR_FILL))
			host_csr_write(csrs[i].number, complement ? ~csrs[i].value : csrs[i].value);
	for (i = 0; i < NCSRS; i++) {
		if (!m->have[i])
			continue;
		host_csr_read(csrs[i].number, &m->set[i]);
		if ((csrs[i].what & CSR_TOOK) && m->set[i] == m->before[i])
			m->have[i] = false;
	}
}

static void check_csrs(struct host_image *m)
{
	unsigned int i;

	for (i = 0; i < NCSRS; i++)
		if (m->have[i])
			host_csr_read(csrs[i].number, &m->now[i]);
	for (i = 0; i < NCSRS; i++)
		if (m->have[i] && (csrs[i].what & CSR_FILL))
			host_csr_write(csrs[i].number, m->before[i]);
	for (i = 0; i < NCSRS; i++)
		if (m->have[i] && ((m->now[i] ^ m->set[i]) & csrs[i].mask))
			test_fail("%s of the host changed: %lx became %lx", csrs[i].name, m->set[i],
				  m->now[i]);
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
struct sbiret scrambled_run(unsigned long gid, unsigned long vcpu, bool complement)
{
	struct host_image *m = &images[this_hart()->id];
	struct sbiret r;
	bool vector;

	find_csrs(m);
	vector = fill_registers(m);
	m->in[10] = gid;
	m->in[11] = vcpu;
	m->in[16] = covh_number(SBI_COVH_RUN_TVM_VCPU) | scrambled_a6;
	m->in[17] = SBI_EXT_COVH;
	write_csrs(m, complement);
	regs_ecall(m->in, m->out);
	check_csrs(m);
	check_registers(m, vector);
	r.error = (long)m->out[10];
	r.value = m->out[11];
	return r;
}
