/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The CoVE ABI (confidential VM extension, revision 0.7): extension and
 * function identifiers, structures with asserted offsets and the layout of the
 * NACL shared memory. For C, C++ and assembly; RV64 only, as the ABI is. Linux
 * has some of these names as enumerators: include <asm/sbi.h> first.
 */
#ifndef COVE_SBI_COVE_H
#define COVE_SBI_COVE_H

#define SBI_EXT_SUPD 0x53555044
#define SBI_EXT_COVH 0x434F5648
#define SBI_EXT_COVI 0x434F5649
#define SBI_EXT_COVG 0x434F5647
#define SBI_EXT_NACL 0x4E41434C

/* Firmware-specific extension space (0x0A000000 | SBI implementation ID 1). */
#define SBI_EXT_COVESBI 0x0A000001

/* a6: function ID, reserved bits and supervisor domain ID */
#define COVE_FID_MASK	   0xffffUL
#define COVE_FID_RSVD_MASK 0x3ff0000UL
#define COVE_SDID_SHIFT	   26
#define COVE_SDID_MASK	   0x3fUL

/* COVH functions (host to monitor) */
#define SBI_COVH_GET_TSM_INFO		  0
#define SBI_COVH_CONVERT_PAGES		  1
#define SBI_COVH_RECLAIM_PAGES		  2
#define SBI_COVH_GLOBAL_FENCE		  3
#define SBI_COVH_LOCAL_FENCE		  4
#define SBI_COVH_CREATE_TVM		  5
#define SBI_COVH_FINALIZE_TVM		  6
#define SBI_COVH_PROMOTE_TO_TVM		  7
#define SBI_COVH_DESTROY_TVM		  8
#define SBI_COVH_ADD_TVM_MEMORY_REGION	  9
#define SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES 10
#define SBI_COVH_ADD_TVM_MEASURED_PAGES	  11
#define SBI_COVH_ADD_TVM_ZERO_PAGES	  12
#define SBI_COVH_ADD_TVM_SHARED_PAGES	  13
#define SBI_COVH_CREATE_TVM_VCPU	  14
#define SBI_COVH_RUN_TVM_VCPU		  15
#define SBI_COVH_TVM_FENCE		  16
#define SBI_COVH_TVM_INVALIDATE_PAGES	  17
#define SBI_COVH_TVM_VALIDATE_PAGES	  18
#define SBI_COVH_TVM_REMOVE_PAGES	  19

/* COVG functions (TVM to monitor) */
#define SBI_COVG_ADD_MMIO_REGION	  0
#define SBI_COVG_REMOVE_MMIO_REGION	  1
#define SBI_COVG_SHARE_MEMORY_REGION	  2
#define SBI_COVG_UNSHARE_MEMORY_REGION	  3
#define SBI_COVG_ALLOW_EXTERNAL_INTERRUPT 4
#define SBI_COVG_DENY_EXTERNAL_INTERRUPT  5
#define SBI_COVG_GET_ATTCAPS		  6
#define SBI_COVG_EXTEND_MEASUREMENT	  7
#define SBI_COVG_GET_EVIDENCE		  8
#define SBI_COVG_RETRIEVE_SECRET	  9
#define SBI_COVG_READ_MEASUREMENT	  10

/* NACL functions */
#define SBI_NACL_PROBE_FEATURE 0
#define SBI_NACL_SET_SHMEM     1
#define SBI_NACL_SYNC_CSR      2
#define SBI_NACL_SYNC_HFENCE   3
#define SBI_NACL_SYNC_SRET     4

/* SUPD functions */
#define SBI_SUPD_GET_ACTIVE_DOMAINS 0

/*
 * CoveSBI functions for the host (firmware-specific extension):
 * get_stats(pa, len): struct covesbi_stats; value = bytes written
 * get_measurement(gid, index, pa, len): an initial register of a finalized TVM;
 * its value is no secret (anybody can compute it); value = bytes written
 * promote_page(gid, gpa, type): 512 leaves of a TVM's memory become one of @type
 * demote_page(gid, gpa, type): a leaf becomes smaller ones, the one at gpa of @type
 * set_tap(gid, pa, len): the attestation payload of a TVM that is not finalized (cove/tap.h)
 */
#define SBI_COVESBI_GET_STATS	    0
#define SBI_COVESBI_GET_MEASUREMENT 1
#define SBI_COVESBI_PROMOTE_PAGE    2
#define SBI_COVESBI_DEMOTE_PAGE	    3
#define SBI_COVESBI_SET_TAP	    4

/* tsm_page_type */
#define COVE_PAGE_4K   0
#define COVE_PAGE_2M   1
#define COVE_PAGE_1G   2
#define COVE_PAGE_512G 3

/* tsm_state */
#define TSM_NOT_LOADED 0
#define TSM_LOADED     1
#define TSM_READY      2

/* tsm_capabilities */
#define TSM_CAP_PROMOTE_TVM	   (1UL << 0)
#define TSM_CAP_ATTESTATION_LOCAL  (1UL << 1)
#define TSM_CAP_ATTESTATION_REMOTE (1UL << 2)
#define TSM_CAP_AIA		   (1UL << 3)
#define TSM_CAP_MRIF		   (1UL << 4)
#define TSM_CAP_MEMORY_ALLOCATION  (1UL << 5)

/* tvm_create_params: what the specification has of it, and our flags behind it */
#define TVM_CREATE_PARAMS_MIN_LEN 16
#define COVE_TVM_F_IMPLICIT_MMIO \
	(1UL << 0) /* GPAs outside regions are MMIO, external interrupts allowed */
#define COVE_TVM_F_ALL COVE_TVM_F_IMPLICIT_MMIO

#define COVE_HASH_LEN	     48
#define COVE_CHALLENGE_LEN   64
#define COVE_MAX_ATTEST_KEY  256  /* get_evidence: bytes of a COSE_Key */
#define COVE_MAX_CERTIFICATE 8192 /* ... no evidence is longer, in either format */
#define COVE_MAX_SECRET	     2048
/* Measurement registers: docs/measurement.md */
#define COVE_MSMT_FIRMWARE    0 /* of the platform, the same for all TVMs */
#define COVE_MSMT_PLATFORM    1
#define COVE_MSMT_TSM	      2
#define COVE_MSMT_TSM_CONFIG  3
#define COVE_MSMT_PAGES	      4 /* measured pages */
#define COVE_MSMT_CONFIG      5 /* entry, regions, vCPUs, flags */
#define COVE_MSMT_INITIAL     6 /* as many are fixed when the TVM starts */
#define COVE_MSMT_RUNTIME     6 /* the first that the guest extends */
#define COVE_MSMT_RUNTIME_NUM 4
#define COVE_MSMT_COUNT	      10

#define COVE_TSM_IMPL_ID   3
#define COVE_VERSION_MAJOR 0
#define COVE_VERSION_MINOR 1

#define COVE_PAGE_DIRECTORY_SIZE 0x4000UL
#define COVE_IDENTITY_LEN	 64
#define COVE_MAX_VCPUS		 64
#define COVE_MAX_REGIONS	 32

/* Most pages that one call takes; it bounds the time that M-mode is deaf. */
#define COVE_MAX_CONVERT_PAGES	16384UL
#define COVE_MAX_SCRUB_PAGES	1024UL /* reclaim, add zero, add page-table pages */
#define COVE_MAX_MEASURED_PAGES 64UL
/*
 * Of large pages that a call adds, and of a range that one invalidates, in 4 KiB
 * pages (1 GiB). Long calls are interruptible: the hart repeats the ecall.
 */
#define COVE_MAX_LARGE_PAGES   262144UL
#define COVE_MAX_PROMOTE_SCAN  1048576UL /* promote_to_tvm: the VM's memory */
#define COVE_MAX_PROMOTE_PAGES 16384UL	 /* ... and what of it is not zero */

#define NACL_SHMEM_SIZE	 0x3000UL
#define NACL_SHMEM_ALIGN 0x1000UL
/* Console input: the host's answer to a forwarded DBCN console_read */
#define NACL_CONSOLE_OFFSET  0x100UL
#define NACL_CONSOLE_LEN     0x700UL
#define NACL_GPR_OFFSET(n)   (8 * (n))
#define NACL_CSR_OFFSET(csr) (0x1000 + 8 * ((((csr)&0xc00) >> 2) | ((csr)&0xff)))

#define COVE_EXIT_CAUSE_RUN_FAILED 48

/* CoVE names these errors without a number. */
#define COVE_ERR_AUTH (-4)
#define COVE_ERR_BUSY (-7)

/* AttestationCapabilities: hash algorithms, certificate formats, registers */
#define COVE_HASH_SHA384   0
#define COVE_HASH_SHA512   1
#define COVE_HASH_SHA3_384 2
#define COVE_HASH_SHA3_512 3
#define COVE_CERT_CBOR	   (1UL << 0)
#define COVE_CERT_X509	   (1UL << 1)
/* Not of the specification: the same two, signed with Ed25519 instead of ECDSA on P-384 */
#define COVE_CERT_CBOR_ED25519 (1UL << 16)
#define COVE_CERT_X509_ED25519 (1UL << 17)
#define COVE_MSMT_TYPE_INITIAL 0
#define COVE_MSMT_TYPE_RUNTIME 1
#define COVE_MSMT_NO_PCR       0xff
#define COVE_ATTCAPS_REGISTERS 26

#ifndef __ASSEMBLER__

#ifdef __cplusplus
#define COVE_STATIC_ASSERT static_assert
#else
#define COVE_STATIC_ASSERT _Static_assert
#endif

/**
 * struct tsm_info - result of COVH get_tsm_info (CoVE 0.7, tsm_info)
 */
struct tsm_info {
	unsigned int tsm_state;
	unsigned int tsm_impl_id;
	unsigned int tsm_version; /* major << 16 | minor */
	unsigned int reserved;
	unsigned long tsm_capabilities;
	unsigned long tvm_state_pages;
	unsigned long tvm_max_vcpus;
	unsigned long tvm_vcpu_state_pages;
};

/**
 * struct tvm_create_params - argument of COVH create_tvm
 * @tvm_page_directory_addr: PA of the G-stage root: 16 KiB, 16 KiB-aligned,
 *	confidential and unassigned
 * @tvm_state_addr: PA of tvm_state_pages contiguous confidential pages
 * @tvm_flags: COVE_TVM_F_*; read when the length given is at least 24, else 0
 */
struct tvm_create_params {
	unsigned long tvm_page_directory_addr;
	unsigned long tvm_state_addr;
	unsigned long tvm_flags;
};

/**
 * struct covesbi_stats - state of the monitor that the host may know
 * @pmp_entries: PMP entries of the hart that asks
 * @pmp_used: entries in use when the host runs
 * @deny_runs: contiguous ranges that the host cannot access (converted memory)
 * @pages: 4 KiB pages by owner: host, monitor and firmware, being converted,
 *	confidential unassigned, assigned to TVMs
 * @tvms: live TVMs
 * @table_bytes: memory of the PMP table
 * @ram_bytes: RAM that the table covers
 * @max_gpa_bits: width of a TVM's guest physical addresses
 * @pmp_refill: 1 when the hart that asks refills PMP entries on faults, 0 when
 *	its entries describe the table exactly
 * @refills: PMP entries that faults have filled, all harts, since boot
 * @windows: times that an instruction needed more than the PMP entries, all harts
 */
struct covesbi_stats {
	unsigned long pmp_entries;
	unsigned long pmp_used;
	unsigned long deny_runs;
	unsigned long pages_host;
	unsigned long pages_monitor;
	unsigned long pages_converting;
	unsigned long pages_unassigned;
	unsigned long pages_tvm;
	unsigned long tvms;
	unsigned long table_bytes;
	unsigned long ram_bytes;
	unsigned long max_gpa_bits;
	unsigned long pmp_refill;
	unsigned long refills;
	unsigned long windows;
};

/**
 * struct measurement_register_descriptor - of attestation_capabilities (CoVE,
 *	MeasurementRegisterDescriptor)
 * @type: COVE_MSMT_TYPE_*
 * @tcg_pcr_index: 0 to 16 or 23, or COVE_MSMT_NO_PCR
 */
struct measurement_register_descriptor {
	unsigned int hash_algorithm;
	unsigned int type;
	unsigned char tcg_pcr_index;
	unsigned char reserved[3];
};

/**
 * struct attestation_capabilities - result of COVG get_attcaps (CoVE,
 *	AttestationCapabilities)
 * @tcb_svn: security version of the monitor
 * @hash_algorithm: COVE_HASH_*
 * @certificate_formats: COVE_CERT_*, those that get_evidence knows
 * @initial_measurements, @runtime_measurements: registers of each kind
 * @msmt_regs: as many are described; a register's place here is its index
 */
struct attestation_capabilities {
	unsigned long tcb_svn;
	unsigned int hash_algorithm;
	unsigned int certificate_formats;
	unsigned char initial_measurements;
	unsigned char runtime_measurements;
	unsigned char reserved[2];
	struct measurement_register_descriptor msmt_regs[COVE_ATTCAPS_REGISTERS];
	unsigned int reserved2;
};

#define COVE_ASSERT_OFFSET(type, member, offset) \
	COVE_STATIC_ASSERT(__builtin_offsetof(struct type, member) == (offset), #type "." #member)

COVE_ASSERT_OFFSET(tsm_info, tsm_impl_id, 4);
COVE_ASSERT_OFFSET(tsm_info, tsm_version, 8);
COVE_ASSERT_OFFSET(tsm_info, tsm_capabilities, 16);
COVE_ASSERT_OFFSET(tsm_info, tvm_state_pages, 24);
COVE_ASSERT_OFFSET(tsm_info, tvm_max_vcpus, 32);
COVE_ASSERT_OFFSET(tsm_info, tvm_vcpu_state_pages, 40);
COVE_STATIC_ASSERT(sizeof(struct tsm_info) == 48, "tsm_info");
COVE_ASSERT_OFFSET(tvm_create_params, tvm_state_addr, 8);
COVE_ASSERT_OFFSET(tvm_create_params, tvm_flags, 16);
COVE_STATIC_ASSERT(sizeof(struct tvm_create_params) == 24, "tvm_create_params");
COVE_STATIC_ASSERT(sizeof(struct covesbi_stats) == 120, "covesbi_stats");
COVE_ASSERT_OFFSET(measurement_register_descriptor, type, 4);
COVE_ASSERT_OFFSET(measurement_register_descriptor, tcg_pcr_index, 8);
COVE_STATIC_ASSERT(sizeof(struct measurement_register_descriptor) == 12, "msmt_regs");
COVE_ASSERT_OFFSET(attestation_capabilities, hash_algorithm, 8);
COVE_ASSERT_OFFSET(attestation_capabilities, certificate_formats, 12);
COVE_ASSERT_OFFSET(attestation_capabilities, initial_measurements, 16);
COVE_ASSERT_OFFSET(attestation_capabilities, runtime_measurements, 17);
COVE_ASSERT_OFFSET(attestation_capabilities, msmt_regs, 20);
COVE_STATIC_ASSERT(sizeof(struct attestation_capabilities) == 336, "attestation_capabilities");

#endif /* __ASSEMBLER__ */
#endif
