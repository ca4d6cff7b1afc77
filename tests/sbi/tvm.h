/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Building and running TVMs.
 */
#ifndef TVM_H
#define TVM_H

#include "guest/guest_abi.h"
#include "host.h"

#define CAUSE_IRQ    (1UL << 63)
#define IRQ_S_SOFT   1
#define IRQ_S_TIMER  5
#define CAUSE_VECALL 10
#define CAUSE_GFETCH 20
#define CAUSE_GLOAD  21
#define CAUSE_VIRT   22
#define CAUSE_GSTORE 23

/* How a guest gets its devices: the monitor's own way, or the specification's alone */
#ifdef COVE_CONFORMANCE
#define GUEST_FLAGS 0
#define GUEST_MMIO  G_ADD_MMIO
#define PARAMS_LEN  16
#else
#define GUEST_FLAGS COVE_TVM_F_IMPLICIT_MMIO
#define GUEST_MMIO  0
#define PARAMS_LEN  24
#endif

#define TVM_CHUNK     128 /* confidential pages of a TVM, in one piece */
#define TVM_MAX_VCPUS 4
#define DEV_LOG	      64

/** struct texit - what the host learns of one run */
struct texit {
	long error;
	unsigned long value;
	unsigned long scause;
	unsigned long stval;
	unsigned long htval;
	unsigned long htinst;
	unsigned long gpa;
	unsigned long a[8];
};

enum why { WHY_DONE, WHY_DEAD, WHY_ERROR, WHY_STOPPED_BY_TEST, WHY_STUCK };

struct dev_access {
	unsigned long gpa;
	unsigned long cause;
	unsigned long htinst;
	unsigned long value;
};

/**
 * struct tvm - a TVM and what its guest has said
 * @chunk: its confidential pages; @used of them are given out
 * @mail, @mailed: slots stored by the guest, @nmail: so many times; @in: slots that it loads
 * @dev_reply: what loads from other devices get
 * @hook: sees every exit first; true: it has acted, run on; @stop ends the serving
 * @scramble: the host's registers and CSRs hold patterns during each run, which are checked;
 *	@complement: with all bits of the CSRs the other way
 */
struct tvm {
	unsigned long gid;
	unsigned long flags;
	unsigned long root;
	unsigned long state;
	unsigned long vcpu_pa[TVM_MAX_VCPUS];
	unsigned long pt_pa;
	unsigned long image_pa;
	unsigned long chunk;
	unsigned long used;
	unsigned int nvcpus;
	bool live;
	bool scramble;
	bool complement;
	volatile bool stop;
	unsigned long mail[MAIL_SLOTS + 1];
	bool mailed[MAIL_SLOTS + 1];
	unsigned long nmail;
	unsigned long in[MAIL_SLOTS];
	unsigned long dev_reply;
	struct dev_access dev[DEV_LOG];
	unsigned int ndev;
	char console[64];
	unsigned int nconsole;
	unsigned int nfault;
	unsigned int ninformed;
	unsigned int nwfi;
	unsigned int nirq;
	unsigned long last_fault;
	bool (*hook)(struct tvm *t, unsigned int vcpu, struct texit *e);
	void *arg;
	struct texit last[TVM_MAX_VCPUS];
};

extern const uint8_t guest_image[], guest_image_end[];
#define GUEST_IMAGE_PAGES ((unsigned long)(guest_image_end - guest_image) / PAGE)

void payload(void);
unsigned long nacl_of(unsigned int hart);
long nacl_set(void);
unsigned long *nacl_word(unsigned long offset);
unsigned long tvm_pages(struct tvm *t, unsigned long n, unsigned long align_pages);
long tvm_create_at(struct tvm *t, unsigned long root, unsigned long state, unsigned long flags,
		   unsigned long len);
void tvm_remember(struct tvm *t, unsigned long gid);
bool tvm_create(struct tvm *t, unsigned long flags);
bool tvm_region(struct tvm *t);
bool tvm_pt(struct tvm *t, unsigned long n);
bool tvm_vcpus(struct tvm *t, unsigned int n);
bool tvm_image(struct tvm *t);
long tvm_finalize(struct tvm *t, unsigned long arg);
bool tvm_build(struct tvm *t, unsigned long flags, unsigned int nvcpus, unsigned long arg);
struct texit tvm_run(struct tvm *t, unsigned int vcpu);
enum why tvm_serve(struct tvm *t, unsigned int vcpu);
bool tvm_in_guest(struct tvm *t);
bool tvm_guest(struct tvm *t, enum guest_fn fn, unsigned long param);
long tvm_destroy(struct tvm *t);
bool tvm_destroy_all(void);
void tvm_forget(unsigned long gid);
void answer(unsigned long a0, unsigned long a1);

#endif
