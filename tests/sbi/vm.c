// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * An ordinary VM of the host, as promote_to_tvm takes it: the guest's image, a
 * device tree, and second-stage tables.
 */
#include "vm.h"

/* A device tree in the making: the structure block */
static uint32_t *at;

uint32_t big32(uint32_t v)
{
	return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

static void word(uint32_t v)
{
	*at++ = big32(v);
}

static void node(const char *name)
{
	word(1);
	memcpy(at, name, strlen(name));
	at += strlen(name) / 4 + 1;
}

static const char strings[] = "device_type\0reg\0#address-cells\0#size-cells";
enum { S_TYPE = 0, S_REG = 12, S_ACELLS = 16, S_SCELLS = 31 };

static void prop(unsigned int name, const void *data, unsigned int len)
{
	word(3);
	word(len);
	word(name);
	memcpy(at, data, len);
	at += (len + 3) / 4;
}

static void prop_u32(unsigned int name, uint32_t v)
{
	v = big32(v);
	prop(name, &v, 4);
}

static void cpu(uint32_t id)
{
	node("cpu");
	prop(S_TYPE, "cpu", 4);
	prop_u32(S_REG, id);
	word(2);
}

/** vm_tree() - a device tree with as many CPUs */
void vm_tree(struct vm *v, unsigned int cpus)
{
	uint32_t *tree = (uint32_t *)vm_at(v, VM_TREE), *structure = tree + 20;
	const uint32_t reg[] = { 0, big32(GUEST_BASE), 0, big32(GUEST_SIZE) };
	unsigned int i, end;

	memset(tree, 0, PAGE);
	at = structure;
	node("");
	prop_u32(S_ACELLS, 2);
	prop_u32(S_SCELLS, 2);
	node("memory");
	prop(S_TYPE, "memory", 7);
	prop(S_REG, reg, sizeof(reg));
	v->memory_size = at - 1;
	word(2);
	node("cpus");
	prop_u32(S_ACELLS, 1);
	prop_u32(S_SCELLS, 0);
	for (i = 0; i < cpus; i++)
		cpu(i);
	word(2);
	word(2);
	v->end = at;
	word(9);
	end = (unsigned int)((at - tree) * 4);
	memcpy(at, strings, sizeof(strings));
	at = tree;
	word(0xd00dfeed);
	word(end + sizeof(strings));
	word(80);  /* structure */
	word(end); /* strings */
	word(48);  /* reservations: none */
	word(17);
	word(16);
	word(0);
	word(sizeof(strings));
	word(end - 80);
}

/** vm_make() - two vCPUs, the guest's image, its tree; and memory to promote it to */
bool vm_make(struct vm *v)
{
	unsigned long l1, i;

	v->ram = pages_alloc(VM_PAGES, 512);
	v->root = pages_alloc(4, 4);
	l1 = pages_alloc(1, 1);
	v->leaves = (unsigned long *)pages_alloc(1, 1);
	memset((void *)v->ram, 0, GUEST_SIZE);
	memset((void *)v->root, 0, 4 * PAGE);
	memset((void *)l1, 0, PAGE);
	((unsigned long *)v->root)[GUEST_BASE >> 30] = vm_pte(l1, PTE_V);
	((unsigned long *)l1)[GUEST_BASE >> 21 & 0x1ff] = vm_pte((unsigned long)v->leaves, PTE_V);
	for (i = 0; i < VM_PAGES; i++)
		v->leaves[i] = vm_pte(v->ram + i * PAGE, VM_LEAF);
	memcpy((void *)v->ram, guest_image, GUEST_IMAGE_PAGES * PAGE);
	vm_tree(v, 2);
	v->pool = conf_pages(VM_POOL_PAGES, 4);
	memset(nacl_word(0), 0, NACL_SHMEM_SIZE);
	*nacl_word(NACL_CSR_OFFSET(VM_CSR_HGATP)) = SV39 << 60 | v->root >> 12;
	return v->pool;
}

/** vm_promote() - the call for the VM that vm_make() made on this hart */
struct sbiret vm_promote(void)
{
	return sbi6(SBI_EXT_COVH, SBI_COVH_PROMOTE_TO_TVM, VM_TREE, 0, GUEST_BASE, 0);
}

/** vm_adopt() - what it has become; the server of faults takes from the rest of the pool */
void vm_adopt(struct tvm *t, const struct vm *v, unsigned long gid)
{
	memset(t, 0, sizeof(*t));
	t->chunk = v->pool + (VM_POOL_PAGES - TVM_CHUNK) * PAGE;
	tvm_remember(t, gid);
}
