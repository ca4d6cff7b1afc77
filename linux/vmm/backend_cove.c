/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The machine on /dev/cove: a confidential guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/cove.h>
#include <cove/sbi_cove.h>
#include <cove/tap.h>

#include "vm.h"

_Static_assert(COVE_VM_F_IMPLICIT_MMIO == COVE_TVM_F_IMPLICIT_MMIO, "flags of driver and monitor");

/* One call measures this much, so that a signal is answered soon. */
#define MEASURE_CHUNK (1ULL << 20)

#define SRST_SHUTDOWN 0

static const char *open_hint(int error)
{
	switch (error) {
	case ENOENT:
		return " (the cove module is not loaded; `modprobe cove` needs firmware with CoVE)";
	case ENODEV:
	case ENXIO:
	case EOPNOTSUPP:
		return " (the firmware of this machine does not offer CoVE)";
	case EACCES:
	case EPERM:
		return " (only root may, or who was given the device)";
	default:
		return "";
	}
}

static const char *cove_strerror(int error)
{
	if (error == ENOMEM || error == ENOSPC)
		return "the host cannot give the guest more confidential memory";
	return strerror(error);
}

/**
 * cove_device_open() - open /dev/cove and check that we speak its language
 *
 * Returns a descriptor, or -1 after an error message that says why not.
 */
int cove_device_open(void)
{
	int fd = open("/dev/cove", O_RDWR | O_CLOEXEC);
	int version;

	if (fd < 0) {
		err("/dev/cove: %s%s", strerror(errno), open_hint(errno));
		return -1;
	}
	version = ioctl(fd, COVE_GET_API_VERSION, 0);
	if (version != COVE_API_VERSION) {
		if (version < 0)
			err("/dev/cove: %s", strerror(errno));
		else
			err("/dev/cove: the module's API version is %d, not %d", version,
			    COVE_API_VERSION);
		close(fd);
		return -1;
	}
	return fd;
}

static int cove_check_limits(const struct vm *vm, const struct cove_info *info)
{
	if (info->tsm_state != TSM_READY) {
		err("the monitor is not ready (state %u)", info->tsm_state);
		return -1;
	}
	if (vm->nvcpus > info->tvm_max_vcpus) {
		err("--cpus %u: the monitor allows %llu", vm->nvcpus,
		    (unsigned long long)info->tvm_max_vcpus);
		return -1;
	}
	if (info->max_gpa_bits < 64 && RAM_BASE + vm->opt->memory > 1ULL << info->max_gpa_bits) {
		err("--memory %lluM: guest addresses have %llu bits",
		    (unsigned long long)vm->opt->memory >> 20,
		    (unsigned long long)info->max_gpa_bits);
		return -1;
	}
	return 0;
}

static int cove_open(struct vm *vm)
{
	struct cove_info info;

	vm->dev_fd = cove_device_open();
	if (vm->dev_fd < 0)
		return -1;
	if (ioctl(vm->dev_fd, COVE_GET_INFO, &info)) {
		err("/dev/cove: cannot ask the monitor: %s", strerror(errno));
		return -1;
	}
	return cove_check_limits(vm, &info);
}

/* The monitor gives a guest all that the list in isa.c allows. */
static int cove_limit_isa(struct vm *vm, struct host_facts *facts)
{
	(void)vm;
	(void)facts;
	return 0;
}

static uint64_t max_shared(const struct vm *vm)
{
	return vm->opt->disk ? vm->opt->memory : 0;
}

static int cove_create_vm(struct vm *vm)
{
	struct cove_create_vm create = {
		.flags = vm->opt->declared ? 0 : COVE_VM_F_IMPLICIT_MMIO,
		.max_memory = vm->opt->memory,
		.max_shared = max_shared(vm),
	};
	struct cove_region ram = { .gpa = RAM_BASE, .len = vm->opt->memory };

	vm->vm_fd = ioctl(vm->dev_fd, COVE_CREATE_VM, &create);
	if (vm->vm_fd < 0) {
		err("/dev/cove: cannot create a confidential VM: %s", cove_strerror(errno));
		return -1;
	}
	if (ioctl(vm->vm_fd, COVE_VM_ADD_REGION, &ram)) {
		err("/dev/cove: cannot add the guest's memory: %s", cove_strerror(errno));
		return -1;
	}
	return 0;
}

/* What the guest shares, at its address from RAM_BASE on; the rest is not there. */
static int cove_map_shared(struct vm *vm)
{
	void *ram;

	if (!vm->opt->disk)
		return 0;
	ram = mmap(NULL, vm->opt->memory, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
		   vm->vm_fd, RAM_BASE);
	if (ram == MAP_FAILED) {
		err("/dev/cove: cannot map the guest's shared memory: %s", strerror(errno));
		return -1;
	}
	vm->ram = ram;
	return 0;
}

static int cove_measure(struct vm *vm, const struct component *comp)
{
	for (uint64_t off = 0; off < comp->len; off += MEASURE_CHUNK) {
		uint64_t left = comp->len - off;
		struct cove_measure arg = {
			.uaddr = (uintptr_t)comp->data + off,
			.gpa = comp->gpa + off,
			.len = left < MEASURE_CHUNK ? left : MEASURE_CHUNK,
		};

		if (ioctl(vm->vm_fd, COVE_VM_MEASURE, &arg)) {
			err("/dev/cove: cannot load the %s into confidential memory: %s",
			    comp->name, cove_strerror(errno));
			return -1;
		}
	}
	return 0;
}

static int cove_create_vcpu(struct vm *vm, struct vcpu *vcpu)
{
	struct cove_run *run;

	vcpu->fd = ioctl(vm->vm_fd, COVE_VM_CREATE_VCPU, (unsigned long)vcpu->id);
	if (vcpu->fd < 0) {
		err("/dev/cove: cannot create vCPU %u: %s", vcpu->id, cove_strerror(errno));
		return -1;
	}
	run = mmap(NULL, COVE_RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (run == MAP_FAILED) {
		err("/dev/cove: cannot map vCPU %u: %s", vcpu->id, cove_strerror(errno));
		return -1;
	}
	vcpu->run = run;
	vcpu->run_size = COVE_RUN_SIZE;
	vcpu->immediate_exit = &run->immediate_exit;
	return 0;
}

static int cove_print_measurement(struct vm *vm)
{
	struct cove_measurement reg[] = {
		{ .index = COVE_MSMT_PAGES },
		{ .index = COVE_MSMT_CONFIG },
	};
	uint8_t value[DIGEST_LEN];
	char hex[2 * DIGEST_LEN + 1];

	for (unsigned int i = 0; i < sizeof(reg) / sizeof(reg[0]); i++) {
		if (ioctl(vm->vm_fd, COVE_VM_GET_MEASUREMENT, &reg[i])) {
			err("/dev/cove: cannot read the measurement: %s", cove_strerror(errno));
			return -1;
		}
	}
	if (measure_combine(reg[0].value, reg[1].value, value)) {
		err("SHA-384 failed");
		return -1;
	}
	digest_to_hex(value, hex);
	fprintf(stderr, "measurement: %s\n", hex);
	return 0;
}

/* Its length, or -1 after an error message */
static int read_tap(const char *path, uint8_t tap[COVE_TAP_MAX + 1])
{
	FILE *file = fopen(path, "rb");
	size_t len;

	if (!file) {
		err("%s: %s", path, strerror(errno));
		return -1;
	}
	len = fread(tap, 1, COVE_TAP_MAX + 1, file);
	fclose(file);
	if (len && len <= COVE_TAP_MAX)
		return len;
	err("%s: not a payload of `cove tap`", path);
	return -1;
}

/* What the monitor says of the payload; what is in it is checked when the VM is finalized. */
static int cove_set_tap(struct vm *vm)
{
	const char *path = vm->opt->tap;
	uint8_t tap[COVE_TAP_MAX + 1];
	struct cove_tap arg = { .uaddr = (uintptr_t)tap };
	int len;

	if (!path)
		return 0;
	len = read_tap(path, tap);
	if (len < 0)
		return -1;
	arg.len = len;
	if (!ioctl(vm->vm_fd, COVE_VM_SET_TAP, &arg))
		return 0;
	err("%s: %s", path,
	    errno == EINVAL	  ? "not a payload of `cove tap`"
	    : errno == EACCES	  ? "it is not for this platform, or it was changed"
	    : errno == EOPNOTSUPP ? "the firmware offers no local attestation"
				  : cove_strerror(errno));
	return -1;
}

static const char *finalize_error(const struct vm *vm, int error)
{
	if (error == EACCES && vm->opt->tap)
		return "the payload of --tap is not for this guest or not for a platform like "
		       "this, or was used";
	return cove_strerror(error);
}

static int cove_create_vcpus(struct vm *vm)
{
	for (unsigned int i = 0; i < vm->nvcpus; i++) {
		if (cove_create_vcpu(vm, &vm->vcpus[i]))
			return -1;
	}
	return 0;
}

/* Into the last page that has nothing: as the monitor takes it out, all is as it was measured. */
static int tap_in_ram(const struct vm *vm, uint8_t *ram, __u64 *gpa)
{
	static const uint8_t zeros[PAGE_SIZE];
	uint8_t tap[COVE_TAP_MAX + 1];
	uint64_t at = vm->opt->memory;
	int len;

	if (!vm->opt->tap)
		return 0;
	len = read_tap(vm->opt->tap, tap);
	if (len < 0)
		return -1;
	do {
		if (!at) {
			err("%s: the guest has no room for it", vm->opt->tap);
			return -1;
		}
		at -= PAGE_SIZE;
	} while (memcmp(ram + at, zeros, PAGE_SIZE));
	memcpy(ram + at, tap, len);
	*gpa = RAM_BASE + at;
	return 0;
}

static const char *promote_strerror(int error)
{
	switch (error) {
	case EACCES:
		return "the payload of --tap is not for this guest or this platform, was changed, "
		       "or was used";
	case EBUSY:
		return "another confidential guest has memory, which the monitor might take";
	case E2BIG:
		return "more than 64 MiB of the guest's memory are not zero";
	case EOPNOTSUPP:
		return "the monitor of this machine does not offer it";
	default:
		return cove_strerror(error);
	}
}

/* All at once: an ordinary VM with the image in its memory, before its first instruction. */
static int cove_create_promoted(struct vm *vm, const struct guest_image *image)
{
	struct cove_promote_region ram = { .gpa = RAM_BASE, .len = vm->opt->memory };
	struct cove_promote arg = {
		.max_shared = max_shared(vm),
		.regions = (uintptr_t)&ram,
		.nregions = 1,
		.nvcpus = vm->nvcpus,
		.fdt = image->arg,
		.entry = image->entry,
		.gpr[PROMOTE_GPR_FDT] = image->arg,
	};
	void *memory = image_in_ram(vm->opt, image);

	if (!memory)
		return -1;
	ram.uaddr = (uintptr_t)memory;
	if (tap_in_ram(vm, memory, &arg.tap)) {
		munmap(memory, vm->opt->memory);
		return -1;
	}
	vm->vm_fd = ioctl(vm->dev_fd, COVE_PROMOTE_VM, &arg);
	if (vm->vm_fd < 0)
		err("/dev/cove: cannot promote the VM: %s", promote_strerror(errno));
	munmap(memory, vm->opt->memory);
	if (vm->vm_fd < 0 || cove_map_shared(vm) || cove_create_vcpus(vm))
		return -1;
	return cove_print_measurement(vm);
}

static int cove_create(struct vm *vm, const struct guest_image *image)
{
	struct cove_finalize start = { .entry = image->entry, .arg = image->arg };

	if (vm->opt->promote)
		return cove_create_promoted(vm, image);
	if (cove_create_vm(vm) || cove_map_shared(vm))
		return -1;
	for (int i = 0; i < COMP_MAX; i++) {
		if (cove_measure(vm, &image->comp[i]))
			return -1;
	}
	if (cove_create_vcpus(vm) || cove_set_tap(vm))
		return -1;
	if (ioctl(vm->vm_fd, COVE_VM_FINALIZE, &start)) {
		err("/dev/cove: cannot finalize the VM: %s", finalize_error(vm, errno));
		return -1;
	}
	return cove_print_measurement(vm);
}

static void cove_console(struct vm *vm, const struct cove_run *run)
{
	uint32_t len = run->console.len;

	if (len > sizeof(run->console.data))
		len = sizeof(run->console.data);
	vm_console_write(vm, run->console.data, len);
}

static void cove_console_read(struct vm *vm, struct cove_run *run)
{
	uint32_t len = run->console.len;

	if (len > sizeof(run->console.data))
		len = sizeof(run->console.data);
	run->console.len = vm_console_read(vm, run->console.data, len);
}

static void cove_system_event(struct vm *vm, const struct cove_run *run)
{
	vm_stop(vm, run->system_event.type == SRST_SHUTDOWN ? STATUS_OK : STATUS_REBOOT);
}

static int cove_died(struct vcpu *vcpu, const struct cove_run *run)
{
	err("vCPU %u died: scause 0x%llx, guest address 0x%llx, monitor's answer %lld", vcpu->id,
	    (unsigned long long)run->fail.scause, (unsigned long long)run->fail.gpa,
	    (long long)run->fail.sbi_error);
	vm_stop(vcpu->vm, STATUS_CRASHED);
	return -1;
}

static int cove_handle_exit(struct vcpu *vcpu, struct cove_run *run)
{
	switch (run->exit_reason) {
	case COVE_EXIT_INTR:
		return 0;
	case COVE_EXIT_MMIO:
		if (run->mmio.len > sizeof(run->mmio.data))
			return cove_died(vcpu, run);
		vm_mmio(vcpu->vm, run->mmio.gpa, run->mmio.data, run->mmio.len, run->mmio.is_write);
		return 0;
	case COVE_EXIT_CONSOLE:
		cove_console(vcpu->vm, run);
		return 0;
	case COVE_EXIT_CONSOLE_READ:
		cove_console_read(vcpu->vm, run);
		return 0;
	case COVE_EXIT_SYSTEM_EVENT:
		cove_system_event(vcpu->vm, run);
		return -1;
	default:
		return cove_died(vcpu, run);
	}
}

static int cove_vcpu_run(struct vcpu *vcpu)
{
	if (!ioctl(vcpu->fd, COVE_VCPU_RUN, 0))
		return cove_handle_exit(vcpu, vcpu->run);
	if (errno == EINTR || errno == EAGAIN)
		return 0;
	err("vCPU %u: /dev/cove cannot run it: %s", vcpu->id, cove_strerror(errno));
	vm_stop(vcpu->vm, STATUS_ERROR);
	return -1;
}

static void cove_vcpu_set_irq(struct vcpu *vcpu, bool level)
{
	if (ioctl(vcpu->fd, COVE_VCPU_INTERRUPT, (unsigned long)level)) {
		err("vCPU %u: /dev/cove cannot interrupt it: %s", vcpu->id, strerror(errno));
		vm_stop(vcpu->vm, STATUS_ERROR);
	}
}

static void cove_destroy(struct vm *vm)
{
	for (unsigned int i = 0; i < vm->nvcpus; i++) {
		if (vm->vcpus[i].run)
			munmap(vm->vcpus[i].run, vm->vcpus[i].run_size);
		if (vm->vcpus[i].fd >= 0)
			close(vm->vcpus[i].fd);
	}
	if (vm->ram)
		munmap(vm->ram, vm->opt->memory);
	if (vm->vm_fd >= 0)
		close(vm->vm_fd);
	if (vm->dev_fd >= 0)
		close(vm->dev_fd);
}

const struct backend_ops backend_cove = {
	.name = "cove",
	.open = cove_open,
	.limit_isa = cove_limit_isa,
	.create = cove_create,
	.vcpu_run = cove_vcpu_run,
	.vcpu_set_irq = cove_vcpu_set_irq,
	.destroy = cove_destroy,
};
