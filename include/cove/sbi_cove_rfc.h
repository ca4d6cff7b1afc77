/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The CoVE ABI as the Linux series of 2023 calls it, where that differs from
 * sbi_cove.h: function numbers from destroy on (there was no promote_to_tvm), a
 * shorter tsm_info. COVG, NACL and all other structures are the same. A monitor
 * built with CONFIG_COVE_DIALECT_RFC speaks it.
 */
#ifndef COVE_SBI_COVE_RFC_H
#define COVE_SBI_COVE_RFC_H

#include "sbi_cove.h"

#define SBI_COVH_RFC_DESTROY_TVM	      7
#define SBI_COVH_RFC_ADD_TVM_MEMORY_REGION    8
#define SBI_COVH_RFC_ADD_TVM_PAGE_TABLE_PAGES 9
#define SBI_COVH_RFC_ADD_TVM_MEASURED_PAGES   10
#define SBI_COVH_RFC_ADD_TVM_ZERO_PAGES	      11
#define SBI_COVH_RFC_ADD_TVM_SHARED_PAGES     12
#define SBI_COVH_RFC_CREATE_TVM_VCPU	      13
#define SBI_COVH_RFC_RUN_TVM_VCPU	      14
#define SBI_COVH_RFC_TVM_FENCE		      15
#define SBI_COVH_RFC_TVM_INVALIDATE_PAGES     16
#define SBI_COVH_RFC_TVM_VALIDATE_PAGES	      17
#define SBI_COVH_RFC_TVM_REMOVE_PAGES	      20

#ifndef __ASSEMBLER__

/** struct tsm_info_rfc - result of get_tsm_info for a length of 32 to 47 */
struct tsm_info_rfc {
	unsigned int tsm_state;
	unsigned int tsm_version;
	unsigned long tvm_state_pages;
	unsigned long tvm_max_vcpus;
	unsigned long tvm_vcpu_state_pages;
};

COVE_ASSERT_OFFSET(tsm_info_rfc, tsm_version, 4);
COVE_ASSERT_OFFSET(tsm_info_rfc, tvm_state_pages, 8);
COVE_ASSERT_OFFSET(tsm_info_rfc, tvm_max_vcpus, 16);
COVE_ASSERT_OFFSET(tsm_info_rfc, tvm_vcpu_state_pages, 24);
COVE_STATIC_ASSERT(sizeof(struct tsm_info_rfc) == 32, "tsm_info_rfc");

#endif
#endif
