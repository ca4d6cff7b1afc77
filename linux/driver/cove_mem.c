// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Confidential memory, in chunks of 4 MiB.
 *
 * The firmware describes converted memory with a handful of PMP entries. While
 * they suffice, the host's own accesses cost nothing; beyond that some of them
 * fault to M-mode. So chunks are kept in few contiguous runs: new ones are placed
 * next to old ones, best next to those of the same VM, and chunks are returned
 * from the ends of runs. One whose return would split a run is kept as a spare
 * while entries are short, until a VM takes it, its neighbours go, or the host
 * is short of memory. A chunk belongs to one VM at a time, which hands out its
 * pages in order, 2 MiB at once where the guest's memory allows. Pages come back when the
 * VM is gone, or before, when the guest makes them shared: then they are handed out
 * again first, and a chunk all of whose pages came back leaves the VM. The monitor
 * has no call to move a page that a guest uses.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/memory_hotplug.h>
#include <linux/nodemask.h>
#include <linux/page-flags.h>
#include <linux/seq_file.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/workqueue.h>
#include <asm/sbi.h>
#include "cove.h"

#define GROW_CHUNKS    4 /* taken at once when a running VM needs memory */
#define ADJACENT_TRIES 8
#define ADJACENT_TIME  (HZ / 2)
#define BUSY_FACTOR    16
#define FRESH_TRIES    3
#define PMP_RESERVE    4    /* a hole may cost two, and so may a run that grows */
#define ROUND_TRIES    5000 /* some seconds */
#define ROUND_WAIT_US  1000
#define CHUNK_GFP      (GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

enum { BELOW, ABOVE, SIDES };

/*
 * Where a new chunk may go: between two runs, beside one of its VM, beside any; and
 * to the sides where something is in use, which must be moved, only after those.
 */
enum place { GAP, OWN_FREE, ANY_FREE, OWN_SIDE, ANY_SIDE };

/**
 * struct cove_chunk - 4 MiB of converted memory
 * @node: in the pool, by address
 * @vm_node: in cove_vm.chunks, when @vm
 * @vm: the VM that has it; NULL: a spare
 * @used: pages handed out
 * @freed, @nfreed: of these, pages that came back from the guest
 * @fenced: a fence round is over since the conversion
 * @lost: the monitor has not let go of it; never to be touched again
 * @busy_until: jiffies before which the neighbouring place is not tried again
 */
struct cove_chunk {
	struct list_head node;
	struct list_head vm_node;
	struct cove_vm *vm;
	unsigned long pfn;
	unsigned long used;
	unsigned long nfreed;
	DECLARE_BITMAP(freed, COVE_CHUNK_PAGES);
	bool fenced;
	bool lost;
	u64 busy_until[SIDES];
};

static DEFINE_MUTEX(pool_lock);
static LIST_HEAD(pool);
static unsigned long pool_chunks;
static unsigned long pool_spares;
static struct shrinker *spare_shrinker;

static void local_fence(void *errors)
{
	if (cove_sbi_local_fence())
		atomic_inc(errors);
}

/*
 * A round begins when the last is over. That takes longer than the fences here while
 * a CPU goes down: Linux is done with it before the firmware is, which waits for it.
 */
static long begin_round(atomic_t *errors)
{
	unsigned int tries;
	long err;

	for (tries = 0; tries < ROUND_TRIES; tries++) {
		if (tries > 1)
			usleep_range(100, ROUND_WAIT_US);
		err = cove_sbi_global_fence();
		if (err != SBI_ERR_ALREADY_STARTED)
			break;
		on_each_cpu(local_fence, errors, 1);
	}
	return err;
}

/* Every online CPU obeys the new ownership; @round: and pages may be assigned. */
static int fence_all(bool round)
{
	atomic_t errors = ATOMIC_INIT(0);
	long err = 0;

	cpus_read_lock();
	if (round)
		err = begin_round(&errors);
	on_each_cpu(local_fence, &errors, 1);
	/* the next can begin: this one is over, on a CPU that goes down, too */
	if (round && !err && num_online_cpus() < num_possible_cpus())
		err = begin_round(&errors);
	cpus_read_unlock();
	if (err || atomic_read(&errors)) {
		pr_err("the firmware refuses a fence (SBI error %ld)\n", err);
		return -EIO;
	}
	return 0;
}

/* Tells /proc/kcore, hibernation and dumps to keep away. */
static void mark_offline(unsigned long pfn, bool offline)
{
	unsigned long i;

	page_offline_begin();
	for (i = 0; i < COVE_CHUNK_PAGES; i++) {
		if (offline)
			__SetPageOffline(pfn_to_page(pfn + i));
		else
			__ClearPageOffline(pfn_to_page(pfn + i));
	}
	page_offline_end();
}

static bool ordinary_ram(unsigned long pfn)
{
	struct page *first = pfn_to_online_page(pfn);
	unsigned long i;

	for (i = 0; first && i < COVE_CHUNK_PAGES; i++) {
		struct page *page = pfn_to_online_page(pfn + i);

		if (!page || PageReserved(page) || PageOffline(page) ||
		    page_zonenum(page) != page_zonenum(first) ||
		    page_to_nid(page) != page_to_nid(first))
			return false;
	}
	return first;
}

/**
 * cove_mem_can_spare() - has the host @pages for a guest, and enough for itself?
 * Contiguous allocation knows no watermarks.
 */
bool cove_mem_can_spare(unsigned long pages)
{
	long reserve = max_t(long, totalram_pages() / 32, SZ_32M >> PAGE_SHIFT);

	return si_mem_available() >= reserve + (long)pages;
}

static void pool_insert(struct cove_chunk *chunk)
{
	struct cove_chunk *next;

	list_for_each_entry(next, &pool, node)
		if (next->pfn > chunk->pfn)
			break;
	list_add_tail(&chunk->node, &next->node);
	pool_chunks++;
}

/* The host owns the pages at @pfn and nobody uses them: make a chunk of them. */
static int convert(unsigned long pfn, struct cove_chunk **result)
{
	struct cove_chunk *chunk = kzalloc(sizeof(*chunk), GFP_KERNEL);
	long err;

	if (!chunk) {
		free_contig_range(pfn, COVE_CHUNK_PAGES);
		return -ENOMEM;
	}
	mark_offline(pfn, true);
	err = cove_sbi_convert_pages(PFN_PHYS(pfn), COVE_CHUNK_PAGES);
	if (err) {
		mark_offline(pfn, false);
		free_contig_range(pfn, COVE_CHUNK_PAGES);
		kfree(chunk);
		return cove_errno(err);
	}
	chunk->pfn = pfn;
	pool_insert(chunk);
	*result = chunk;
	return 0;
}

static int place_at(unsigned long pfn, struct cove_chunk **result)
{
	if (!ordinary_ram(pfn) ||
	    alloc_contig_range(pfn, pfn + COVE_CHUNK_PAGES, MIGRATE_MOVABLE, CHUNK_GFP))
		return -EBUSY;
	return convert(pfn, result);
}

static bool is_spare(struct cove_chunk *chunk)
{
	return !chunk->vm && !chunk->lost;
}

/* The next chunk on that side, if it begins @distance chunks from @chunk. */
static struct cove_chunk *neighbour(struct cove_chunk *chunk, int side, unsigned long distance)
{
	struct cove_chunk *next =
		side == ABOVE ? list_next_entry(chunk, node) : list_prev_entry(chunk, node);

	if (list_entry_is_head(next, &pool, node) ||
	    abs_diff(next->pfn, chunk->pfn) != distance * COVE_CHUNK_PAGES)
		return NULL;
	return next;
}

static bool at_end(struct cove_chunk *chunk)
{
	return !neighbour(chunk, BELOW, 1) || !neighbour(chunk, ABOVE, 1);
}

static bool beside_own(struct cove_chunk *chunk, struct cove_vm *vm)
{
	struct cove_chunk *below = neighbour(chunk, BELOW, 1);
	struct cove_chunk *above = neighbour(chunk, ABOVE, 1);

	return (below && below->vm == vm) || (above && above->vm == vm);
}

/* A hint, read without the zone's lock: is the whole window free? */
static bool looks_free(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);

	return page && !PageReserved(page) && PageBuddy(page) &&
	       page_private(page) >= COVE_CHUNK_ORDER;
}

static unsigned long place_beside(struct cove_chunk *chunk, int side)
{
	return side == ABOVE ? chunk->pfn + COVE_CHUNK_PAGES : chunk->pfn - COVE_CHUNK_PAGES;
}

static bool suits(struct cove_chunk *chunk, int side, enum place place, struct cove_vm *vm)
{
	if ((side == BELOW && chunk->pfn < COVE_CHUNK_PAGES) || neighbour(chunk, side, 1) ||
	    get_jiffies_64() < chunk->busy_until[side])
		return false;
	switch (place) {
	case GAP:
		return neighbour(chunk, side, 2);
	case OWN_FREE:
		return chunk->vm == vm && looks_free(place_beside(chunk, side));
	case ANY_FREE:
		return looks_free(place_beside(chunk, side));
	case OWN_SIDE:
		return chunk->vm == vm;
	default:
		return true;
	}
}

static int place_adjacent(enum place place, struct cove_vm *vm, struct cove_chunk **result)
{
	u64 start, first = get_jiffies_64();
	struct cove_chunk *chunk;
	int side, ret = -EBUSY, tries = 0;

	list_for_each_entry(chunk, &pool, node) {
		for (side = 0; side < SIDES; side++) {
			if (!suits(chunk, side, place, vm))
				continue;
			start = get_jiffies_64();
			ret = place_at(place_beside(chunk, side), result);
			if (!ret)
				return 0;
			/* moving what is in use there may take long, in vain */
			chunk->busy_until[side] =
				get_jiffies_64() + HZ + BUSY_FACTOR * (get_jiffies_64() - start);
			if (++tries == ADJACENT_TRIES || get_jiffies_64() - first > ADJACENT_TIME)
				return ret;
		}
	}
	return ret;
}

/**
 * struct run - free windows side by side
 */
struct run {
	unsigned long pfn;
	unsigned long chunks;
};

/* The smallest run that holds @need chunks, else the longest. */
static bool better(const struct run *a, const struct run *b, unsigned long need)
{
	if (a->chunks >= need && b->chunks >= need)
		return a->chunks < b->chunks;
	return a->chunks > b->chunks;
}

static void find_run_on_node(int nid, unsigned long need, struct run *best)
{
	unsigned long end = node_end_pfn(nid);
	unsigned long pfn = ALIGN(node_start_pfn(nid), COVE_CHUNK_PAGES);
	struct run run = {};

	for (; pfn + COVE_CHUNK_PAGES <= end; pfn += COVE_CHUNK_PAGES) {
		if (!looks_free(pfn)) {
			run.chunks = 0;
			continue;
		}
		if (!run.chunks++)
			run.pfn = pfn;
		if (pfn + 2 * COVE_CHUNK_PAGES > end || !looks_free(pfn + COVE_CHUNK_PAGES)) {
			if (better(&run, best, need))
				*best = run;
		}
	}
}

static int place_fresh(unsigned long need, struct cove_chunk **result)
{
	int nid, tries, ret = -EBUSY;
	struct page *page;

	for (tries = 0; tries < FRESH_TRIES && ret == -EBUSY; tries++) {
		struct run best = {};

		for (nid = first_online_node; nid < MAX_NUMNODES; nid = next_online_node(nid))
			find_run_on_node(nid, need, &best);
		if (!best.chunks)
			break;
		ret = place_at(best.pfn, result);
	}
	if (ret != -EBUSY)
		return ret;
	page = alloc_pages(CHUNK_GFP, COVE_CHUNK_ORDER);
	if (!page)
		return -EBUSY;
	split_page(page, COVE_CHUNK_ORDER);
	return convert(page_to_pfn(page), result);
}

/* One beside the VM's own chunks, else the lowest, so that the top stays free. */
static struct cove_chunk *find_spare(struct cove_vm *vm)
{
	struct cove_chunk *chunk, *lowest = NULL;

	list_for_each_entry(chunk, &pool, node) {
		if (!is_spare(chunk))
			continue;
		if (beside_own(chunk, vm))
			return chunk;
		if (!lowest)
			lowest = chunk;
	}
	return lowest;
}

static int new_chunk(struct cove_vm *vm, unsigned long need, struct cove_chunk **result)
{
	enum place place;
	int ret = -EBUSY;

	if (!cove_mem_can_spare(COVE_CHUNK_PAGES))
		return -ENOMEM;
	for (place = GAP; ret && place <= ANY_SIDE; place++)
		ret = place_adjacent(place, vm, result);
	if (ret)
		ret = place_fresh(need, result);
	return ret;
}

static void free_chunk(struct cove_chunk *chunk)
{
	mark_offline(chunk->pfn, false);
	free_contig_range(chunk->pfn, COVE_CHUNK_PAGES);
	kfree(chunk);
}

/*
 * A hole in a run costs PMP entries, and a VM that grows may need some: keep a
 * few, so that the entries go on describing memory exactly.
 */
static bool may_split(void)
{
	struct covesbi_stats *stats;
	bool may = true;

	if (!cove_caps.extras)
		return true;
	stats = kzalloc(sizeof(*stats), GFP_KERNEL);
	if (!stats)
		return false;
	if (!cove_sbi_get_stats(stats))
		may = !stats->pmp_refill && stats->pmp_used + PMP_RESERVE <= stats->pmp_entries;
	kfree(stats);
	return may;
}

static bool reclaim(struct cove_chunk *chunk, struct list_head *reclaimed)
{
	long err = cove_sbi_reclaim_pages(PFN_PHYS(chunk->pfn), COVE_CHUNK_PAGES);

	cond_resched();
	if (err) {
		pr_err("the firmware does not give back 4 MiB at %#llx (SBI error %ld)\n",
		       PFN_PHYS(chunk->pfn), err);
		chunk->lost = true;
		return false;
	}
	list_move_tail(&chunk->node, reclaimed);
	pool_chunks--;
	return true;
}

/* Upwards and downwards: then no spare is left that can go without a split. */
static void reclaim_ends(struct list_head *reclaimed)
{
	struct cove_chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, &pool, node)
		if (is_spare(chunk) && at_end(chunk))
			reclaim(chunk, reclaimed);
	list_for_each_entry_safe_reverse(chunk, next, &pool,
					 node) if (is_spare(chunk) && at_end(chunk))
		reclaim(chunk, reclaimed);
}

/* The topmost spare that has a chunk on either side. */
static bool reclaim_middle(bool all, struct list_head *reclaimed)
{
	struct cove_chunk *chunk;

	list_for_each_entry_reverse(chunk, &pool,
				    node) if (is_spare(chunk)) return (all || may_split()) &&
		reclaim(chunk, reclaimed);
	return false;
}

/* No CPU may touch the pages before its fence. */
static void free_reclaimed(struct list_head *reclaimed)
{
	struct cove_chunk *chunk, *next;
	bool lost;

	if (list_empty(reclaimed))
		return;
	lost = fence_all(false);
	list_for_each_entry_safe(chunk, next, reclaimed, node) {
		list_del(&chunk->node);
		if (lost) {
			chunk->lost = true;
			pool_insert(chunk);
		} else {
			free_chunk(chunk);
		}
	}
}

/* Give spares back to the host; @all: those too whose return splits a run. */
static void shrink(bool all)
{
	struct cove_chunk *chunk;
	LIST_HEAD(reclaimed);
	unsigned long n = 0;

	do {
		reclaim_ends(&reclaimed);
	} while (reclaim_middle(all, &reclaimed));
	free_reclaimed(&reclaimed);
	list_for_each_entry(chunk, &pool, node)
		n += is_spare(chunk);
	WRITE_ONCE(pool_spares, n);
}

/* No VM has it any more, nor any of its pages. */
static void forget_use(struct cove_chunk *chunk)
{
	chunk->vm = NULL;
	chunk->used = 0;
	chunk->nfreed = 0;
	bitmap_zero(chunk->freed, COVE_CHUNK_PAGES);
}

static void give_up(struct list_head *got, int ret)
{
	struct cove_chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, got, vm_node) {
		list_del(&chunk->vm_node);
		forget_use(chunk);
	}
	shrink(false);
	if (ret == -ENOMEM)
		pr_warn_ratelimited("the host has too little free memory for a confidential VM\n");
	else if (ret == -EBUSY)
		pr_warn_ratelimited(
			"no 4 MiB of contiguous memory can be freed for a confidential VM\n");
}

/* With pool_lock held: as grow(). */
static int grow_locked(struct cove_vm *vm, unsigned long want, unsigned long min)
{
	struct cove_chunk *chunk;
	unsigned long n = 0;
	bool fence = false;
	LIST_HEAD(got);
	int ret = 0;

	while (n < want) {
		chunk = find_spare(vm);
		if (chunk) {
			WRITE_ONCE(pool_spares, pool_spares - 1);
		} else {
			ret = new_chunk(vm, want - n + vm->max_pages / COVE_CHUNK_PAGES, &chunk);
			if (ret)
				break;
		}
		fence |= !chunk->fenced;
		chunk->vm = vm;
		chunk->used = 0;
		list_add_tail(&chunk->vm_node, &got);
		n++;
		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			min = want + 1;
			break;
		}
		cond_resched();
	}
	if (n >= min) {
		ret = fence ? fence_all(true) : 0;
		if (!ret) {
			list_for_each_entry(chunk, &got, vm_node)
				chunk->fenced = true;
			list_splice(&got, &vm->chunks);
			vm->nchunks += n;
			return 0;
		}
	}
	give_up(&got, ret);
	return ret == -EINTR || ret == -EIO ? ret : -ENOMEM;
}

/* Give @vm up to @want chunks; fewer than @min is a failure and gives none. */
static int grow(struct cove_vm *vm, unsigned long want, unsigned long min)
{
	int ret;

	mutex_lock(&pool_lock);
	ret = grow_locked(vm, want, min);
	mutex_unlock(&pool_lock);
	return ret;
}

static unsigned long chunk_left(const struct cove_chunk *chunk, unsigned long align)
{
	unsigned long used = ALIGN(chunk->used, align);

	return used < COVE_CHUNK_PAGES ? COVE_CHUNK_PAGES - used : 0;
}

/* Chunks with free pages stay in front. */
static phys_addr_t hand_out(struct cove_vm *vm, struct cove_chunk *chunk, unsigned long pages,
			    unsigned long align)
{
	unsigned long used = ALIGN(chunk->used, align);

	chunk->used = used + pages;
	if (chunk->used == COVE_CHUNK_PAGES)
		list_move_tail(&chunk->vm_node, &vm->chunks);
	return PFN_PHYS(chunk->pfn + used);
}

/**
 * cove_mem_reserve() - have @pages free pages at hand, with one fence for all
 *
 * The caller holds vm->lock, here and below.
 *
 * Return: 0, -ENOMEM, -EINTR, -EIO
 */
int cove_mem_reserve(struct cove_vm *vm, unsigned long pages)
{
	struct cove_chunk *chunk;
	unsigned long left = 0;
	unsigned long chunks;

	list_for_each_entry(chunk, &vm->chunks, vm_node)
		left += chunk_left(chunk, 1);
	if (left >= pages)
		return 0;
	chunks = DIV_ROUND_UP(pages - left, COVE_CHUNK_PAGES);
	return grow(vm, chunks, chunks);
}

/**
 * cove_mem_take() - contiguous confidential pages, not assigned yet
 * @pages: 1..COVE_CHUNK_PAGES
 * @align: in pages, a power of two
 */
int cove_mem_take(struct cove_vm *vm, unsigned long pages, unsigned long align, phys_addr_t *pa)
{
	struct cove_chunk *chunk;
	int ret;

	list_for_each_entry(chunk, &vm->chunks, vm_node) {
		if (chunk_left(chunk, align) >= pages) {
			*pa = hand_out(vm, chunk, pages, align);
			return 0;
		}
	}
	ret = grow(vm, 1, 1);
	if (ret)
		return ret;
	chunk = list_first_entry(&vm->chunks, struct cove_chunk, vm_node);
	*pa = hand_out(vm, chunk, pages, align);
	return 0;
}

/*
 * Large pages come from chunks of which nothing or a half is used, others from the
 * rest, so that little is lost to alignment.
 */
static struct cove_chunk *find_chunk(struct cove_vm *vm, bool large)
{
	struct cove_chunk *chunk, *found = NULL;

	list_for_each_entry(chunk, &vm->chunks, vm_node) {
		bool whole = IS_ALIGNED(chunk->used, COVE_LARGE_PAGES);

		if (!chunk_left(chunk, 1) || (large && !whole))
			continue;
		if (large || !whole)
			return chunk;
		if (!found)
			found = chunk;
	}
	return found;
}

/** cove_mem_take_large() - COVE_LARGE_PAGES contiguous pages, aligned to their size */
int cove_mem_take_large(struct cove_vm *vm, phys_addr_t *pa)
{
	struct cove_chunk *chunk = find_chunk(vm, true);
	unsigned long rest = vm->max_pages - vm->populated;
	int ret;

	if (!chunk) {
		ret = grow(vm, clamp(DIV_ROUND_UP(rest, COVE_CHUNK_PAGES), 1UL, GROW_CHUNKS), 1);
		if (ret)
			return ret;
		chunk = find_chunk(vm, true);
	}
	*pa = hand_out(vm, chunk, COVE_LARGE_PAGES, COVE_LARGE_PAGES);
	return 0;
}

/* The first of the guest's old pages and its neighbours. */
static phys_addr_t take_freed(struct cove_vm *vm, unsigned long want, unsigned long *got)
{
	struct cove_chunk *chunk;
	unsigned long first, end;

	list_for_each_entry(chunk, &vm->chunks, vm_node)
		if (chunk->nfreed)
			break;
	first = find_first_bit(chunk->freed, COVE_CHUNK_PAGES);
	end = find_next_zero_bit(chunk->freed, min(first + want, COVE_CHUNK_PAGES), first);
	*got = end - first;
	bitmap_clear(chunk->freed, first, *got);
	chunk->nfreed -= *got;
	vm->freed -= *got;
	return PFN_PHYS(chunk->pfn + first);
}

/** cove_mem_put() - the guest has pages of one chunk no longer: they are unassigned */
void cove_mem_put(struct cove_vm *vm, unsigned long pfn, unsigned long pages)
{
	struct cove_chunk *chunk;

	list_for_each_entry(chunk, &vm->chunks, vm_node) {
		if (pfn < chunk->pfn || pfn - chunk->pfn >= COVE_CHUNK_PAGES)
			continue;
		bitmap_set(chunk->freed, pfn - chunk->pfn, pages);
		chunk->nfreed += pages;
		vm->freed += pages;
		return;
	}
}

static bool pool_in_use(void)
{
	struct cove_chunk *chunk;

	list_for_each_entry(chunk, &pool, node)
		if (chunk->vm)
			return true;
	return false;
}

/**
 * cove_mem_alone() - call @fn while all unassigned memory is a new VM's, @pages of it
 *
 * For the call of the monitor that takes confidential memory where it finds some. How much
 * of it @fn has left is not known, so that the VM gets nothing more from these chunks. The
 * caller holds vm->lock; no other VM is created meanwhile, and none runs.
 *
 * Return: that of @fn; -EBUSY: another VM has memory; -ENOMEM, -EINTR, -EIO
 */
int cove_mem_alone(struct cove_vm *vm, unsigned long pages, int (*fn)(struct cove_vm *, void *),
		   void *arg)
{
	unsigned long chunks = DIV_ROUND_UP(pages, COVE_CHUNK_PAGES);
	struct cove_chunk *chunk;
	int ret = -EBUSY;

	mutex_lock(&pool_lock);
	shrink(true);
	if (!pool_in_use())
		ret = grow_locked(vm, chunks, chunks);
	if (!ret)
		ret = fn(vm, arg);
	list_for_each_entry(chunk, &vm->chunks, vm_node)
		chunk->used = COVE_CHUNK_PAGES;
	mutex_unlock(&pool_lock);
	return ret;
}

/** cove_mem_trim() - chunks all of whose pages came back are the VM's no longer */
void cove_mem_trim(struct cove_vm *vm)
{
	struct cove_chunk *chunk, *next;
	bool any = false;

	mutex_lock(&pool_lock);
	list_for_each_entry_safe(chunk, next, &vm->chunks, vm_node) {
		if (!chunk->nfreed || chunk->nfreed < chunk->used)
			continue;
		vm->freed -= chunk->nfreed;
		vm->nchunks--;
		list_del(&chunk->vm_node);
		forget_use(chunk);
		any = true;
	}
	if (any)
		shrink(false);
	mutex_unlock(&pool_lock);
}

/**
 * cove_mem_take_some() - at most @want contiguous pages, as many as the chunk in use has
 */
int cove_mem_take_some(struct cove_vm *vm, unsigned long want, phys_addr_t *pa, unsigned long *got)
{
	struct cove_chunk *chunk = find_chunk(vm, false);
	unsigned long rest = vm->max_pages - vm->populated;
	int ret;

	if (vm->freed) {
		*pa = take_freed(vm, want, got);
		return 0;
	}
	if (!chunk) {
		ret = grow(vm, clamp(DIV_ROUND_UP(rest, COVE_CHUNK_PAGES), 1UL, GROW_CHUNKS), 1);
		if (ret)
			return ret;
		chunk = list_first_entry(&vm->chunks, struct cove_chunk, vm_node);
	}
	*got = min(want, chunk_left(chunk, 1));
	*pa = hand_out(vm, chunk, *got, 1);
	return 0;
}

/**
 * cove_mem_release() - a VM is gone: its chunks go back to the host, if they can
 * @lost: the monitor has not destroyed the VM, so its memory is lost
 */
void cove_mem_release(struct cove_vm *vm, bool lost)
{
	struct cove_chunk *chunk, *next;

	mutex_lock(&pool_lock);
	list_for_each_entry_safe(chunk, next, &vm->chunks, vm_node) {
		list_del(&chunk->vm_node);
		forget_use(chunk);
		chunk->lost = lost;
	}
	shrink(false);
	mutex_unlock(&pool_lock);
}

static void give_back(struct work_struct *work)
{
	mutex_lock(&pool_lock);
	shrink(true);
	mutex_unlock(&pool_lock);
}
static DECLARE_WORK(give_back_work, give_back);

static unsigned long count_spares(struct shrinker *shrinker, struct shrink_control *sc)
{
	return READ_ONCE(pool_spares) * COVE_CHUNK_PAGES;
}

/* Later: whoever is short of memory may hold pool_lock, or the lock of CPU hotplug. */
static unsigned long scan_spares(struct shrinker *shrinker, struct shrink_control *sc)
{
	queue_work(system_unbound_wq, &give_back_work);
	return SHRINK_STOP;
}

/** cove_mem_init() - let the host ask for spares when it is short of memory */
int cove_mem_init(void)
{
	spare_shrinker = shrinker_alloc(0, "cove-spares");
	if (!spare_shrinker)
		return -ENOMEM;
	spare_shrinker->count_objects = count_spares;
	spare_shrinker->scan_objects = scan_spares;
	shrinker_register(spare_shrinker);
	return 0;
}

/** cove_mem_exit() - at module unload; what the firmware keeps stays out of the host's hands */
void cove_mem_exit(void)
{
	struct cove_chunk *chunk, *next;

	shrinker_free(spare_shrinker);
	cancel_work_sync(&give_back_work);
	mutex_lock(&pool_lock);
	shrink(true);
	if (pool_chunks)
		pr_err("%lu chunks of 4 MiB stay with the firmware until the next boot\n",
		       pool_chunks);
	list_for_each_entry_safe(chunk, next, &pool, node) {
		list_del(&chunk->node);
		kfree(chunk);
	}
	pool_chunks = 0;
	mutex_unlock(&pool_lock);
}

static void count_chunks(struct cove_info *info)
{
	struct cove_chunk *chunk;

	list_for_each_entry(chunk, &pool, node) {
		info->driver_chunks++;
		info->driver_spares += is_spare(chunk);
		info->driver_runs += !neighbour(chunk, BELOW, 1);
	}
}

/** cove_mem_count() - the chunks that the driver holds, spares included, and their runs: added to
 * @info */
void cove_mem_count(struct cove_info *info)
{
	mutex_lock(&pool_lock);
	count_chunks(info);
	mutex_unlock(&pool_lock);
}

/** cove_mem_show() - the sums, then a line per chunk: start end pages-used state */
void cove_mem_show(struct seq_file *m)
{
	struct cove_info info = {};
	struct cove_chunk *chunk;

	mutex_lock(&pool_lock);
	count_chunks(&info);
	seq_printf(m, "# chunks %llu spares %llu runs %llu\n# start end pages_used owner\n",
		   info.driver_chunks, info.driver_spares, info.driver_runs);
	list_for_each_entry(chunk, &pool, node) {
		u64 start = PFN_PHYS(chunk->pfn);

		seq_printf(m, "%#llx %#llx %lu ", start, start + COVE_CHUNK_SIZE,
			   chunk->used - chunk->nfreed);
		if (chunk->vm)
			seq_printf(m, "vm%u\n", chunk->vm->id);
		else
			seq_puts(m, chunk->lost ? "lost\n" : "spare\n");
	}
	mutex_unlock(&pool_lock);
}
