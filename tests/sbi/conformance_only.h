/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The conformance tests run under any CoVE firmware: what is this monitor's
 * own does not compile in them.
 */
#ifndef CONFORMANCE_ONLY_H
#define CONFORMANCE_ONLY_H

#undef SBI_EXT_COVESBI
#undef SBI_COVESBI_GET_STATS
#undef SBI_COVESBI_GET_MEASUREMENT
#undef COVE_TVM_F_IMPLICIT_MMIO
#undef COVE_TVM_F_ALL
#undef COVE_MSMT_PAGES
#undef COVE_MSMT_CONFIG
#undef COVE_MSMT_COUNT
#undef COVE_TSM_IMPL_ID
#undef COVE_VERSION_MAJOR
#undef COVE_VERSION_MINOR
#undef COVE_MAX_VCPUS
#undef COVE_MAX_REGIONS
#undef COVE_MAX_CONVERT_PAGES
#undef COVE_MAX_SCRUB_PAGES
#undef COVE_MAX_MEASURED_PAGES

/* Whoever names one of them, or a member that only this monitor has, gets no payload. */
#pragma GCC poison SBI_EXT_COVESBI SBI_COVESBI_GET_STATS SBI_COVESBI_GET_MEASUREMENT
#pragma GCC poison COVE_TVM_F_IMPLICIT_MMIO COVE_TVM_F_ALL COVE_MSMT_PAGES COVE_MSMT_CONFIG
#pragma GCC poison COVE_MSMT_COUNT COVE_TSM_IMPL_ID COVE_VERSION_MAJOR COVE_VERSION_MINOR
#pragma GCC poison COVE_MAX_VCPUS COVE_MAX_REGIONS COVE_MAX_CONVERT_PAGES COVE_MAX_SCRUB_PAGES
#pragma GCC poison COVE_MAX_MEASURED_PAGES covesbi_stats tvm_flags

#endif
