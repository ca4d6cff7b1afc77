// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A virtual CPU: its descriptor, and the loop that runs it and deals with what
 * it exits for.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timex.h>
#include <asm/csr.h>
#include <asm/delay.h>
#include <asm/sbi.h>
#include "cove.h"

#define HVIP_VSEIP BIT(10)
#define VSIE_STIE  BIT(5)
#define VSIE_SEIE  BIT(9)

#define CAUSE_VS_ECALL		     10
#define CAUSE_FETCH_GUEST_PAGE_FAULT 20
#define CAUSE_LOAD_GUEST_PAGE_FAULT  21
#define CAUSE_VIRTUAL_INSTRUCTION    22
#define INSN_WRS_NTO		     0x00d00073UL
#define CAUSE_STORE_GUEST_PAGE_FAULT 23

#define EID_PUTCHAR	0x1
#define EID_DBCN	0x4442434E
#define DBCN_READ	1
#define DBCN_WRITE_BYTE 2
#define EID_HSM		0x48534D
#define HSM_HART_START	0
#define HSM_HART_STOP	1
#define EID_IPI		0x735049
#define EID_SRST	0x53525354

/* Exits that the monitor reports have these registers. */
#define SLOT_HTVAL	NACL_CSR_OFFSET(0x643)
#define SLOT_HTINST	NACL_CSR_OFFSET(0x64a)
#define SLOT_VSIE	NACL_CSR_OFFSET(0x204)
#define SLOT_VSTIMECMP	NACL_CSR_OFFSET(0x24d)
#define SLOT_HTIMEDELTA NACL_CSR_OFFSET(0x605)
#define SLOT_A(n)	NACL_GPR_OFFSET(10 + (n))
static_assert(SLOT_HTVAL == 0x1a18 && SLOT_HTINST == 0x1a50 && SLOT_VSTIMECMP == 0x1268);

#define REFUSAL_WAIT HZ

/* What the loop does next: an errno or 0 goes to the VMM. */
#define AGAIN 1

static bool started(struct cove_vcpu *vcpu)
{
	return atomic_read(&vcpu->starts) > vcpu->stops;
}

/**
 * cove_vcpu_kick() - make a vCPU look again: end its wait or its run
 * Any context.
 */
void cove_vcpu_kick(struct cove_vcpu *vcpu)
{
	unsigned long flags;

	WRITE_ONCE(vcpu->kicked, true);
	wake_up(&vcpu->wq);
	spin_lock_irqsave(&vcpu->lock, flags);
	if (vcpu->runner)
		kick_process(vcpu->runner);
	spin_unlock_irqrestore(&vcpu->lock, flags);
}

/** cove_vcpu_start() - the monitor has started it: boot vCPU, or HSM hart_start by another */
void cove_vcpu_start(struct cove_vcpu *vcpu)
{
	atomic_inc(&vcpu->starts);
	cove_vcpu_kick(vcpu);
}

static enum hrtimer_restart timer_expired(struct hrtimer *timer)
{
	cove_vcpu_kick(container_of(timer, struct cove_vcpu, timer));
	return HRTIMER_NORESTART;
}

/*
 * Arm the timer for the guest's vstimecmp, as of its last exit.
 * Return: false when that time has come already
 */
static bool arm_timer(struct cove_vcpu *vcpu)
{
	u64 deadline = vcpu->exit.vstimecmp - vcpu->exit.htimedelta;
	s64 ticks = deadline - get_cycles64();

	if (!(vcpu->exit.vsie & VSIE_STIE) || vcpu->exit.vstimecmp == U64_MAX)
		return true;
	if (ticks <= 0)
		return false;
	/* a year is for ever, and does not overflow */
	ticks = min_t(s64, ticks, (s64)riscv_timebase * 86400 * 365);
	hrtimer_start(&vcpu->timer,
		      ns_to_ktime(mul_u64_u64_div_u64(ticks, NSEC_PER_SEC, riscv_timebase)),
		      HRTIMER_MODE_REL);
	return true;
}

static bool wake_condition(struct cove_vcpu *vcpu)
{
	if (READ_ONCE(vcpu->vm->ended) || READ_ONCE(vcpu->run->immediate_exit))
		return true;
	if (!started(vcpu))
		return false;
	return !vcpu->blocked || READ_ONCE(vcpu->kicked) ||
	       (READ_ONCE(vcpu->level) && (vcpu->exit.vsie & VSIE_SEIE));
}

/*
 * KVM of Linux 6.12 leaves a vCPU's timer in the CPU when it has put the vCPU
 * away. Once that has run out, the WFI of an idle host returns at once, again and
 * again. No vCPU of KVM is on this CPU now, and each brings its timer with it.
 */
static void stop_stray_timer(void)
{
	if (cove_caps.sstc)
		csr_write(CSR_VSTIMECMP, -1UL);
}

/* It has stopped, or executed WFI. */
static int wait_until_runnable(struct cove_vcpu *vcpu)
{
	bool wait = true;
	int ret = 0;

	stop_stray_timer();
	if (vcpu->blocked && started(vcpu))
		wait = arm_timer(vcpu);
	if (wait)
		ret = wait_event_interruptible(vcpu->wq, wake_condition(vcpu));
	hrtimer_cancel(&vcpu->timer);
	if (ret)
		return -EINTR;
	if (started(vcpu))
		vcpu->blocked = false;
	return AGAIN;
}

/* The next exit for the VMM, after the console's bytes. */
static struct cove_run *set_out(struct cove_vcpu *vcpu, unsigned int reason, int ret)
{
	memset(&vcpu->out, 0, sizeof(vcpu->out));
	vcpu->out.exit_reason = reason;
	vcpu->out_ret = ret;
	vcpu->out_valid = true;
	vcpu->flush = true;
	return &vcpu->out;
}

static int fail(struct cove_vcpu *vcpu, unsigned int reason, u64 gpa, long sbi_error, int ret)
{
	struct cove_run *out = set_out(vcpu, reason, ret);

	out->fail.scause = vcpu->exit.scause;
	out->fail.gpa = gpa;
	out->fail.sbi_error = sbi_error;
	return AGAIN;
}

static void give_out(struct cove_vcpu *vcpu, const struct cove_run *out)
{
	vcpu->run->exit_reason = out->exit_reason;
	memcpy(vcpu->run->padding, out->padding, sizeof(out->padding));
}

static void give_console(struct cove_vcpu *vcpu)
{
	struct cove_run *run = vcpu->run;

	run->exit_reason = COVE_EXIT_CONSOLE;
	run->console.len = vcpu->console_len;
	memcpy(run->console.data, vcpu->console, vcpu->console_len);
	vcpu->console_len = 0;
	vcpu->flush = false;
}

static void give_system_event(struct cove_vcpu *vcpu)
{
	vcpu->run->exit_reason = COVE_EXIT_SYSTEM_EVENT;
	vcpu->run->system_event.type = vcpu->vm->event_type;
	vcpu->run->system_event.reason = vcpu->vm->event_reason;
}

/* What waits for the VMM. Return: AGAIN when nothing does. */
static int deliver(struct cove_vcpu *vcpu)
{
	bool ended = smp_load_acquire(&vcpu->vm->ended);

	if (vcpu->console_len && (vcpu->flush || ended)) {
		give_console(vcpu);
		return 0;
	}
	vcpu->flush = false;
	if (vcpu->out_valid) {
		vcpu->out_valid = false;
		give_out(vcpu, &vcpu->out);
		return vcpu->out_ret;
	}
	if (ended) {
		give_system_event(vcpu);
		return 0;
	}
	if (signal_pending(current) || READ_ONCE(vcpu->run->immediate_exit)) {
		vcpu->run->exit_reason = COVE_EXIT_INTR;
		return -EINTR;
	}
	return AGAIN;
}

static void read_exit(struct cove_exit *exit)
{
	exit->htval = cove_nacl_read(SLOT_HTVAL);
	exit->htinst = cove_nacl_read(SLOT_HTINST);
	exit->a0 = cove_nacl_read(SLOT_A(0));
	exit->a1 = cove_nacl_read(SLOT_A(1));
	exit->a6 = cove_nacl_read(SLOT_A(6));
	exit->a7 = cove_nacl_read(SLOT_A(7));
	exit->vsie = cove_nacl_read(SLOT_VSIE);
	exit->vstimecmp = cove_nacl_read(SLOT_VSTIMECMP);
	exit->htimedelta = cove_nacl_read(SLOT_HTIMEDELTA);
}

/* The monitor takes the external interrupt from the hart's own hvip. */
static void run_with_level(struct cove_vcpu *vcpu)
{
	unsigned long hvip = csr_read(CSR_HVIP);

	if (READ_ONCE(vcpu->level))
		csr_set(CSR_HVIP, HVIP_VSEIP);
	else
		csr_clear(CSR_HVIP, HVIP_VSEIP);
	cove_sbi_run_vcpu(vcpu->vm->gid, vcpu->id, &vcpu->exit);
	csr_write(CSR_HVIP, hvip);
}

static bool must_wait(struct cove_vcpu *vcpu)
{
	return signal_pending(current) || need_resched() || READ_ONCE(vcpu->vm->ended) ||
	       READ_ONCE(vcpu->run->immediate_exit);
}

static void write_answer(struct cove_vcpu *vcpu)
{
	unsigned int i;

	cove_nacl_write(SLOT_A(0), vcpu->ret[0]);
	cove_nacl_write(SLOT_A(1), vcpu->ret[1]);
	for (i = 0; i < DIV_ROUND_UP(vcpu->input_len, sizeof(u64)); i++)
		cove_nacl_write(NACL_CONSOLE_OFFSET + i * sizeof(u64), vcpu->input[i]);
}

static void run_once(struct cove_vcpu *vcpu)
{
	if (!cove_nacl_ready()) {
		vcpu->exit.error = SBI_ERR_NO_SHMEM;
		return;
	}
	if (vcpu->answer)
		write_answer(vcpu);
	run_with_level(vcpu);
	if (!vcpu->exit.error) {
		vcpu->answer = false;
		vcpu->input_len = 0;
		read_exit(&vcpu->exit);
	}
}

/*
 * One run, with interrupts off: what is raised from here on stays pending and
 * ends the run at once. It is taken when they are on again.
 * Return: false when there was something else to do first
 */
static bool enter(struct cove_vcpu *vcpu)
{
	bool entered;

	local_irq_disable();
	WRITE_ONCE(vcpu->cpu, smp_processor_id());
	WRITE_ONCE(vcpu->kicked, false);
	smp_mb(); /* whoever kicks later than this is seen by the monitor, or interrupts it */
	/* First, for a CPU that goes down moves its threads away before it loses its memory. */
	entered = !must_wait(vcpu);
	if (entered)
		run_once(vcpu);
	WRITE_ONCE(vcpu->cpu, -1);
	local_irq_enable();
	return entered;
}

static void console_byte(struct cove_vcpu *vcpu, u8 byte)
{
	vcpu->stats[COVE_STAT_CONSOLE]++;
	vcpu->console[vcpu->console_len++] = byte;
	if (byte == '\n' || vcpu->console_len == sizeof(vcpu->console))
		vcpu->flush = true;
}

static void answer(struct cove_vcpu *vcpu, unsigned long a0)
{
	vcpu->answer = true;
	vcpu->ret[0] = a0;
	vcpu->ret[1] = 0;
}

/* The guest waits for input, which the VMM has, or has not. */
static void ask_for_input(struct cove_vcpu *vcpu)
{
	struct cove_run *out = set_out(vcpu, COVE_EXIT_CONSOLE_READ, 0);

	vcpu->input_owed = true;
	vcpu->input_len = min(vcpu->exit.a0, sizeof(out->console.data));
	out->console.len = vcpu->input_len;
}

static void hart_start(struct cove_vm *vm, unsigned long id)
{
	struct cove_vcpu *target = id < COVE_MAX_VCPUS ? smp_load_acquire(&vm->vcpus[id]) : NULL;

	if (target)
		cove_vcpu_start(target);
}

static int handle_covg(struct cove_vcpu *vcpu)
{
	const struct cove_exit *e = &vcpu->exit;
	bool to_shared = e->a6 == SBI_COVG_SHARE_MEMORY_REGION;
	long result;

	if (!to_shared && e->a6 != SBI_COVG_UNSHARE_MEMORY_REGION)
		return AGAIN; /* for information */
	vcpu->stats[COVE_STAT_SHARE]++;
	if (cove_share_change(vcpu, e->a0, e->a1, to_shared, &result))
		return fail(vcpu, COVE_EXIT_FAIL, e->a0, result, 0);
	answer(vcpu, result);
	return AGAIN;
}

/*
 * Calls that the monitor forwards or reports. The answer is ignored for those
 * that it has dealt with; what the host does not know is not supported.
 */
static int handle_ecall(struct cove_vcpu *vcpu)
{
	const struct cove_exit *e = &vcpu->exit;

	vcpu->stats[COVE_STAT_ECALL]++;
	answer(vcpu, SBI_ERR_NOT_SUPPORTED);
	switch (e->a7) {
	case EID_PUTCHAR:
		console_byte(vcpu, e->a0);
		answer(vcpu, 0);
		break;
	case EID_DBCN:
		if (e->a6 == DBCN_WRITE_BYTE) {
			console_byte(vcpu, e->a0);
			answer(vcpu, 0);
		} else if (e->a6 == DBCN_READ) {
			ask_for_input(vcpu);
		}
		break;
	case EID_HSM:
		if (e->a6 == HSM_HART_START)
			hart_start(vcpu->vm, e->a0);
		break;
	case SBI_EXT_COVG:
		return handle_covg(vcpu);
	case EID_IPI:
		cove_vm_kick(vcpu->vm, e->a0, e->a1);
		break;
	}
	return AGAIN;
}

/* It spins, perhaps for what another vCPU holds that does not run: that one may use our time. */
static void yield_to_another(struct cove_vcpu *vcpu)
{
	unsigned int i;

	for (i = 1; i < COVE_MAX_VCPUS; i++) {
		unsigned int id = (vcpu->id + i) % COVE_MAX_VCPUS;
		struct cove_vcpu *other = READ_ONCE(vcpu->vm->vcpus[id]);
		struct task_struct *task = NULL;
		bool done;

		if (!other || READ_ONCE(other->cpu) >= 0)
			continue;
		spin_lock_irq(&other->lock);
		if (other->runner)
			task = get_task_struct(other->runner);
		spin_unlock_irq(&other->lock);
		if (!task)
			continue;
		done = yield_to(task, true) > 0;
		put_task_struct(task);
		if (done)
			return;
	}
}

/* The monitor will not resume this vCPU, but for a stopped one that another starts. */
static int handle_end(struct cove_vcpu *vcpu)
{
	const struct cove_exit *e = &vcpu->exit;

	vcpu->stats[COVE_STAT_OTHER]++;
	vcpu->flush = true;
	if (e->scause == CAUSE_VS_ECALL && e->a7 == EID_SRST) {
		cove_vm_end(vcpu->vm, e->a0, e->a1);
		return AGAIN;
	}
	if (e->scause == CAUSE_VS_ECALL && e->a7 == EID_HSM && e->a6 == HSM_HART_STOP) {
		vcpu->stops++;
		return AGAIN;
	}
	return fail(vcpu, COVE_EXIT_STOPPED, e->htval << 2 | (e->stval & 3), 0, 0);
}

static int handle_fault(struct cove_vcpu *vcpu, u64 gpa)
{
	long sbi_error = 0;
	int ret;

	vcpu->stats[COVE_STAT_FAULT]++;
	ret = cove_vm_populate(vcpu->vm, gpa, &sbi_error);
	if (ret == -EAGAIN) {
		schedule_timeout_interruptible(1);
		return AGAIN;
	}
	if (!ret || ret == -EINTR)
		return ret ? ret : AGAIN;
	return fail(vcpu, COVE_EXIT_FAIL, gpa, sbi_error, ret == -ENOMEM ? ret : 0);
}

/* The monitor gives a transformed load or store whose register is a0. */
static int handle_mmio(struct cove_vcpu *vcpu, u64 gpa)
{
	unsigned int opcode = vcpu->exit.htinst & 0x7f;
	unsigned int funct3 = vcpu->exit.htinst >> 12 & 7;
	bool store = vcpu->exit.scause == CAUSE_STORE_GUEST_PAGE_FAULT;
	struct cove_run *out;

	if (opcode != (store ? 0x23 : 0x03) || funct3 > (store ? 3 : 6))
		return fail(vcpu, COVE_EXIT_FAIL, gpa, 0, 0);
	vcpu->stats[store ? COVE_STAT_MMIO_WRITE : COVE_STAT_MMIO_READ]++;
	vcpu->mmio_len = 1U << (funct3 & 3);
	vcpu->mmio_load = !store;
	out = set_out(vcpu, COVE_EXIT_MMIO, 0);
	out->mmio.gpa = gpa;
	out->mmio.len = vcpu->mmio_len;
	out->mmio.is_write = store;
	if (store)
		memcpy(out->mmio.data, &vcpu->exit.a0, vcpu->mmio_len);
	return AGAIN;
}

/*
 * The monitor refuses all vCPUs as soon as one has asked for shutdown; the
 * thread of that one tells the others, but may be late.
 */
static int handle_refusal(struct cove_vcpu *vcpu)
{
	struct cove_vm *vm = vcpu->vm;
	long ret = 0;

	if (vcpu->exit.error == SBI_ERR_FAILURE)
		ret = wait_event_interruptible_timeout(vcpu->wq, smp_load_acquire(&vm->ended),
						       REFUSAL_WAIT);
	if (ret)
		return AGAIN; /* deliver() tells of the end, or of the signal */
	return fail(vcpu, COVE_EXIT_FAIL, 0, vcpu->exit.error, 0);
}

static int handle_exit(struct cove_vcpu *vcpu)
{
	const struct cove_exit *e = &vcpu->exit;
	u64 gpa = e->htval << 2 | (e->stval & 3);

	vcpu->stats[COVE_STAT_RUN]++;
	if (e->error)
		return handle_refusal(vcpu);
	if (vcpu->leaving_pages)
		cove_share_complete(vcpu);
	if (e->value)
		return handle_end(vcpu);
	if (e->scause & CAUSE_IRQ_FLAG) {
		vcpu->stats[COVE_STAT_INTERRUPT]++;
		vcpu->flush = true; /* no byte waits for longer than a tick */
		return AGAIN;
	}
	switch (e->scause) {
	case CAUSE_VS_ECALL:
		return handle_ecall(vcpu);
	case CAUSE_LOAD_GUEST_PAGE_FAULT:
	case CAUSE_STORE_GUEST_PAGE_FAULT:
		if (e->htinst)
			return handle_mmio(vcpu, gpa);
		fallthrough;
	case CAUSE_FETCH_GUEST_PAGE_FAULT:
		return handle_fault(vcpu, gpa);
	case CAUSE_VIRTUAL_INSTRUCTION:
		if (e->stval == INSN_WRS_NTO) {
			yield_to_another(vcpu);
			return AGAIN;
		}
		vcpu->stats[COVE_STAT_WFI]++;
		vcpu->blocked = true;
		vcpu->flush = true;
		return AGAIN;
	default:
		return fail(vcpu, COVE_EXIT_FAIL, gpa, 0, 0);
	}
}

static int run_loop(struct cove_vcpu *vcpu)
{
	for (;;) {
		int ret = deliver(vcpu);

		if (ret != AGAIN)
			return ret;
		if (vcpu->blocked || !started(vcpu)) {
			ret = wait_until_runnable(vcpu);
			if (ret != AGAIN)
				return ret;
			continue;
		}
		/* without Sstc only a host interrupt brings the guest's timer */
		if (!cove_caps.sstc)
			arm_timer(vcpu);
		if (enter(vcpu)) {
			ret = handle_exit(vcpu);
			if (ret != AGAIN)
				return ret;
		}
		cond_resched();
	}
}

/* The VMM's answer to a load is taken once; the monitor extends it. */
static void complete_load(struct cove_vcpu *vcpu)
{
	u64 data = 0;

	memcpy(&data, vcpu->run->mmio.data, vcpu->mmio_len);
	answer(vcpu, data);
	vcpu->mmio_load = false;
}

/* What the VMM has put into the page is read once. */
static void complete_input(struct cove_vcpu *vcpu)
{
	vcpu->input_len = min(READ_ONCE(vcpu->run->console.len), vcpu->input_len);
	memcpy(vcpu->input, vcpu->run->console.data, vcpu->input_len);
	answer(vcpu, 0);
	vcpu->ret[1] = vcpu->input_len;
	vcpu->input_owed = false;
}

static void set_runner(struct cove_vcpu *vcpu, struct task_struct *runner)
{
	spin_lock_irq(&vcpu->lock);
	vcpu->runner = runner;
	spin_unlock_irq(&vcpu->lock);
}

static long vcpu_run(struct cove_vcpu *vcpu)
{
	long ret;

	if (READ_ONCE(vcpu->vm->state) != COVE_VM_RUNNABLE)
		return -EBUSY;
	if (mutex_lock_killable(&vcpu->mutex))
		return -EINTR;
	if (vcpu->mmio_load && !vcpu->out_valid)
		complete_load(vcpu);
	if (vcpu->input_owed && !vcpu->out_valid)
		complete_input(vcpu);
	set_runner(vcpu, current);
	ret = run_loop(vcpu);
	set_runner(vcpu, NULL);
	hrtimer_cancel(&vcpu->timer);
	mutex_unlock(&vcpu->mutex);
	return ret;
}

static long vcpu_interrupt(struct cove_vcpu *vcpu, unsigned long level)
{
	if (level > 1)
		return -EINVAL;
	WRITE_ONCE(vcpu->level, level);
	cove_vcpu_kick(vcpu);
	return 0;
}

static long vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct cove_vcpu *vcpu = file->private_data;

	switch (cmd) {
	case COVE_VCPU_RUN:
		return vcpu_run(vcpu);
	case COVE_VCPU_INTERRUPT:
		return vcpu_interrupt(vcpu, arg);
	default:
		return -ENOTTY;
	}
}

static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct cove_vcpu *vcpu = file->private_data;

	if (vma->vm_pgoff || vma_pages(vma) != COVE_RUN_SIZE >> PAGE_SHIFT ||
	    !(vma->vm_flags & VM_SHARED) || vma->vm_flags & VM_EXEC)
		return -EINVAL;
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vm_flags_clear(vma, VM_MAYEXEC);
	return vm_insert_page(vma, vma->vm_start, virt_to_page(vcpu->run));
}

static int vcpu_close(struct inode *inode, struct file *file)
{
	struct cove_vcpu *vcpu = file->private_data;

	cove_vm_put(vcpu->vm);
	return 0;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vcpu_mmap,
	.release = vcpu_close,
	.llseek = noop_llseek,
};

static struct cove_vcpu *vcpu_alloc(struct cove_vm *vm, unsigned long id)
{
	struct cove_vcpu *vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);

	if (!vcpu)
		return NULL;
	vcpu->run = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!vcpu->run) {
		kfree(vcpu);
		return NULL;
	}
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->cpu = -1;
	mutex_init(&vcpu->mutex);
	spin_lock_init(&vcpu->lock);
	init_waitqueue_head(&vcpu->wq);
	hrtimer_init(&vcpu->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	vcpu->timer.function = timer_expired;
	return vcpu;
}

/**
 * cove_vcpu_create() - the host's part of COVE_VM_CREATE_VCPU; the caller holds vm->lock
 *
 * When only the descriptor cannot be had, the vCPU stays until the VM ends:
 * the monitor has no call to undo its creation.
 */
int cove_vcpu_create(struct cove_vm *vm, unsigned long id)
{
	struct cove_vcpu *vcpu = vcpu_alloc(vm, id);
	int fd;

	if (!vcpu)
		return -ENOMEM;
	smp_store_release(&vm->vcpus[id], vcpu);
	kref_get(&vm->ref);
	fd = anon_inode_getfd("cove-vcpu", &vcpu_fops, vcpu, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		cove_vm_put(vm); /* never the last: the VM's own descriptor is in use */
	return fd;
}

/** cove_vcpu_free() - its VM is gone; NULL is nothing */
void cove_vcpu_free(struct cove_vcpu *vcpu)
{
	if (!vcpu)
		return;
	hrtimer_cancel(&vcpu->timer);
	free_page((unsigned long)vcpu->run);
	kfree(vcpu);
}
