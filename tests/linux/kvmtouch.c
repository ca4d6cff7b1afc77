/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * kvmtouch ADDRESS: an ordinary KVM guest, a few instructions long, has the page
 * at that physical address in its memory (by /dev/cove_attack) and accesses it.
 * One line per access, from the guest's own trap handler:
 *
 *   NAME fault        the access fault of that kind, at that guest address
 *   NAME works        no trap
 *   NAME cause C address A    another trap
 *   NAME ended        KVM ended the guest: it does not forward every kind of
 *                     access fault, but logs cause and address
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE   4096UL
#define CODE   0x80000000UL
#define TARGET 0x90000000UL

#define GUEST_LEN 256

extern const char guest_code[GUEST_LEN];

/* s0: the page, s1: where the next result goes (cause, address; zero: no trap). */
asm(".pushsection .rodata\n"
    ".option push\n.option norvc\n"
    ".balign 8\n"
    "guest_code:\n"
    "	lla	t0, 9f\n"
    "	csrw	stvec, t0\n"
    "	li	s0, 0x90000000\n"
    "	li	s1, 0x80001000\n"
    "	ld	t1, 0x18(s0)\n"
    "	addi	s1, s1, 16\n"
    "	sd	zero, 0x20(s0)\n"
    "	addi	s1, s1, 16\n"
    "	addi	t0, s0, 0x28\n"
    "	amoor.d	t1, zero, (t0)\n"
    "	addi	s1, s1, 16\n"
    "	jalr	ra, 0x30(s0)\n"
    "	addi	s1, s1, 16\n"
    "	li	a7, 0x53525354\n"
    "	li	a6, 0\n"
    "	li	a0, 0\n"
    "	li	a1, 0\n"
    "	ecall\n"
    "1:	j	1b\n"
    ".balign 4\n"
    "9:	csrr	t3, scause\n"
    "	csrr	t4, stval\n"
    "	sd	t3, 0(s1)\n"
    "	sd	t4, 8(s1)\n"
    "	csrr	t5, sepc\n"
    "	addi	t5, t5, 4\n"
    "	li	t6, 1\n"
    "	bne	t3, t6, 2f\n"
    "	mv	t5, ra\n"
    "2:	csrw	sepc, t5\n"
    "	sret\n"
    ".org guest_code + 256\n"
    ".option pop\n.popsection\n");

static const struct access {
	const char *name;
	uint64_t cause;
	uint64_t offset;
} accesses[] = {
	{ "load", 5, 0x18 },
	{ "store", 7, 0x20 },
	{ "amo", 7, 0x28 },
	{ "fetch", 1, 0x30 },
};

#define COUNT (sizeof(accesses) / sizeof(accesses[0]))

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void add_memory(int vm, unsigned int slot, uint64_t gpa, uint64_t size, void *map)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)map,
	};

	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		die("KVM_SET_USER_MEMORY_REGION");
}

static void set_pc(int vcpu, uint64_t pc)
{
	struct kvm_one_reg reg = {
		.id = KVM_REG_RISCV | KVM_REG_SIZE_U64 | KVM_REG_RISCV_CORE |
		      KVM_REG_RISCV_CORE_REG(regs.pc),
		.addr = (uintptr_t)&pc,
	};

	if (ioctl(vcpu, KVM_SET_ONE_REG, &reg))
		die("KVM_SET_ONE_REG");
}

/* Return: false when KVM ended the guest */
static bool run(int kvm, int vm)
{
	int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	struct kvm_run *run;

	if (vcpu < 0)
		die("KVM_CREATE_VCPU");
	run = mmap(NULL, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED,
		   vcpu, 0);
	if (run == MAP_FAILED)
		die("mmap vcpu");
	set_pc(vcpu, CODE);
	if (ioctl(vcpu, KVM_RUN, 0)) {
		if (errno != EFAULT)
			die("KVM_RUN");
		return false;
	}
	if (run->exit_reason != KVM_EXIT_SYSTEM_EVENT)
		printf("the guest ended with exit reason %u\n", run->exit_reason);
	return true;
}

/* @ended: by the last access */
static void report(const uint64_t *result, bool ended)
{
	for (unsigned int i = 0; i < COUNT; i++, result += 2) {
		const struct access *a = &accesses[i];

		if (!result[0] && ended && i == COUNT - 1)
			printf("%s ended\n", a->name);
		else if (!result[0])
			printf("%s works\n", a->name);
		else if (result[0] == a->cause && result[1] == TARGET + a->offset)
			printf("%s fault\n", a->name);
		else
			printf("%s cause %lu address %#lx\n", a->name, (unsigned long)result[0],
			       (unsigned long)result[1]);
	}
}

int main(int argc, char **argv)
{
	unsigned long pa = argc == 2 ? strtoul(argv[1], NULL, 0) : 0;
	int mem = open("/dev/cove_attack", O_RDWR);
	int kvm = open("/dev/kvm", O_RDWR);
	char *ram, *page;
	bool ended;
	int vm;

	if (kvm < 0 || mem < 0 || !pa || pa % PAGE) {
		fprintf(stderr, "usage: kvmtouch ADDRESS (cove_attack.ko and kvm.ko are loaded)\n");
		return 1;
	}
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		die("KVM_CREATE_VM");
	ram = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, mem, pa);
	if (ram == MAP_FAILED || page == MAP_FAILED)
		die("mmap");
	memcpy(ram, guest_code, GUEST_LEN);
	add_memory(vm, 0, CODE, 2 * PAGE, ram);
	add_memory(vm, 1, TARGET, PAGE, page);
	ended = !run(kvm, vm);
	report((const uint64_t *)(ram + PAGE), ended);
	return 0;
}
