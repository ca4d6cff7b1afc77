/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Platform-level interrupt controller (RISC-V PLIC specification 1.0): 31
 * level-triggered sources, one S-mode context per vCPU. A pending bit is set
 * while a source is high and nobody has claimed it.
 */
#include "vm.h"

#define PLIC_PENDING	    0x001000
#define PLIC_ENABLE	    0x002000
#define PLIC_ENABLE_STRIDE  0x80
#define PLIC_CONTEXT	    0x200000
#define PLIC_CONTEXT_STRIDE 0x1000
#define PLIC_THRESHOLD	    0
#define PLIC_CLAIM	    4
#define PLIC_MAX_PRIORITY   7

static struct {
	struct vm *vm;
	uint32_t priority[PLIC_SOURCES + 1];
	uint32_t level; /* bit n: source n */
	uint32_t claimed;
	uint32_t enable[VM_MAX_CPUS];
	uint32_t threshold[VM_MAX_CPUS];
	bool line[VM_MAX_CPUS];
} plic;

/**
 * plic_init() - reset state, with one context for each vCPU of @vm
 */
void plic_init(struct vm *vm)
{
	plic.vm = vm;
}

static uint32_t pending(void)
{
	return plic.level & ~plic.claimed;
}

/* The pending source of highest priority, lowest number first; 0 for none. */
static unsigned int best_source(unsigned int context, uint32_t above)
{
	uint32_t candidates = pending() & plic.enable[context];
	unsigned int best = 0;

	for (unsigned int i = 1; i <= PLIC_SOURCES; i++) {
		if (candidates >> i & 1 && plic.priority[i] > above) {
			best = i;
			above = plic.priority[i];
		}
	}
	return best;
}

static void update(void)
{
	for (unsigned int i = 0; i < plic.vm->nvcpus; i++) {
		bool line = best_source(i, plic.threshold[i]) != 0;

		if (line != plic.line[i]) {
			plic.line[i] = line;
			plic.vm->ops->vcpu_set_irq(&plic.vm->vcpus[i], line);
		}
	}
}

/**
 * plic_set_source() - level of an interrupt source (1..PLIC_SOURCES)
 */
void plic_set_source(unsigned int source, bool level)
{
	uint32_t old = plic.level;

	if (level)
		plic.level |= 1U << source;
	else
		plic.level &= ~(1U << source);
	if (plic.level != old)
		update();
}

static uint32_t claim(unsigned int context)
{
	/* the threshold gates the line only, not the claim */
	unsigned int source = best_source(context, 0);

	if (source) {
		plic.claimed |= 1U << source;
		update();
	}
	return source;
}

static void complete(unsigned int context, uint32_t source)
{
	if (!source || source > PLIC_SOURCES || !(plic.enable[context] >> source & 1))
		return;
	plic.claimed &= ~(1U << source);
	update();
}

/* Splits an offset of a per-context register; false when there is none. */
static bool context_reg(uint64_t offset, uint64_t base, uint64_t stride, unsigned int *context,
			unsigned int *reg)
{
	if (offset < base || (offset - base) / stride >= plic.vm->nvcpus)
		return false;
	*context = (offset - base) / stride;
	*reg = (offset - base) % stride;
	return true;
}

/**
 * plic_read() - 32-bit load
 * @offset: from PLIC_BASE, 4-byte aligned, less than PLIC_SIZE
 *
 * Registers that do not exist read as zero.
 */
uint32_t plic_read(uint64_t offset)
{
	unsigned int context, reg;

	if (offset < 4 * (PLIC_SOURCES + 1))
		return plic.priority[offset / 4];
	if (offset == PLIC_PENDING)
		return pending();
	if (offset < PLIC_CONTEXT) {
		if (context_reg(offset, PLIC_ENABLE, PLIC_ENABLE_STRIDE, &context, &reg) && !reg)
			return plic.enable[context];
		return 0;
	}
	if (!context_reg(offset, PLIC_CONTEXT, PLIC_CONTEXT_STRIDE, &context, &reg))
		return 0;
	if (reg == PLIC_THRESHOLD)
		return plic.threshold[context];
	return reg == PLIC_CLAIM ? claim(context) : 0;
}

/**
 * plic_write() - 32-bit store
 * @offset: from PLIC_BASE, 4-byte aligned, less than PLIC_SIZE
 *
 * Stores to registers that do not exist are ignored.
 */
void plic_write(uint64_t offset, uint32_t value)
{
	unsigned int context, reg;

	if (offset < 4 * (PLIC_SOURCES + 1)) {
		if (offset)
			plic.priority[offset / 4] = value & PLIC_MAX_PRIORITY;
	} else if (offset < PLIC_CONTEXT) {
		if (!context_reg(offset, PLIC_ENABLE, PLIC_ENABLE_STRIDE, &context, &reg) || reg)
			return;
		plic.enable[context] = value & ~1U;
	} else {
		if (!context_reg(offset, PLIC_CONTEXT, PLIC_CONTEXT_STRIDE, &context, &reg))
			return;
		if (reg == PLIC_CLAIM) {
			complete(context, value);
			return;
		}
		if (reg != PLIC_THRESHOLD)
			return;
		plic.threshold[context] = value & PLIC_MAX_PRIORITY;
	}
	update();
}
