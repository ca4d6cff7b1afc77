/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * An ordinary VM of the host, as promote_to_tvm takes it.
 */
#ifndef VM_H
#define VM_H

#include "paging.h"
#include "tvm.h"

#define VM_PAGES      (GUEST_SIZE / PAGE)
#define VM_TREE	      (GUEST_BASE + 0x180000UL)
#define VM_POOL_PAGES 256UL
#define VM_CSR_HGATP  0x680
#define VM_LEAF	      (PTE_V | PTE_RWX | PTE_U | PTE_AD)

/**
 * struct vm - an ordinary VM: @ram and its tables are the host's, @pool is converted
 * @root, @leaves: Sv39x4, pages of 4 KiB
 * @memory_size: in its tree: the low word of the size; @end: the token that ends it
 */
struct vm {
	unsigned long ram;
	unsigned long root;
	unsigned long *leaves;
	unsigned long pool;
	uint32_t *memory_size;
	uint32_t *end;
};

/** vm_pte() - an entry of its tables */
static inline unsigned long vm_pte(unsigned long pa, unsigned long flags)
{
	return pa >> 12 << 10 | flags;
}

/** vm_at() - the host's address of guest memory */
static inline uint8_t *vm_at(const struct vm *v, unsigned long gpa)
{
	return (uint8_t *)(v->ram + gpa - GUEST_BASE);
}

uint32_t big32(uint32_t v);
void vm_tree(struct vm *v, unsigned int cpus);
bool vm_make(struct vm *v);
struct sbiret vm_promote(void);
void vm_adopt(struct tvm *t, const struct vm *v, unsigned long gid);

#endif
