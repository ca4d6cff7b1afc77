/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Names of defences. A test that attacks is worth something only if it fails
 * when the defence is gone; so each of them can be removed by its name, in a
 * build for that purpose (make weakened, COVE_TEST_WEAKEN). In the product
 * COVE_DEFENCE() is the constant true.
 *
 * tests/sbi/bite.list says which test notices; docs/assurance.md explains.
 */
#ifndef COVE_DEFENCE_H
#define COVE_DEFENCE_H

#include <cove_arch.h>

#ifndef COVE_TEST_WEAKEN

/** COVE_DEFENCE() - is the defence of this name in force? */
#define COVE_DEFENCE(name) true

static inline void cove_defence_init(void)
{
}

#else

#define COVE_DEFENCES(X)            \
	X(ACCESS_OWNER)             \
	X(ADDRESS_ENTRY)            \
	X(ADDRESS_RANGE)            \
	X(ASSIGN_FENCED)            \
	X(ASSIGN_OWNER)             \
	X(ATTEST_MAPPED)            \
	X(ATTEST_REGION)            \
	X(CLEAR_PAGE_TABLES)        \
	X(CLEAR_ROOT)               \
	X(CLEAR_TVM_STATE)          \
	X(CLEAR_VCPU)               \
	X(CLEAR_ZERO_PAGES)         \
	X(CLOCK_ONCE)               \
	X(CONSOLE_LIMIT)            \
	X(CONSOLE_MAPPED)           \
	X(CONSOLE_READ_LIMIT)       \
	X(CONSOLE_REGION)           \
	X(CONVERT_COUNT)            \
	X(CONVERT_OWNER)            \
	X(COUNTERS_STOP)            \
	X(CREATE_PARAMS)            \
	X(DBTR_COPY)                \
	X(DBTR_COUNT)               \
	X(DBTR_STOP)                \
	X(DBTR_TRIGGERS)            \
	X(DENY_AT_ONCE)             \
	X(DESTROY_STOPPED)          \
	X(ERASE_AFTER_RESET)        \
	X(EVIDENCE_BUSY)            \
	X(EVIDENCE_DROPPED)         \
	X(EXTEND_RUNTIME)           \
	X(FAULT_HIDES_OFFSET)       \
	X(FENCE_ALL_HARTS)          \
	X(FILL_FIRST)               \
	X(FINALIZE_ONCE)            \
	X(FINALIZE_SAME_CALL)       \
	X(FORWARD_ARGUMENTS)        \
	X(GATE_CLOSES)              \
	X(GID_GENERATION)           \
	X(GLOBAL_FENCE_WAITS)       \
	X(GPA_LIMIT)                \
	X(GUEST_START_ADDRESS)      \
	X(GUEST_START_STOPPED)      \
	X(HCOUNTEREN)               \
	X(HOST_ERROR)               \
	X(HOST_TIMER_INTERRUPT)     \
	X(HSTATUS)                  \
	X(IDENTITY)                 \
	X(INTERRUPT_ALLOWED)        \
	X(IPI_MASK)                 \
	X(JOB_DROPPED)              \
	X(JOB_GUARD)                \
	X(JOB_ROOM)                 \
	X(JOIN_CONTIGUOUS)          \
	X(JUMPS_UNRECORDED)         \
	X(KEEP_ELP)                 \
	X(KEEP_FP)                  \
	X(KEEP_V)                   \
	X(LARGE_ALIGNED)            \
	X(LAZY_OFF)                 \
	X(LEAVE_FP)                 \
	X(LEAVE_V)                  \
	X(MEASURED_BEFORE_FINALIZE) \
	X(MEASURED_SOURCE)          \
	X(MEASUREMENT_BUFFER)       \
	X(MEASURE_COPY)             \
	X(MEDELEG)                  \
	X(MIDELEG)                  \
	X(MMIO_ALIGNED)             \
	X(MMIO_LOAD_WIDTH)          \
	X(MMIO_STORE_WIDTH)         \
	X(MMIO_WHOLE)               \
	X(MONITOR_PAGES)            \
	X(NACL_ALIGNED)             \
	X(OUTPUT_BUFFER)            \
	X(PIN)                      \
	X(PIN_ADDRESS)              \
	X(PLACE_CONFIDENTIAL)       \
	X(PLACE_EMPTY)              \
	X(PLACE_SHARED)             \
	X(PMP_AT_CONVERT)           \
	X(PMP_AT_FENCE)             \
	X(PMP_AT_START)             \
	X(PMU_COUNTERS)             \
	X(PROMOTE_BYTES_LAST)       \
	X(PROMOTE_FDT)              \
	X(PROMOTE_HIDDEN)           \
	X(PROMOTE_SAME_CALL)        \
	X(PROMOTE_SAME_FDT)         \
	X(PROMOTE_SOURCE)           \
	X(PROMOTE_SOURCE_LAST)      \
	X(RECLAIM_OWNER)            \
	X(REFILL_OWNER)             \
	X(REFRESH_AT_FAULT)         \
	X(REGIONS_DISJOINT)         \
	X(REGION_BEFORE_FINALIZE)   \
	X(REMOVE_ASKED)             \
	X(REMOVE_BLOCKED)           \
	X(REMOVE_FENCED)            \
	X(REMOVE_WAITS)             \
	X(RESET_ENDS_ALL)           \
	X(RESET_STOPS)              \
	X(RFENCE_MASK)              \
	X(RFENCE_REACHES)           \
	X(ROOT_ALIGNED)             \
	X(RUN_FINALIZED)            \
	X(RUN_NACL)                 \
	X(RUN_ONCE)                 \
	X(RUN_STARTED)              \
	X(RUN_WINDOW)               \
	X(SCRUB_RECLAIMED)          \
	X(SHARED_NO_EXECUTE)        \
	X(SHARED_PIN)               \
	X(SHARE_EMPTY)              \
	X(SHARE_NOT_REFUSED_LATE)   \
	X(SHARE_REGION)             \
	X(SKIP_STOPPED)             \
	X(SPLIT_LARGE)              \
	X(SSE_COPY)                 \
	X(SSE_LONG_WAY)             \
	X(START_COUNTS)             \
	X(STATEEN_HIDDEN)           \
	X(STATIC_REGIONS)           \
	X(STOP_FORGETS_PINS)        \
	X(STOP_PROMPT)              \
	X(STOP_UNCOUNTS)            \
	X(STOP_WAITS)               \
	X(STRAY_ACCESS)             \
	X(SUSPEND_ADDRESS)          \
	X(SUSPEND_WAITS)            \
	X(TABLES_RESERVED)          \
	X(TABLE_FENCED)             \
	X(TABLE_RAM)                \
	X(TAP_BEFORE_FINALIZE)      \
	X(TAP_DEBUG)                \
	X(TAP_MEASURED)             \
	X(TAP_ONCE)                 \
	X(TAP_SOURCE)               \
	X(TRIGGERS_PARKED)          \
	X(TVM_FENCE_WAITS)          \
	X(TVM_FLAGS)                \
	X(VCPUS_IN_ORDER)           \
	X(VCPU_BEFORE_FINALIZE)     \
	X(VCPU_ONCE)                \
	X(VECTOR_EMULATION)         \
	X(VECTOR_RETURNED)          \
	X(WALK_OWNER)               \
	X(WINDOW_BARRIER)           \
	X(WINDOW_FENCES)            \
	X(WINDOW_FORGETS)           \
	X(WINDOW_LEAF)              \
	X(WINDOW_OWNER)             \
	X(WINDOW_PARTS)             \
	X(WINDOW_TVM)               \
	X(ZERO_AFTER_FINALIZE)

#define COVE_DEFENCE_ENUM(name) COVE_DEFENCE_##name,
enum cove_defence { COVE_DEFENCES(COVE_DEFENCE_ENUM) COVE_DEFENCE_COUNT };

extern bool cove_without[COVE_DEFENCE_COUNT];
#define COVE_DEFENCE(name)	(!cove_without[COVE_DEFENCE_##name])

/** cove_defence_init() - remove what the boot arguments name: cove.without=NAME[,NAME...] */
void cove_defence_init(void);

#endif
#endif
