/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What harts have beyond RV64IMAC with H and PMP, as far as a TVM meets it.
 */
#ifndef COVE_HART_FEATURES_H
#define COVE_HART_FEATURES_H

#include <cove_arch.h>

/**
 * struct cove_hart_features - optional state that the world switch handles
 * @vsiselect: indirect CSRs: of AIA or Sscsrind
 * @ctr: control transfer records, which vsctrctl turns on
 * @jvt: the table jump CSR of Zcmt, which Smstateen does not hide
 * @scontext: the CSR that triggers compare, which Smstateen does not hide
 * @htinst: it can be written
 * @cbom_block: bytes that cbo.flush works on, 0 without Zicbom
 * @cboz_block: bytes that cbo.zero clears, 0 without Zicboz
 * @delegable: exceptions of a TVM that hedeleg takes
 * @vlenb: bytes of a vector register, 0 without V
 * @gstage_mode: widest G-stage mode, as in hgatp
 * @vmid_mask: VMID bits that hgatp has
 * @kick_event: IPI event that only makes a hart trap
 */
struct cove_hart_features {
	bool sstc;
	bool smstateen;
	bool envcfg;
	bool aia;
	bool fp;
	bool v;
	bool vsiselect;
	bool ctr;
	bool jvt;
	bool scontext;
	bool htinst;
	u32 cbom_block;
	u32 cboz_block;
	u32 vlenb;
	unsigned long delegable;
	unsigned long gstage_mode;
	unsigned long vmid_mask;
	u32 kick_event;
};

unsigned long cove_world_delegable(void);
void cove_world_init(const struct cove_hart_features *features);

#endif
