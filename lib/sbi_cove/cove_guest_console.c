// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The guest's console, DBCN. The host gets and gives bytes, never an address:
 * what is in confidential memory comes and goes through the NACL memory.
 */
#include "cove_internal.h"
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_ecall_interface.h>

static bool is_memory(enum region_type type)
{
	return type != REGION_NONE && type != REGION_MMIO;
}

/* The page of the buffer, with the TVM locked. Return: is it mapped? */
static bool buffer_page(const struct tvm *tvm, u64 gpa, u64 *pa)
{
	enum gstage_leaf kind = GSTAGE_NONE;

	if (is_memory(cove_region_type(tvm, gpa)) || !COVE_DEFENCE(CONSOLE_REGION))
		kind = cove_gstage_get(tvm, gpa & ~COVE_PAGE_MASK, pa);
	*pa |= gpa & COVE_PAGE_MASK;
	return kind == GSTAGE_DATA || kind == GSTAGE_SHARED || !COVE_DEFENCE(CONSOLE_MAPPED);
}

/*
 * A buffer that the guest names. Return: true when it is there; else *@action
 * says what happens: an error, or the host populates the page first.
 */
static bool buffer(struct tvm *tvm, struct cove_vcpu *vcpu, unsigned long fault, u64 *pa,
		   enum exit_action *action)
{
	u64 gpa = COVE_A(vcpu, 1);
	bool memory, mapped;

	*pa = 0;
	*action = EXIT_RESUME;
	if (COVE_DEFENCE(CONSOLE_LIMIT) && (COVE_A(vcpu, 2) || gpa >= cove_gstage_gpa_limit() ||
					    COVE_A(vcpu, 0) > cove_gstage_gpa_limit() - gpa)) {
		cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
		return false;
	}
	cove_tvm_relock(tvm);
	memory = is_memory(cove_region_type(tvm, gpa)) || !COVE_DEFENCE(CONSOLE_REGION);
	mapped = buffer_page(tvm, gpa, pa);
	cove_tvm_put(tvm);
	if (!memory)
		cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	else if (!mapped)
		*action = cove_exit_report(vcpu, fault, 0, (gpa & ~COVE_PAGE_MASK) >> 2, 0);
	return memory && mapped;
}

/* A byte at a time is what every CoVE host understands; the guest sees a short write and goes on.
 */
static ARCH_NOINLINE enum exit_action console_write(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	enum exit_action action;
	u64 pa;

	if (!COVE_A(vcpu, 0))
		return cove_guest_return(vcpu, COVE_OK, 0);
	if (!buffer(tvm, vcpu, CAUSE_LOAD_GUEST_PAGE_FAULT, &pa, &action))
		return action;
	cove_guest_forward(vcpu, 0);
	cove_nacl_write(NACL_GPR_OFFSET(COVE_GPR_A0), *(volatile u8 *)arch_ptr(pa));
	cove_nacl_write(NACL_GPR_OFFSET(16), SBI_EXT_DBCN_CONSOLE_WRITE_BYTE);
	vcpu->pending = PENDING_CONSOLE_WRITE;
	return EXIT_HOST;
}

/* What one read may take: up to the end of a page, and of the room in the NACL memory. */
static unsigned long read_limit(const struct cove_vcpu *vcpu)
{
	unsigned long n = COVE_PAGE_SIZE - (COVE_A(vcpu, 1) & COVE_PAGE_MASK);

	n = COVE_A(vcpu, 0) < n ? COVE_A(vcpu, 0) : n;
	return n < NACL_CONSOLE_LEN ? n : NACL_CONSOLE_LEN;
}

static ARCH_NOINLINE enum exit_action console_read(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	enum exit_action action;
	u64 pa;

	if (!COVE_A(vcpu, 0))
		return cove_guest_return(vcpu, COVE_OK, 0);
	if (!buffer(tvm, vcpu, CAUSE_STORE_GUEST_PAGE_FAULT, &pa, &action))
		return action;
	cove_guest_forward(vcpu, 0);
	cove_nacl_write(NACL_GPR_OFFSET(COVE_GPR_A0), read_limit(vcpu));
	vcpu->pending = PENDING_CONSOLE_READ;
	return EXIT_HOST;
}

/**
 * cove_guest_console_read() - the host has answered a read, with the TVM locked
 * @host_error: of the host; one that knows no input is one that has none
 * @n: bytes that it has put at NACL_CONSOLE_OFFSET; no more than asked for count
 *
 * The buffer is looked up again: the page may be gone since.
 */
void cove_guest_console_read(struct tvm *tvm, struct cove_vcpu *vcpu, long host_error,
			     unsigned long n)
{
	unsigned long limit = read_limit(vcpu), word = 0;
	unsigned long i;
	u64 pa = 0;

	if (COVE_DEFENCE(CONSOLE_READ_LIMIT) && n > limit)
		n = limit;
	if (host_error)
		n = 0;
	if (host_error == COVE_ERR_NOT_SUPPORTED)
		host_error = COVE_OK;
	if (n && !buffer_page(tvm, COVE_A(vcpu, 1), &pa)) {
		host_error = COVE_ERR_FAILED;
		n = 0;
	}
	for (i = 0; i < n; i++) {
		if (!(i & 7))
			word = cove_nacl_read(NACL_CONSOLE_OFFSET + i);
		((volatile u8 *)arch_ptr(pa))[i] = (u8)(word >> (8 * (i & 7)));
	}
	cove_guest_return(vcpu, host_error, n);
}

/** cove_guest_dbcn() - a DBCN call */
enum exit_action cove_guest_dbcn(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	switch (COVE_A(vcpu, 6)) {
	case SBI_EXT_DBCN_CONSOLE_WRITE:
		return console_write(tvm, vcpu);
	case SBI_EXT_DBCN_CONSOLE_READ:
		return console_read(tvm, vcpu);
	case SBI_EXT_DBCN_CONSOLE_WRITE_BYTE:
		COVE_A(vcpu, 0) &= 0xff;
		vcpu->pending = PENDING_ECALL;
		return cove_guest_forward(vcpu, 1);
	default:
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	}
}
