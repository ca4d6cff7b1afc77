// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Instructions per call and per exit, for one hart under -icount shift=0: all
 * modes' instructions are counted, so a figure is what the caller waits for.
 * Each is the mean of many rounds or the median of some, without the loop around it.
 */
#include "bench.h"
#include "keys.h"
#include "paging.h"
#include "remote.h"
#include "vm.h"

#define MEDIAN 5

#define BLOCK_PAGES 2048UL /* of a block of the table, 8 MiB */
#define FAR_PAGES   16384UL
#define SCAN_PAGES  20480UL
#define SCATTERED   100
#define APART	    162 /* pages: 100 fill 64 MiB */

#define TRANSLATED 0x1000000000UL
#define SATP_SV39  8UL

unsigned long instret(void)
{
	return csr_read(instret);
}

void figure(const char *name, unsigned long instructions)
{
	print("figure %s %lu\n", name, instructions);
}

static unsigned long null_call(unsigned long eid, unsigned long fid)
{
	unsigned long start;
	unsigned int i;

	sbi6(eid, fid, 0);
	start = instret();
	for (i = 0; i < ROUNDS; i++)
		sbi6(eid, fid, 0);
	return (instret() - start) / ROUNDS;
}

static unsigned long median(unsigned long *value, unsigned int n)
{
	unsigned int i, j;

	for (i = 1; i < n; i++) {
		unsigned long v = value[i];

		for (j = i; j && value[j - 1] > v; j--)
			value[j] = value[j - 1];
		value[j] = v;
	}
	return value[n / 2];
}

static void fail(const char *what, long rc)
{
	print("FAIL bench: %s: %ld\n", what, rc);
}

/* The local fence of another hart, which runs alone meanwhile: instret counts all harts. */
struct fence {
	unsigned int back_to;
	volatile unsigned int done;
	unsigned long used;
};

static void fence_counted(void *arg)
{
	struct fence *f = arg;
	unsigned long start = instret();

	if (local_fence())
		print("FAIL bench: local fence\n");
	f->used = instret() - start;
	f->done = 1;
	hart_kick(f->back_to);
}

static unsigned long fence_on(unsigned int id)
{
	struct fence f = { (unsigned int)this_hart()->id, 0, 0 };

	csr_write(sie, SIP_SSIP);
	hart_begin(id, fence_counted, &f);
	while (!f.done) {
		__asm__ volatile("wfi");
		csr_clear(sip, SIP_SSIP);
	}
	csr_write(sie, 0);
	hart_wait(id);
	return f.used;
}

/* What a batch costs: its conversion, a round of fences on @running harts, its return. */
struct cost {
	unsigned long convert;
	unsigned long fences;
	unsigned long reclaim;
};

static struct cost batch(unsigned long pa, unsigned long pages, unsigned int running)
{
	unsigned long start, done;
	struct cost c;
	unsigned int i;
	long rc;

	start = instret();
	rc = convert(pa, pages);
	c.convert = instret() - start;
	start = instret();
	rc |= global_fence();
	c.fences = instret() - start;
	for (i = 0; i + 1 < running; i++)
		c.fences += fence_on(other_hart(i));
	start = instret();
	for (done = 0; done < pages; done += COVE_MAX_SCRUB_PAGES)
		rc |= reclaim(pa + done * PAGE, pages - done > COVE_MAX_SCRUB_PAGES
							? COVE_MAX_SCRUB_PAGES
							: pages - done);
	c.reclaim = instret() - start;
	if (rc)
		fail("conversion", rc);
	return c;
}

static struct cost median_batch(unsigned long pa, unsigned long pages, unsigned int running)
{
	unsigned long convert[MEDIAN], fences[MEDIAN], reclaim[MEDIAN];
	unsigned int i;

	for (i = 0; i < MEDIAN; i++) {
		struct cost c = batch(pa, pages, running);

		convert[i] = c.convert;
		fences[i] = c.fences;
		reclaim[i] = c.reclaim;
	}
	return (struct cost){ median(convert, MEDIAN), median(fences, MEDIAN),
			      median(reclaim, MEDIAN) };
}

/* Per page, rounded up; scrubbing is what a reclaim does and a convert does not. */
static void print_batch(const struct cost *c, unsigned long pages, unsigned int running)
{
	unsigned long scrub = c->reclaim > c->convert ? c->reclaim - c->convert : 0;
	unsigned long rest = c->convert + c->fences + c->reclaim - scrub;

	print("figure convert_fence_reclaim_per_page_of_%lu_on_%u_harts %lu "
	      "(without scrubbing; convert %lu, fences %lu, reclaim %lu of which scrubbing %lu a "
	      "page)\n",
	      pages, running, (rest + pages - 1) / pages, c->convert, c->fences, c->reclaim,
	      scrub / pages);
}

/* Batches that begin in the middle of a block, so that none is cheap; harts start one by one. */
static void conversion(void)
{
	static const unsigned long pages[] = { 1, 512, 1024, 2048, 8192 };
	unsigned long pa = pages_alloc(8192 + 3, 2048) + 3 * PAGE;
	unsigned int running, i;

	for (i = 0; i + 1 < nharts; i++)
		if (!hart_stop_one(other_hart(i)))
			fail("stop", i);
	for (running = 1; running <= nharts; running++) {
		if (running > 1 && !hart_start_one(other_hart(running - 2)))
			fail("start", running);
		for (i = 0; i < ARRAY_SIZE(pages); i++) {
			struct cost c = median_batch(pa, pages[i], running);

			print_batch(&c, pages[i], running);
		}
	}
	mem_reset();
}

/* Whole blocks of the table: what one costs, and each further one. */
static void blocks(void)
{
	unsigned long pa = pages_alloc(8 * BLOCK_PAGES, BLOCK_PAGES), start, one, eight;
	long rc;

	start = instret();
	rc = convert(pa, BLOCK_PAGES);
	one = instret() - start;
	mem_reset();
	pa = pages_alloc(8 * BLOCK_PAGES, BLOCK_PAGES);
	start = instret();
	rc |= convert(pa, 8 * BLOCK_PAGES);
	eight = instret() - start;
	mem_reset();
	if (rc)
		fail("blocks", rc);
	figure("convert_aligned_8_mib", one);
	figure("convert_each_further_aligned_8_mib", (eight - one) / 7);
}

static unsigned long load_at(unsigned long pa)
{
	unsigned long start = instret();

	*(volatile unsigned long *)pa;
	return instret() - start;
}

/* One load, of a page that an entry opens and of one that must be filled in. */
static void refill(void)
{
	unsigned long pa = pages_alloc(256, 2048), cold[MEDIAN], warm[MEDIAN];
	struct covesbi_stats before, after;
	unsigned int i, j;

	for (i = 1; i < 256; i += 2)
		if (convert(pa + i * PAGE, 1))
			fail("refill", i);
	get_stats(&before);
	for (i = 0; i < MEDIAN; i++) {
		for (j = 64; j < 128; j += 2)
			load_at(pa + j * PAGE);
		cold[i] = load_at(pa + 2 * i * PAGE);
		warm[i] = load_at(pa + 2 * i * PAGE);
	}
	get_stats(&after);
	if (!after.pmp_refill || after.refills - before.refills < 33 * MEDIAN)
		fail("nothing was filled in", (long)(after.refills - before.refills));
	figure("refill", median(cold, MEDIAN) - median(warm, MEDIAN));
	mem_reset();
}

/* Tables of @levels: the payload as it is, and from the address returned on @pa's pages, each
 * 4 KiB. */
static unsigned long translate(unsigned long pa, unsigned int levels)
{
	static unsigned long above[2][512] __attribute__((aligned(4096)));
	static unsigned long root[512] __attribute__((aligned(4096)));
	static unsigned long middle[512] __attribute__((aligned(4096)));
	static unsigned long leaf[FAR_PAGES] __attribute__((aligned(4096)));
	unsigned long *top = root, i;

	for (i = 0; i < 4; i++)
		root[i] = i << 28 | PTE_RWX | PTE_AD | PTE_V;
	root[TRANSLATED >> 30] = (unsigned long)middle >> 2 | PTE_V;
	for (i = 0; i < FAR_PAGES / 512; i++)
		middle[i] = (unsigned long)&leaf[512 * i] >> 2 | PTE_V;
	for (i = 0; i < FAR_PAGES; i++)
		leaf[i] = (pa + i * PAGE) >> 2 | PTE_RWX | PTE_AD | PTE_V;
	for (i = 3; i < levels; i++) {
		above[i - 3][0] = (unsigned long)top >> 2 | PTE_V;
		top = above[i - 3];
	}
	csr_write(satp, (SATP_SV39 + levels - 3) << 60 | (unsigned long)top >> 12);
	__asm__ volatile("sfence.vma" ::: "memory");
	return TRANSLATED;
}

static void translate_no_more(void)
{
	csr_write(satp, 0);
	__asm__ volatile("sfence.vma" ::: "memory");
}

/* So much that the refills are not most of what the host does: else the window helps. */
static void work(void)
{
	volatile unsigned int i;

	for (i = 0; i < 5000; i++)
		;
}

/*
 * The same among pages that are far from each other: what is open around a page
 * must be found. @levels: of the host's page tables, or 0
 */
static void refill_scattered(const char *name, unsigned int levels)
{
	unsigned long pa = pages_alloc(FAR_PAGES, BLOCK_PAGES), cold[SCATTERED], va = pa;
	unsigned long warm;
	struct covesbi_stats before, after;
	unsigned int i, place;

	for (i = 0; i < SCATTERED; i++)
		if (convert(pa + i * APART * PAGE, 1))
			fail("refill", i);
	if (levels)
		va = translate(pa, levels);
	load_at(va + PAGE);
	warm = load_at(va + PAGE);
	get_stats(&before);
	for (i = 0; i < SCATTERED; i++) {
		/* another gap each time, and another place in it */
		place = i * 37 % SCATTERED * APART + 1 + i * 67 % (APART - 1);
		cold[i] = load_at(va + place * PAGE);
		work();
	}
	get_stats(&after);
	if (levels)
		translate_no_more();
	if (!after.pmp_refill || after.refills - before.refills < SCATTERED - 1)
		fail("not all was filled in", (long)(after.refills - before.refills));
	figure(name, median(cold, SCATTERED) - warm);
	mem_reset();
}

static unsigned long stats_call(unsigned long pa, unsigned long len)
{
	unsigned long start = instret();

	if (sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_STATS, pa, len).error)
		fail("get_stats", 0);
	return instret() - start;
}

/* A buffer that a call gets is looked up in the table: one step more, which is a walk and a loop.
 */
static void walk(void)
{
	unsigned long pa = pages_alloc(4 * BLOCK_PAGES, BLOCK_PAGES), whole, pages;

	stats_call(pa, PAGE);
	whole = stats_call(pa, 3 * BLOCK_PAGES * PAGE) - stats_call(pa, BLOCK_PAGES * PAGE);
	if (convert(pa + 2 * BLOCK_PAGES * PAGE - PAGE, 1))
		fail("walk", 0);
	pages = stats_call(pa + BLOCK_PAGES * PAGE, 1025 * PAGE) -
		stats_call(pa + BLOCK_PAGES * PAGE, PAGE);
	figure("table_check_per_uniform_block", whole / 2);
	figure("table_check_per_page", pages / 1024);
	mem_reset();
}

/* Reads every second page of the arena; the confidential ones are among the others. */
static unsigned long scan(unsigned long pa)
{
	unsigned long start = instret(), page, i, sum = 0;

	for (page = 0; page < SCAN_PAGES; page += 2) {
		const unsigned long *p = (const unsigned long *)(pa + page * PAGE);

		for (i = 0; i < PAGE / sizeof(*p); i++)
			sum += p[i];
	}
	__asm__ volatile("" ::"r"(sum));
	return instret() - start;
}

static void scans(void)
{
	static const struct {
		unsigned int pages, stride;
	} confidential[] = { { 0, 0 }, { 6, 3412 }, { 100, 204 }, { 1000, 20 }, { 10000, 2 } };
	unsigned long pa = pages_alloc(SCAN_PAGES, BLOCK_PAGES), none = 0, used, before;
	struct covesbi_stats s;
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(confidential); i++) {
		for (n = 0; n < confidential[i].pages; n++)
			if (convert(pa + (n * confidential[i].stride + 1) * PAGE, 1))
				fail("scan", n);
		get_stats(&s);
		before = s.refills;
		used = scan(pa);
		if (!i)
			none = used;
		get_stats(&s);
		print("figure scan_of_40_mib_among_%u_confidential_pages %lu (%lu per mille more, "
		      "%lu refills, PMP %s)\n",
		      confidential[i].pages, used, (used - none) * 1000 / none, s.refills - before,
		      s.pmp_refill ? "refilled" : "exact");
		if (!s.pmp_refill && used != none)
			fail("an exact PMP costs instructions", (long)(used - none));
		mem_reset();
		pages_alloc(SCAN_PAGES, BLOCK_PAGES);
	}
	mem_reset();
}

/* What a hypervisor without measuring would do: as many bytes, a word at a time. */
static void copying(const char *name, unsigned long src, unsigned long dest, unsigned long pages)
{
	const volatile unsigned long *from = (const unsigned long *)src;
	unsigned long *to = (unsigned long *)dest;
	unsigned long i, start;

	start = instret();
	for (i = 0; i < pages * PAGE / sizeof(*to); i += 4) {
		to[i] = from[i];
		to[i + 1] = from[i + 1];
		to[i + 2] = from[i + 2];
		to[i + 3] = from[i + 3];
	}
	__asm__ volatile("" ::: "memory");
	figure(name, instret() - start);
	mem_reset();
}

static void measuring(void)
{
	unsigned long src = pages_alloc(16, 1), dst, start;
	struct tvm t;
	long rc;

	if (!tvm_create(&t, 0) || !tvm_region(&t) || !tvm_pt(&t, 8))
		return;
	dst = tvm_pages(&t, 16, 1);
	start = instret();
	rc = covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, t.gid, src, dst, 0, 16, GUEST_BASE);
	if (rc)
		print("FAIL bench: add_measured_pages %ld\n", rc);
	else
		figure("add_measured_per_page_of_16", (instret() - start) / 16);
}

#define TICK 10000UL /* of the clock: 1 ms */

/* A call that goes on in steps, with interrupts of a host's timer in between; *@sum: what it takes
 */
static long take_steps(const unsigned long *regs, unsigned long *sum)
{
	unsigned long how, start;
	long rc;

	csr_write(sie, SIP_STIP);
	do {
		timer_set(csr_read(time) + (impatient ? 20 : TICK));
		start = instret();
		rc = ecall_or_interrupt(regs, &how);
		*sum += instret() - start;
	} while (how);
	csr_write(sie, 0);
	timer_set(~0UL);
	return rc;
}

static long steps(const char *name, const unsigned long *regs)
{
	unsigned long sum = 0;
	long rc = take_steps(regs, &sum);

	figure(name, sum);
	return rc;
}

#define STEP_PAGES   8192UL
#define LARGE_REGION 0x100000000UL

static bool large_tvm(struct tvm *t, unsigned long *pa)
{
	*pa = pages_alloc(STEP_PAGES, 512);
	return !convert(*pa, STEP_PAGES) && tvm_create(t, 0) && tvm_region(t) &&
	       !covh(SBI_COVH_ADD_TVM_MEMORY_REGION, t->gid, LARGE_REGION, STEP_PAGES * PAGE) &&
	       tvm_pt(t, 40) && tvm_vcpus(t, 1) && tvm_image(t);
}

/* The calls with which a TVM begins to be, and with which it may run; 1 region, 1 vCPU */
static void life(void)
{
	unsigned long start, used;
	struct tvm t = { 0 };
	long rc = -1;

	t.chunk = conf_pages(TVM_CHUNK, 4);
	t.root = tvm_pages(&t, 4, 4);
	t.state = tvm_pages(&t, tsm.tvm_state_pages, 1);
	start = instret();
	rc = tvm_create_at(&t, t.root, t.state, 0, PARAMS_LEN);
	used = instret() - start;
	if (!rc && tvm_region(&t) && tvm_pt(&t, 8) && tvm_vcpus(&t, 1) && tvm_image(&t)) {
		figure("create_tvm", used);
		start = instret();
		rc = tvm_finalize(&t, 0);
		figure("finalize_tvm", instret() - start);
	}
	if (rc || !tvm_destroy_all() || !mem_reset())
		fail("life", rc);
}

/* Pages in descending order: each is a transition of its own. */
static long fill(struct tvm *t, unsigned long pa, bool descending)
{
	unsigned long i, n = descending ? 1 : COVE_MAX_SCRUB_PAGES;
	long rc = tvm_finalize(t, 0);

	for (i = 0; !rc && i < STEP_PAGES; i += n)
		rc = covh(SBI_COVH_ADD_TVM_ZERO_PAGES, t->gid,
			  pa + (descending ? STEP_PAGES - 1 - i : i) * PAGE, COVE_PAGE_4K, n,
			  LARGE_REGION + i * PAGE);
	return rc;
}

static void destroying(const char *name, bool descending)
{
	unsigned long pa;
	struct tvm t;
	long rc = -1;

	if (large_tvm(&t, &pa) && !fill(&t, pa, descending)) {
		const unsigned long regs[8] = { t.gid,	     0, 0, 0, 0, 0, SBI_COVH_DESTROY_TVM,
						SBI_EXT_COVH };

		rc = steps(name, regs);
		tvm_forget(t.gid);
	}
	if (rc || !tvm_destroy_all() || !mem_reset())
		fail(name, rc);
}

static void adding_large(void)
{
	unsigned long pa, src;
	struct tvm t;
	long rc = -1;

	if (large_tvm(&t, &pa)) {
		src = pages_alloc(512, 1);

		const unsigned long measured[8] = { t.gid,
						    src,
						    pa,
						    COVE_PAGE_2M,
						    1,
						    LARGE_REGION,
						    SBI_COVH_ADD_TVM_MEASURED_PAGES,
						    SBI_EXT_COVH };
		const unsigned long zero[8] = { t.gid,
						pa + 0x200000,
						COVE_PAGE_2M,
						8,
						LARGE_REGION + 0x200000,
						0,
						SBI_COVH_ADD_TVM_ZERO_PAGES,
						SBI_EXT_COVH };

		rc = steps("add_measured_2_mib", measured);
		rc = rc ? rc : tvm_finalize(&t, 0);
		rc = rc ? rc : steps("add_zero_8_times_2_mib", zero);
	}
	if (rc || !tvm_destroy_all() || !mem_reset())
		fail("large pages", rc);
}

#define KERNEL 0x90000000UL /* the host's memory, behind what tests allocate */

/* A kernel of 32 MiB, as a loader hands it over: 2 MiB in each call */
static void adding_kernel(void)
{
	unsigned long pa, i, sum = 0;
	struct tvm t;
	long rc = -1;

	if (large_tvm(&t, &pa)) {
		rc = 0;
		for (i = 0; !rc && i < STEP_PAGES * PAGE; i += 0x200000) {
			const unsigned long regs[8] = { t.gid,
							KERNEL + i,
							pa + i,
							COVE_PAGE_2M,
							1,
							LARGE_REGION + i,
							SBI_COVH_ADD_TVM_MEASURED_PAGES,
							SBI_EXT_COVH };

			rc = take_steps(regs, &sum);
		}
	}
	figure("add_measured_32_mib", sum);
	if (rc || !tvm_destroy_all() || !mem_reset())
		fail("a kernel", rc);
}

#define EVIDENCE_KEY (GUEST_HEAP + PAGE)
#define EVIDENCE_OUT (GUEST_HEAP + 4 * PAGE)

/* From the guest's ecall to its answer; the host's timer ticks, and the world switches are in it.
 */
static void evidence(const char *name, unsigned long format)
{
	unsigned long sum = 0, word, start, n, i;
	struct remote r;
	struct texit e;

	if (!remote_build(&r, 1) || !remote_populate(&r, EVIDENCE_KEY, 2) ||
	    !remote_populate(&r, EVIDENCE_OUT, 2))
		return;
	for (i = 0; i < sizeof(key_p384); i += sizeof(word)) {
		word = 0;
		n = sizeof(key_p384) - i;
		memcpy(&word, key_p384 + i, n < sizeof(word) ? n : sizeof(word));
		remote_write(&r, EVIDENCE_KEY + i, word);
	}
	csr_write(sie, SIP_STIP);
	r.cmd[0][0] = R_CALL;
	memcpy(&r.cmd[0][1],
	       (const unsigned long[REMOTE_ARGS]){ EVIDENCE_KEY, sizeof(key_p384),
						   EVIDENCE_KEY + PAGE, format, EVIDENCE_OUT,
						   2 * PAGE, SBI_COVG_GET_EVIDENCE, SBI_EXT_COVG },
	       sizeof(unsigned long[REMOTE_ARGS]));
	answer(R_CALL, 0);
	do {
		timer_set(csr_read(time) + (impatient ? 40 : TICK));
		start = instret();
		e = remote_run(&r, 0);
		sum += instret() - start;
	} while (e.scause == (CAUSE_IRQ | IRQ_S_TIMER));
	csr_write(sie, 0);
	timer_set(~0UL);
	if (e.scause != REMOTE_IDLE || r.out[0][0])
		fail(name, (long)r.out[0][0]);
	print("figure %s %lu (%lu bytes)\n", name, sum, r.out[0][1]);
	if (!tvm_destroy_all() || !mem_reset())
		fail(name, 0);
}

#define PROMOTED 256UL

/* A VM with 256 pages that are not zero */
static void promoting(void)
{
	const unsigned long regs[8] = {
		VM_TREE, 0, GUEST_BASE, 0, 0, 0, SBI_COVH_PROMOTE_TO_TVM, SBI_EXT_COVH
	};
	unsigned long i, gid;
	struct tvm t;
	struct vm v;
	long rc = -1;

	if (vm_make(&v) && conf_pages(PROMOTED, 1)) {
		gid = vm_promote().value;
		rc = covh(SBI_COVH_DESTROY_TVM, gid);
		for (i = 0; i < PROMOTED; i++)
			page_fill(v.ram + (VM_PAGES - 1 - i) * PAGE, i + 1);
		vm_tree(&v, 2);
		rc = rc ? rc : steps("promote_1_mib", regs);
		vm_adopt(&t, &v, gid + 0x10000); /* the next generation */
	}
	if (rc || !tvm_destroy_all() || !mem_reset())
		fail("promotion", rc);
}

/* All in which SHA-384 counts */
static void hashing(void)
{
	measuring();
	if (!tvm_destroy_all() || !mem_reset())
		fail("cleaning up", 0);
	adding_large();
	adding_kernel();
	evidence("get_evidence_cbor", COVE_CERT_CBOR);
	evidence("get_evidence_x509", COVE_CERT_X509);
	evidence("get_evidence_cbor_ed25519", COVE_CERT_CBOR_ED25519);
	evidence("get_evidence_x509_ed25519", COVE_CERT_X509_ED25519);
	promoting();
}

/* figures=hashing: for harts that differ only in how they hash; curve=: see bench_curve() */
void payload(void)
{
	if (option_value("figures") && option_lists(option_value("figures"), "hashing")) {
		hashing();
		return;
	}
	if (option_value("curve")) {
		figure("covh_null_call", null_call(SBI_EXT_COVH, 0x3ff));
		bench_curve();
		return;
	}
	figure("sbi_base_call", null_call(EXT_BASE, 0));
	figure("covh_null_call", null_call(SBI_EXT_COVH, 0x3ff));
	bench_exits();
	hashing();
	copying("plain_copy_of_2_mib", KERNEL, KERNEL + STEP_PAGES * PAGE, 512);
	copying("plain_copy_of_32_mib", KERNEL, KERNEL + STEP_PAGES * PAGE, STEP_PAGES);
	blocks();
	refill();
	refill_scattered("refill_among_100_pages_of_64_mib", 0);
	refill_scattered("refill_among_100_pages_of_64_mib_sv39", 3);
	refill_scattered("refill_among_100_pages_of_64_mib_sv48", 4);
	refill_scattered("refill_among_100_pages_of_64_mib_sv57", 5);
	walk();
	scans();
	conversion();
	life();
	destroying("destroy_of_32_mib_in_order", false);
	destroying("destroy_of_32_mib_scattered", true);
}
