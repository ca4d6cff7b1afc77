/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The numbers that lib/sbi_cove takes from OpenSBI's header of this name, for
 * the native build (SBI specification, the extensions' function listings).
 */
#ifndef COVE_HOST_SBI_ECALL_INTERFACE_H
#define COVE_HOST_SBI_ECALL_INTERFACE_H

#define SBI_EXT_0_1_CONSOLE_PUTCHAR 0x1
#define SBI_EXT_0_1_SHUTDOWN	    0x8
#define SBI_EXT_BASE		    0x10
#define SBI_EXT_TIME		    0x54494D45
#define SBI_EXT_IPI		    0x735049
#define SBI_EXT_RFENCE		    0x52464E43
#define SBI_EXT_HSM		    0x48534D
#define SBI_EXT_SRST		    0x53525354
#define SBI_EXT_DBCN		    0x4442434E

#define SBI_EXT_BASE_GET_SPEC_VERSION 0
#define SBI_EXT_BASE_GET_IMP_ID	      1
#define SBI_EXT_BASE_GET_IMP_VERSION  2
#define SBI_EXT_BASE_PROBE_EXT	      3
#define SBI_EXT_BASE_GET_MVENDORID    4
#define SBI_EXT_BASE_GET_MARCHID      5
#define SBI_EXT_BASE_GET_MIMPID	      6

#define SBI_EXT_TIME_SET_TIMER 0

#define SBI_EXT_IPI_SEND_IPI 0

#define SBI_EXT_RFENCE_REMOTE_FENCE_I	       0
#define SBI_EXT_RFENCE_REMOTE_SFENCE_VMA       1
#define SBI_EXT_RFENCE_REMOTE_SFENCE_VMA_ASID  2
#define SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA_VMID 3
#define SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA      4

#define SBI_EXT_HSM_HART_START	    0
#define SBI_EXT_HSM_HART_STOP	    1
#define SBI_EXT_HSM_HART_GET_STATUS 2
#define SBI_EXT_HSM_HART_SUSPEND    3

#define SBI_HSM_STATE_STARTED	   0
#define SBI_HSM_STATE_STOPPED	   1
#define SBI_HSM_STATE_STOP_PENDING 3
#define SBI_HSM_STATE_SUSPENDED	   4

#define SBI_HSM_SUSPEND_RET_DEFAULT	0
#define SBI_HSM_SUSPEND_NON_RET_DEFAULT 0x80000000U

#define SBI_EXT_SRST_RESET	      0
#define SBI_SRST_RESET_TYPE_LAST      2
#define SBI_SRST_RESET_REASON_SYSFAIL 1

#define SBI_EXT_DBCN_CONSOLE_WRITE	0
#define SBI_EXT_DBCN_CONSOLE_READ	1
#define SBI_EXT_DBCN_CONSOLE_WRITE_BYTE 2

#endif
