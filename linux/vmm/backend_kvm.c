/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The machine on /dev/kvm: an ordinary guest, whose memory the host sees.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vm.h"

#define REG_CORE(name) \
	(KVM_REG_RISCV | KVM_REG_SIZE_U64 | KVM_REG_RISCV_CORE | KVM_REG_RISCV_CORE_REG(regs.name))
#define REG_ISA_EXT(id) (KVM_REG_RISCV | KVM_REG_SIZE_U64 | KVM_REG_RISCV_ISA_EXT | (id))

#define SBI_LEGACY_PUTCHAR    1
#define SBI_LEGACY_GETCHAR    2
#define SBI_ERR_NOT_SUPPORTED -2

static int kvm_create_vcpu(struct vm *vm, struct vcpu *vcpu)
{
	int size = ioctl(vm->dev_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_run *run;

	vcpu->fd = ioctl(vm->vm_fd, KVM_CREATE_VCPU, (unsigned long)vcpu->id);
	if (vcpu->fd < 0 || size < (int)sizeof(*run)) {
		err("/dev/kvm: cannot create vCPU %u: %s", vcpu->id, strerror(errno));
		return -1;
	}
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (run == MAP_FAILED) {
		err("/dev/kvm: cannot map vCPU %u: %s", vcpu->id, strerror(errno));
		return -1;
	}
	vcpu->run = run;
	vcpu->run_size = size;
	vcpu->immediate_exit = &run->immediate_exit;
	return 0;
}

static int kvm_open(struct vm *vm)
{
	int max;

	vm->dev_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->dev_fd < 0) {
		err("/dev/kvm: %s%s", strerror(errno),
		    errno == ENOENT ? " (is the kvm module loaded?)" : "");
		return -1;
	}
	if (ioctl(vm->dev_fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
		err("/dev/kvm: unknown API version");
		return -1;
	}
	max = ioctl(vm->dev_fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	if ((int)vm->nvcpus > max) {
		err("--cpus %u: /dev/kvm allows %d", vm->nvcpus, max);
		return -1;
	}
	vm->vm_fd = ioctl(vm->dev_fd, KVM_CREATE_VM, 0UL);
	if (vm->vm_fd < 0) {
		err("/dev/kvm: cannot create a VM: %s", strerror(errno));
		return -1;
	}
	for (unsigned int i = 0; i < vm->nvcpus; i++) {
		if (kvm_create_vcpu(vm, &vm->vcpus[i]))
			return -1;
	}
	return 0;
}

static bool kvm_has_ext(int kvm_id, void *arg)
{
	const struct vcpu *vcpu = arg;
	uint64_t value = 0;
	struct kvm_one_reg reg = { .id = REG_ISA_EXT(kvm_id), .addr = (uintptr_t)&value };

	return !ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg) && value;
}

static int kvm_limit_isa(struct vm *vm, struct host_facts *facts)
{
	return isa_filter(facts->isa, kvm_has_ext, &vm->vcpus[0], facts->isa, sizeof(facts->isa));
}

static int kvm_create_ram(struct vm *vm, const struct guest_image *image)
{
	struct kvm_userspace_memory_region slot = {
		.guest_phys_addr = RAM_BASE,
		.memory_size = vm->opt->memory,
	};

	vm->ram = image_in_ram(vm->opt, image);
	if (!vm->ram)
		return -1;
	slot.userspace_addr = (uintptr_t)vm->ram;
	if (ioctl(vm->vm_fd, KVM_SET_USER_MEMORY_REGION, &slot)) {
		err("/dev/kvm: cannot add the guest's memory: %s", strerror(errno));
		return -1;
	}
	return 0;
}

static int kvm_set_reg(struct vcpu *vcpu, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	return ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg);
}

static int kvm_create(struct vm *vm, const struct guest_image *image)
{
	struct kvm_mp_state stopped = { .mp_state = KVM_MP_STATE_STOPPED };
	struct vcpu *boot = &vm->vcpus[0];

	if (kvm_create_ram(vm, image))
		return -1;
	for (unsigned int i = 1; i < vm->nvcpus; i++) {
		if (ioctl(vm->vcpus[i].fd, KVM_SET_MP_STATE, &stopped))
			goto fail;
	}
	if (kvm_set_reg(boot, REG_CORE(pc), image->entry) || kvm_set_reg(boot, REG_CORE(a0), 0) ||
	    kvm_set_reg(boot, REG_CORE(a1), image->arg))
		goto fail;
	return 0;
fail:
	err("/dev/kvm: cannot set the vCPUs' start: %s", strerror(errno));
	return -1;
}

static void kvm_sbi(struct vm *vm, struct kvm_run *run)
{
	uint8_t byte = run->riscv_sbi.args[0];

	run->riscv_sbi.ret[0] = 0;
	run->riscv_sbi.ret[1] = 0;
	if (run->riscv_sbi.extension_id == SBI_LEGACY_PUTCHAR)
		vm_console_write(vm, &byte, 1);
	else if (run->riscv_sbi.extension_id == SBI_LEGACY_GETCHAR)
		run->riscv_sbi.ret[0] = -1UL; /* no byte: input comes through the UART */
	else
		run->riscv_sbi.ret[0] = SBI_ERR_NOT_SUPPORTED;
}

static int kvm_system_event(struct vcpu *vcpu, const struct kvm_run *run)
{
	switch (run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		vm_stop(vcpu->vm, STATUS_OK);
		break;
	case KVM_SYSTEM_EVENT_RESET:
		vm_stop(vcpu->vm, STATUS_REBOOT);
		break;
	default:
		err("the guest crashed (system event %u)", run->system_event.type);
		vm_stop(vcpu->vm, STATUS_CRASHED);
		break;
	}
	return -1;
}

static int kvm_vcpu_run(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	if (ioctl(vcpu->fd, KVM_RUN, 0)) {
		if (errno == EINTR || errno == EAGAIN)
			return 0;
		err("vCPU %u: KVM_RUN: %s", vcpu->id, strerror(errno));
		vm_stop(vcpu->vm, STATUS_ERROR);
		return -1;
	}
	switch (run->exit_reason) {
	case KVM_EXIT_INTR:
		return 0;
	case KVM_EXIT_MMIO:
		vm_mmio(vcpu->vm, run->mmio.phys_addr, run->mmio.data, run->mmio.len,
			run->mmio.is_write);
		return 0;
	case KVM_EXIT_RISCV_SBI:
		kvm_sbi(vcpu->vm, run);
		return 0;
	case KVM_EXIT_SYSTEM_EVENT:
		return kvm_system_event(vcpu, run);
	default:
		err("vCPU %u died: KVM exit reason %u", vcpu->id, run->exit_reason);
		vm_stop(vcpu->vm, STATUS_CRASHED);
		return -1;
	}
}

static void kvm_vcpu_set_irq(struct vcpu *vcpu, bool level)
{
	unsigned int line = level ? KVM_INTERRUPT_SET : KVM_INTERRUPT_UNSET;

	if (ioctl(vcpu->fd, KVM_INTERRUPT, &line)) {
		err("vCPU %u: KVM_INTERRUPT: %s", vcpu->id, strerror(errno));
		vm_stop(vcpu->vm, STATUS_ERROR);
	}
}

static void kvm_destroy(struct vm *vm)
{
	for (unsigned int i = 0; i < vm->nvcpus; i++) {
		if (vm->vcpus[i].run)
			munmap(vm->vcpus[i].run, vm->vcpus[i].run_size);
		if (vm->vcpus[i].fd >= 0)
			close(vm->vcpus[i].fd);
	}
	if (vm->vm_fd >= 0)
		close(vm->vm_fd);
	if (vm->dev_fd >= 0)
		close(vm->dev_fd);
	if (vm->ram)
		munmap(vm->ram, vm->opt->memory);
}

const struct backend_ops backend_kvm = {
	.name = "kvm",
	.open = kvm_open,
	.limit_isa = kvm_limit_isa,
	.create = kvm_create,
	.vcpu_run = kvm_vcpu_run,
	.vcpu_set_irq = kvm_vcpu_set_irq,
	.destroy = kvm_destroy,
};
