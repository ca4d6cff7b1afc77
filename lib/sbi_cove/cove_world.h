/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * State that changes hands in a world switch. The offsets are for assembly.
 */
#ifndef COVE_WORLD_H
#define COVE_WORLD_H

#define COVE_VCPU_GPR(n)       (8 * (n))
#define COVE_VCPU_PC	       256
#define COVE_VCPU_MSTATUS      264
#define COVE_VCPU_CAUSE	       272
#define COVE_VCPU_TVAL	       280
#define COVE_VCPU_TVAL2	       288
#define COVE_VCPU_TINST	       296
#define COVE_VCPU_HOST_SP      304
#define COVE_VCPU_HOST_SCRATCH 312
#define COVE_VCPU_HOST_MTVEC   320
#define COVE_VCPU_HOST_RA      328

#define COVE_CAUSE_GUEST_ECALL 10
#define COVE_EXIT_TRAP	       3 /* EXIT_TRAP of enum exit_action */

#define COVE_FP_FCSR  256
#define COVE_V_VSTART 0
#define COVE_V_VCSR   8
#define COVE_V_VL     16
#define COVE_V_VTYPE  24
#define COVE_V_REGS   32

#define CSR_VSTIMECMP 0x24d

#define COVE_MAX_TRIGGERS 32 /* of a hart, as OpenSBI */

#ifndef __ASSEMBLER__

#include <cove_arch.h>

/** struct cove_trap - why a TVM left; values of the M-mode trap CSRs */
struct cove_trap {
	unsigned long cause;
	unsigned long tval;
	unsigned long tval2;
	unsigned long tinst;
};

/** struct cove_csrs - CSRs of the hypervisor and VS that both worlds use */
struct cove_csrs {
	unsigned long hstatus;
	unsigned long hedeleg;
	unsigned long hideleg;
	unsigned long hvip;
	unsigned long hie;
	unsigned long hcounteren;
	unsigned long henvcfg;
	unsigned long htimedelta;
	unsigned long hgatp;
	unsigned long htval;
	unsigned long htinst;
	unsigned long vsstatus;
	unsigned long vsie;
	unsigned long vstvec;
	unsigned long vsscratch;
	unsigned long vsepc;
	unsigned long vscause;
	unsigned long vstval;
	unsigned long vsatp;
	unsigned long vstimecmp;
	unsigned long scounteren;
	unsigned long senvcfg;
	unsigned long hstateen0;
	unsigned long sstateen0;
	unsigned long hvien;
	unsigned long hvictl;
	unsigned long hviprio1;
	unsigned long hviprio2;
	unsigned long vsiselect;
	unsigned long vsctrctl;
	unsigned long jvt;
	unsigned long scontext;
};

/** struct cove_fp - F registers and fcsr */
struct cove_fp {
	u64 f[32];
	u64 fcsr;
};

/** struct cove_v - vector state; 32 * VLENB bytes of registers follow */
struct cove_v {
	unsigned long vstart;
	unsigned long vcsr;
	unsigned long vl;
	unsigned long vtype;
	u8 regs[];
};

/**
 * struct cove_host_state - the host's state while a TVM runs
 * Read at entry, because FWFT changes medeleg and menvcfg at run time.
 * @tdata1: of the triggers that are parked
 */
struct cove_host_state {
	unsigned long medeleg;
	unsigned long mideleg;
	unsigned long mstatus;
	unsigned long sepc;
	struct cove_csrs csr;
	struct cove_fp fp;
	struct cove_v *v;
	unsigned long tdata1[COVE_MAX_TRIGGERS];
};

/** struct cove_mmio - a decoded load or store */
struct cove_mmio {
	u8 len; /* bytes accessed */
	u8 reg; /* rd or rs2 */
	bool store;
	bool sign; /* load that extends the sign */
	u8 insn_len;
	u8 base;    /* rs1 */
	s16 offset; /* added to rs1 */
};

#define LIVE_FP	  1
#define LIVE_V	  2
#define LIVE_RARE 4 /* and what few harts have: the way out of the TVM is the long one */

/** enum exit_action - what comes of a trap of a TVM */
enum exit_action {
	EXIT_RESUME, /* back into the TVM, no world switch */
	EXIT_HOST,   /* to the host; the vCPU may be resumed */
	EXIT_STOP,   /* to the host; the vCPU cannot be resumed */
	EXIT_TRAP,   /* not decided yet */
};

enum vcpu_state { VCPU_STOPPED, VCPU_STARTED, VCPU_DEAD };

enum vcpu_pending {
	PENDING_NONE,
	PENDING_ECALL,	       /* host's a0 and a1 are the guest's result */
	PENDING_PUTCHAR,       /* only a0 */
	PENDING_CONSOLE_WRITE, /* a0; one byte of a write is out */
	PENDING_CONSOLE_READ,  /* a0, a1: bytes in the NACL memory */
	PENDING_LOAD,
	PENDING_STORE,
	PENDING_SHARE, /* a0 decides on [share_gpa, +share_len) */
	PENDING_UNSHARE,
};

/**
 * struct cove_vcpu - a vCPU; lives in pages that the host donated
 * The first members have fixed offsets for cove_world_switch.S.
 * @running: hart index + 1 while it runs, 0 otherwise. Begins under the TVM's lock; ends,
 *	and is read, without. Who sees 0 sees all that the run has written
 * @nacl: PA of the NACL memory of the hart that runs it, which is pinned
 * @vrun: TVM fence version at the last entry
 * @ipi: a virtual software interrupt waits for it (any hart sets it)
 * @share_gpa, @share_len: what it wants to share or unshare; guarded by the
 *	TVM's lock, as are @share_open: a share waits for the host, and
 *	@share_lost: pages of that range have been removed
 * @live: LIVE_*: its registers are in the hart
 * @wfi: the last exit said that the vCPU waits
 * @spins: WRS.NTO in this run
 * @suspended: HSM hart_suspend: it goes on when an interrupt comes; @lose_state:
 *	and without its address translation
 * @exit_scause, @exit_stval: for the host's CSRs
 */
struct cove_vcpu {
	unsigned long gpr[32];
	unsigned long pc;
	unsigned long mstatus;
	struct cove_trap trap;
	unsigned long host_sp;
	unsigned long host_scratch;
	unsigned long host_mtvec;
	unsigned long host_ra;

	unsigned int id;
	enum vcpu_state state;
	unsigned int running;
	u64 vrun;
	unsigned int ipi;
	enum vcpu_pending pending;
	struct cove_mmio mmio;
	u64 share_gpa;
	u64 share_len;
	bool share_open;
	bool share_lost;
	u8 live;
	bool wfi;
	unsigned int spins;
	bool suspended;
	bool lose_state;
	unsigned long exit_scause;
	unsigned long exit_stval;
	struct tvm *tvm;
	u64 nacl;
	u64 state_pa;
	struct cove_csrs csr;
	struct cove_fp fp;
	struct cove_v v;
};

#define COVE_ASSERT_VCPU(member, offset) \
	_Static_assert(__builtin_offsetof(struct cove_vcpu, member) == (offset), #member)
COVE_ASSERT_VCPU(gpr, 0);
COVE_ASSERT_VCPU(pc, COVE_VCPU_PC);
COVE_ASSERT_VCPU(mstatus, COVE_VCPU_MSTATUS);
COVE_ASSERT_VCPU(trap.cause, COVE_VCPU_CAUSE);
COVE_ASSERT_VCPU(trap.tval, COVE_VCPU_TVAL);
COVE_ASSERT_VCPU(trap.tval2, COVE_VCPU_TVAL2);
COVE_ASSERT_VCPU(trap.tinst, COVE_VCPU_TINST);
COVE_ASSERT_VCPU(host_sp, COVE_VCPU_HOST_SP);
COVE_ASSERT_VCPU(host_scratch, COVE_VCPU_HOST_SCRATCH);
COVE_ASSERT_VCPU(host_mtvec, COVE_VCPU_HOST_MTVEC);
COVE_ASSERT_VCPU(host_ra, COVE_VCPU_HOST_RA);
_Static_assert(EXIT_RESUME == 0 && EXIT_TRAP == COVE_EXIT_TRAP, "cove_world_switch.S compares");
_Static_assert(__builtin_offsetof(struct cove_fp, fcsr) == COVE_FP_FCSR, "fcsr");
_Static_assert(__builtin_offsetof(struct cove_v, vcsr) == COVE_V_VCSR, "vcsr");
_Static_assert(__builtin_offsetof(struct cove_v, vl) == COVE_V_VL, "vl");
_Static_assert(__builtin_offsetof(struct cove_v, vtype) == COVE_V_VTYPE, "vtype");
_Static_assert(__builtin_offsetof(struct cove_v, regs) == COVE_V_REGS, "vregs");

/* cove_world.c, cove_world_switch.S, and their simulated twin; cove_world_run.h has the rest */
struct tvm;
struct cove_hart;
struct pmp_config;
struct cove_walk_env;
struct cove_window_csrs;
void cove_world_enter(struct cove_hart *hart, struct tvm *tvm, struct cove_vcpu *vcpu);
u32 cove_world_armed_triggers(unsigned int n);
void cove_world_leave(struct cove_hart *hart, struct cove_vcpu *vcpu);
bool cove_world_lazy_state(struct cove_vcpu *vcpu);
void cove_world_interrupt(unsigned long cause);
bool cove_world_guest_interrupt_pending(void);
void cove_world_inject(unsigned long epc, unsigned long cause, unsigned long tval, bool from_s);
unsigned long cove_world_vector(void);
unsigned long cove_world_machine_id(unsigned int csr);
bool cove_world_fetch(struct cove_vcpu *vcpu, unsigned long *insn);
void cove_world_set_timer(struct cove_vcpu *vcpu, unsigned long when);
bool cove_world_remote_fence(unsigned long hartids, unsigned long base, unsigned int type,
			     unsigned long start, unsigned long size, unsigned long asid,
			     unsigned long vmid);
void cove_world_flush_host(void);
void cove_world_fence_host(void);
void cove_world_fence_guest(u64 gpa);
bool cove_world_interrupted(void);
/* Remote fence types of the TLB layer (sbi_tlb.h) */
#define FENCE_I		 0
#define HFENCE_VVMA_ASID 5
#define HFENCE_VVMA	 6

void cove_world_fence_self(unsigned int type, unsigned long asid);
void cove_world_ipi(unsigned int hart_index);
unsigned long cove_world_hartid(unsigned int hart_index);
unsigned long cove_world_time(void);
bool cove_world_write_pmp(const struct pmp_config *old, const struct pmp_config *new,
			  unsigned int entries);
void cove_world_write_pmp_entry(const struct pmp_config *config, unsigned int index);
void cove_world_gate(const struct cove_hart *hart, bool open);
void cove_world_window_enter(const struct cove_window_csrs *window, struct cove_window_csrs *host);
void cove_world_window_leave(const struct cove_window_csrs *host);
enum cove_world_atp { WORLD_SATP, WORLD_HGATP };
unsigned long cove_world_read_atp(enum cove_world_atp which);
void cove_world_write_atp(enum cove_world_atp which, unsigned long value);
void cove_world_take_guest_faults(bool take);
bool cove_world_htinst_can_be(unsigned long tinst);
void cove_world_halt(void) __attribute__((noreturn));
void cove_world_host_env(struct cove_walk_env *env, unsigned long mstatus, bool gva);
bool cove_world_has_sstc(void);

#endif /* __ASSEMBLER__ */
#endif
