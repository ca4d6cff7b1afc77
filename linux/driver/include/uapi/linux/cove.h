/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The interface of /dev/cove. It follows KVM's habits: a file descriptor per
 * VM and per vCPU, a run page that is mmap'ed from the vCPU's descriptor, memory
 * that the guest shares mmap'ed from the VM's.
 *
 * Order: COVE_CREATE_VM, COVE_VM_ADD_REGION, COVE_VM_MEASURE, COVE_VM_CREATE_VCPU,
 * COVE_VM_SET_TAP (ids 0..n-1, in any order among the former), COVE_VM_FINALIZE,
 * COVE_VCPU_RUN. Or COVE_PROMOTE_VM, COVE_VM_CREATE_VCPU, COVE_VCPU_RUN.
 */
#ifndef _UAPI_LINUX_COVE_H
#define _UAPI_LINUX_COVE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define COVE_API_VERSION 4

/**
 * struct cove_info - what the firmware offers (COVE_GET_INFO)
 * The first six fields are those of the monitor's tsm_info, the rest is its
 * state as struct covesbi_stats of include/cove/sbi_cove.h has it.
 */
struct cove_info {
	__u32 tsm_state;
	__u32 tsm_impl_id;
	__u32 tsm_version;
	__u32 reserved;
	__u64 tsm_capabilities;
	__u64 tvm_state_pages;
	__u64 tvm_max_vcpus;
	__u64 tvm_vcpu_state_pages;
	__u64 pmp_entries;
	__u64 pmp_used;
	__u64 deny_runs;
	__u64 pages_host;
	__u64 pages_monitor;
	__u64 pages_converting;
	__u64 pages_unassigned;
	__u64 pages_tvm;
	__u64 tvms;
	__u64 table_bytes;
	__u64 ram_bytes;
	__u64 max_gpa_bits;
	__u64 pmp_refill;
	__u64 refills;
	__u64 windows;
	__u64 driver_chunks; /* 4 MiB chunks that the driver holds now */
	__u64 driver_spares; /* of these, chunks that no VM has */
	__u64 driver_runs;   /* contiguous groups of them */
};

/**
 * struct cove_create_vm - argument of COVE_CREATE_VM
 * @flags: COVE_VM_F_*, passed to the monitor and part of the measurement
 * @max_memory: bytes of guest memory that this VM may ever populate
 * @max_shared: bytes of it that the guest may share with the host at a time; at
 *	most max_memory. 0: its calls to share are answered NOT_SUPPORTED
 *
 * EINVAL: flags unknown, sizes not multiples of 4 KiB; ENOMEM: the host has less.
 */
struct cove_create_vm {
	__u64 flags;
	__u64 max_memory;
	__u64 max_shared;
};
#define COVE_VM_F_IMPLICIT_MMIO (1ULL << 0)

/**
 * struct cove_promote_region - memory of a VM that becomes confidential
 * @gpa, @len: 4 KiB multiples; regions do not overlap
 * @uaddr: where the caller has it; it is copied and stays the caller's
 */
struct cove_promote_region {
	__u64 gpa;
	__u64 len;
	__u64 uaddr;
};

/**
 * struct cove_promote - argument of COVE_PROMOTE_VM: a finalized confidential VM out of an
 *	ordinary one (CoVE promote_to_tvm), whose vCPUs stand still
 * @flags: 0
 * @max_shared: as in struct cove_create_vm
 * @regions: user address of @nregions (1 to 32) struct cove_promote_region
 * @nvcpus: CPUs of the device tree
 * @fdt: GPA of the device tree, 8-byte aligned: its memory and CPUs are the VM's
 * @entry: where vCPU 0 goes on; @gpr: its x0 to x31 (x0 is ignored)
 * @vsstatus, ...: its CSRs
 * @tap: 0, or GPA of a TVM attestation payload, 8-byte aligned; the VM finds zeros in its pages
 *
 * EINVAL, ENOMEM as for the other calls; EOPNOTSUPP: the monitor does not offer it;
 * E2BIG: more than 64 MiB of it are not zero; EBUSY: another confidential VM exists, and the
 * monitor, which takes memory where it finds some, would take that VM's; EADDRNOTAVAIL: what is
 * at @fdt, or nothing at @tap; EACCES: the payload is none, or not for this VM.
 */
struct cove_promote {
	__u64 flags;
	__u64 max_shared;
	__u64 regions;
	__u32 nregions;
	__u32 nvcpus;
	__u64 fdt;
	__u64 entry;
	__u64 gpr[32];
	__u64 vsstatus;
	__u64 vsie;
	__u64 vstvec;
	__u64 vsscratch;
	__u64 vsepc;
	__u64 vscause;
	__u64 vstval;
	__u64 vsip;
	__u64 vsatp;
	__u64 tap;
};

/*
 * COVE_VM_ADD_REGION: confidential memory [gpa, gpa + len), 4 KiB multiples;
 * all regions together are not larger than max_memory (E2BIG)
 */
struct cove_region {
	__u64 gpa;
	__u64 len;
};

/*
 * COVE_VM_MEASURE: copy [uaddr, uaddr + len) to gpa as measured pages, ascending.
 * gpa and len are 4 KiB multiples inside one region; a page is measured once
 * (EEXIST). After an error part of it may have been copied: give the VM up.
 */
struct cove_measure {
	__u64 uaddr;
	__u64 gpa;
	__u64 len;
};

/*
 * COVE_VM_SET_TAP: before COVE_VM_FINALIZE, once: a TVM attestation payload
 * (docs/attestation.md) of len bytes at uaddr, whose secret the guest gets if it is the
 * one that the payload is for. EINVAL: no payload; EACCES: it is not for this platform,
 * or was changed; EEXIST: there is one; EOPNOTSUPP: the firmware cannot.
 */
struct cove_tap {
	__u64 uaddr;
	__u64 len;
};

/*
 * COVE_VM_FINALIZE: boot vCPU 0 starts at entry with a1 = arg. EACCES: the VM is not the
 * one that its payload (COVE_VM_SET_TAP) is for, or it was used before; give the VM up.
 */
struct cove_finalize {
	__u64 entry;
	__u64 arg;
};

/* COVE_VM_GET_MEASUREMENT: index COVE_MSMT_* of the initial registers: 4 pages, 5 configuration */
struct cove_measurement {
	__u32 index;
	__u32 reserved;
	__u8 value[48];
};

/*
 * mmap of a VM: offset = guest physical address, MAP_SHARED, not executable
 * (EINVAL); any length. Pages that the guest shares now are there, zeroed when it
 * began; elsewhere an access gives SIGBUS, a system call EFAULT. When the guest
 * unshares them they vanish from all mappings. They are charged to the memory
 * cgroup of the thread that runs the vCPU which shares them. A mapping keeps the
 * VM, like a descriptor.
 *
 * What the guest's call (COVG share_memory_region) gets when the range is fine
 * but the host cannot share it: NOT_SUPPORTED (max_shared is 0), FAILED (more than
 * max_shared, or the host is short of memory). Nothing has changed then.
 */

/* reasons why COVE_VCPU_RUN returned 0 */
#define COVE_EXIT_INTR	       0 /* a signal is pending (the ioctl returns -EINTR) */
#define COVE_EXIT_MMIO	       1 /* emulate, fill mmio.data for a load, run again */
#define COVE_EXIT_CONSOLE      2 /* guest wrote console bytes through its SBI */
#define COVE_EXIT_SYSTEM_EVENT 3 /* SRST: the VM is over */
#define COVE_EXIT_STOPPED      4 /* this vCPU stopped itself or died; see fail.* */
#define COVE_EXIT_FAIL	       5 /* it cannot go on; see fail.*; with ENOMEM: no memory for it */
#define COVE_EXIT_CONSOLE_READ 6 /* put up to console.len bytes there, their number, run again */

/**
 * struct cove_run - the page shared by driver and VMM, one per vCPU
 * @immediate_exit: in: not zero makes COVE_VCPU_RUN return -EINTR at once
 * @exit_reason: out: COVE_EXIT_*
 * @mmio: gpa, bytes (little-endian; loads: filled by the VMM), width, direction
 * @console: bytes from the guest, or for it
 * @system_event: SRST type (0 shutdown, 1 cold reboot, 2 warm reboot) and reason
 * @fail: scause and guest physical address of the exit, SBI error of the call
 */
struct cove_run {
	__u8 immediate_exit;
	__u8 pad0[7];
	__u32 exit_reason;
	__u32 pad1;
	union {
		struct {
			__u64 gpa;
			__u8 data[8];
			__u32 len;
			__u8 is_write;
			__u8 pad[3];
		} mmio;
		struct {
			__u32 len;
			__u8 data[64];
		} console;
		struct {
			__u32 type;
			__u32 reason;
		} system_event;
		struct {
			__u64 scause;
			__u64 gpa;
			__s64 sbi_error;
		} fail;
		__u8 padding[256];
	};
};

#define COVE_IOC 0xC5

/* on /dev/cove */
#define COVE_GET_API_VERSION _IO(COVE_IOC, 0x00)
#define COVE_GET_INFO	     _IOR(COVE_IOC, 0x01, struct cove_info)
#define COVE_CREATE_VM	     _IOW(COVE_IOC, 0x02, struct cove_create_vm) /* returns the VM's fd */
#define COVE_PROMOTE_VM	     _IOW(COVE_IOC, 0x03, struct cove_promote)	 /* the same */

/* on a VM */
#define COVE_VM_ADD_REGION	_IOW(COVE_IOC, 0x10, struct cove_region)
#define COVE_VM_MEASURE		_IOW(COVE_IOC, 0x11, struct cove_measure)
#define COVE_VM_CREATE_VCPU	_IO(COVE_IOC, 0x12) /* argument: vCPU id; returns its fd */
#define COVE_VM_FINALIZE	_IOW(COVE_IOC, 0x13, struct cove_finalize)
#define COVE_VM_GET_MEASUREMENT _IOWR(COVE_IOC, 0x14, struct cove_measurement)
#define COVE_VM_SET_TAP		_IOW(COVE_IOC, 0x15, struct cove_tap)

/* on a vCPU: its fd maps struct cove_run at offset 0, COVE_RUN_SIZE bytes */
#define COVE_RUN_SIZE 4096
#define COVE_VCPU_RUN _IO(COVE_IOC, 0x20)
#define COVE_VCPU_INTERRUPT \
	_IO(COVE_IOC, 0x21) /* argument: level (0, 1) of the external interrupt */

#endif
