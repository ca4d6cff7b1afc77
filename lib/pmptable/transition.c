// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Transitions: every change of a field. Each holds t->lock, first validates the
 * whole range and then commits, which cannot fail.
 */
#include "internal.h"

/* A state in which the host has its page, perhaps mapped into a TVM too. */
static bool state_host(pmptable_field_t field)
{
	return field == PMPTABLE_HOST || field == PMPTABLE_HOST_SHARED;
}

/* A transition may not change what the host is denied: the summary would no longer be true. */
static bool states_allowed(const pmptable_field_t *from, unsigned int nfrom, pmptable_field_t to)
{
	unsigned int i;

	/*@ loop invariant 0 <= i <= nfrom;
	    loop invariant \forall integer k; 0 <= k < i ==> (denies(from[k]) <==> denies(to));
	    loop assigns i;
	    loop variant nfrom - i; */
	for (i = 0; i < nfrom; i++) {
		if (!(pmptable_state_denied(from[i]) && pmptable_state_denied(to)) &&
		    !(state_host(from[i]) && state_host(to)))
			return false;
	}
	return nfrom;
}

/* True when [pa, pa + npages * 4 KiB) is RAM; then *end is its end. */
static bool range_valid(const struct pmptable *t, u64 pa, u64 npages, u64 *end)
{
	const u64 limit = 1UL << PMPTABLE_PA_BITS;
	const struct pmptable_bank *bank;

	if (pa % PMPTABLE_PAGE_SIZE || !npages || pa >= limit)
		return false;
	if (npages > (limit - pa) >> PMPTABLE_PAGE_SHIFT)
		return false;
	*end = pa + (npages << PMPTABLE_PAGE_SHIFT);
	/*@ assert banks: same_banks{Pre, Here}(t); */
	/*@ assert valid: \forall integer i; 0 <= i < t->nbanks ==>
	      \valid(\at(t->banks[i].root, Pre) + (0 .. \at(t->banks[i].nblocks, Pre) - 1)) &&
	      \valid(\at(t->banks[i].leaves, Pre) +
		     (0 .. \at(t->banks[i].nblocks, Pre) * 2048 - 1)) &&
	      \valid(\at(t->banks[i].denied, Pre) +
		     (0 .. \at(t->banks[i].nblocks, Pre) * 32 - 1)) &&
	      \valid(\at(t->banks[i].marked, Pre) +
		     (0 .. nmarks{Pre}(\at(&t->banks[i], Pre)) - 1)); */
	/*@ assert counts: \forall integer i; 0 <= i < t->nbanks ==>
	      nmarks(&t->banks[i]) == nmarks{Pre}(\at(&t->banks[i], Pre)); */
	/*@ assert memory: table_memory(t); */
	/*@ loop invariant \at(pa, Pre) <= pa;
	    loop invariant \forall integer q; \at(pa, Pre) <= q < pa ==> ram(t, q);
	    loop assigns pa, bank;
	    loop variant *end - pa; */
	while (pa < *end) {
		bank = pmptable_bank_of(t, pa);
		if (!bank)
			return !COVE_DEFENCE(TABLE_RAM);
		pa = bank->ram.base + bank->ram.size;
	}
	/*@ assert ram: \forall integer q; \at(pa, Pre) <= q < *end ==> ram(t, q); */
	return true;
}

/* Where what is alike from @pa on ends, or @end. */
static u64 alike_until(const struct pmptable *t, u64 pa, u64 end)
{
	struct pmptable_walk_result res;

	pmptable_walk(t, pa, &res);
	/*@ assert below: extent_end(&res) < 0x10000000000000000 ==>
	      (u64)(res.base + res.size) == extent_end(&res); */
	/*@ assert top: extent_end(&res) == 0x10000000000000000 ==>
	      (u64)(res.base + res.size) == 0; */
	/* The hole above the last bank ends at 2^64, which is 0. */
	return res.base + res.size - 1 < end ? res.base + res.size : end;
}

/* [@pa, @end), whose pages are alike, becomes the monitor's if it is the host's. */
static void set_alike(struct pmptable *t, u64 pa, u64 end)
{
	if (!pmptable_check(t, pa, 1, PMPTABLE_ID_HOST, PMPTABLE_RWX))
		return;
	/*@ assert host: granted(t, pa, 0, 7); */
	/*@ assert ram: ram(t, pa); */
	/*@ assert range: ram_range(t, pa, end); */
	/*@ ghost alike_place(t, pa, end); */
	pmptable_commit(t, pa, end, PMPTABLE_MONITOR);
	/*@ assert two: bits_apart(t); */
	/*@ assert memory: bits_memory(t); */
	/*@ assert whole: table_whole(t); */
	/*@ assert place: same_place{Pre, Here}(t); */
	/*@ assert here: page_inside(pa, end) ==> own_field_is(t, 8); */
	/*@ assert elsewhere: !page_inside(pa, end) ==> same_field{Pre, Here}(t); */
	/*@ assert bit: same_listed{Pre, Here}(t); */
	/*@ assert marked: same_marked{Pre, Here}(t); */
	/*@ assert words: same_own_marks{Pre, Here}(t); */
	/*@ assert agrees: agrees(t); */
	/*@ assert marks: marks_agree(t); */
}

void pmptable_set_monitor(struct pmptable *t, u64 base, u64 size)
{
	const u64 limit = 1UL << PMPTABLE_PA_BITS;
	u64 pa = base & ~(PMPTABLE_PAGE_SIZE - 1);
	u64 end, stop;

	if (!size || base >= limit)
		return;
	end = size > limit - base ? limit : base + size;
	end = (end + PMPTABLE_PAGE_SIZE - 1) & ~(PMPTABLE_PAGE_SIZE - 1);

	arch_lock(&t->lock);
	/*@ loop invariant inputs: t == \at(t, Pre);
	    loop invariant place: pa % 4096 == 0 && end % 4096 == 0 && 0 < end <= pa_limit;
	    loop invariant inside: pa <= end;
	    loop invariant table: table_whole(t);
	    loop invariant agrees: agrees(t) && marks_agree(t);
	    loop invariant same: same_banks{Pre, Here}(t);
	    loop invariant field: same_field{Pre, Here}(t) ||
	      (own_field_is{Pre}(t, 7) && own_field_is(t, 8));
	    loop variant end - pa; */
	for (; pa < end; pa = stop) {
		stop = alike_until(t, pa, end);
		set_alike(t, pa, stop);
	}
	arch_unlock(&t->lock);
}

int pmptable_transition(struct pmptable *t, u64 pa, u64 npages, const pmptable_field_t *from,
			unsigned int nfrom, pmptable_field_t to)
{
	int rc = PMPTABLE_ESTATE;
	u64 end;

	if (!range_valid(t, pa, npages, &end) || !states_allowed(from, nfrom, to))
		return PMPTABLE_EINVAL;

	arch_lock(&t->lock);
	if (!COVE_DEFENCE(ASSIGN_OWNER) || pmptable_states_match(t, pa, end, from, nfrom)) {
		/*@ ghost version_place(t); */
		pmptable_commit(t, pa, end, to);
		/*@ assert place: same_place{Pre, Here}(t); */
		/*@ assert listed: same_listed{Pre, Here}(t); */
		/*@ assert marked: same_marked{Pre, Here}(t); */
		/*@ assert words: same_own_marks{Pre, Here}(t); */
		/*@ assert inside: marks_agree{Pre}(t) && has_bank(t) ==>
		      marks_inside(&t->banks[any_bank]); */
		rc = PMPTABLE_OK;
	}
	arch_unlock(&t->lock);
	return rc;
}

/* Every page of the RAM range [@pa, @end) becomes @to, and the summary says so. */
static void change(struct pmptable *t, u64 pa, u64 end, pmptable_field_t to)
{
	pmptable_commit(t, pa, end, to);
	/*@ assert still_ram: \forall integer q; ram{Pre}(t, q) ==> ram(t, q); */
	/*@ assert range: ram_range(t, pa, end); */
	/*@ assert two: bits_apart(t); */
	/*@ assert memory: bits_memory(t); */
	/*@ assert whole: table_whole(t); */
	/*@ assert place: same_place{Pre, Here}(t); */
	/*@ assert here: page_inside(pa, end) ==> own_field_is(t, to); */
	/*@ assert elsewhere: !page_inside(pa, end) ==> same_field{Pre, Here}(t); */
	/*@ assert bit: same_listed{Pre, Here}(t); */
	/*@ assert marks: marks_agree(t); */
	pmptable_denied_range(t, pa, end, pmptable_state_denied(to));
	/*@ assert agrees: agrees(t); */
	/*@ assert marks_then: marks_agree(t); */
	/*@ ghost version_place(t); */
	/*@ ghost Listed: ; */
	arch_store(&t->version, t->version + 1);
	/*@ assert v_bank: has_bank(t) ==>
	      t->banks[any_bank].ram.base == \at(t->banks[any_bank].ram.base, Listed) &&
	      t->banks[any_bank].ram.size == \at(t->banks[any_bank].ram.size, Listed) &&
	      t->banks[any_bank].start == \at(t->banks[any_bank].start, Listed) &&
	      t->banks[any_bank].nblocks == \at(t->banks[any_bank].nblocks, Listed); */
	/*@ assert v_place: same_place{Listed, Here}(t); */
	/*@ assert v_bit: in_ram(t) ==>
	      t->banks[any_bank].denied[denied_word(&t->banks[any_bank])] ==
	      \at(t->banks[any_bank].denied[denied_word(&t->banks[any_bank])], Listed); */
	/*@ assert v_root: in_ram(t) ==>
	      t->banks[any_bank].root[own_page(&t->banks[any_bank]) / 2048] ==
	      \at(t->banks[any_bank].root[own_page(&t->banks[any_bank]) / 2048], Listed); */
	/*@ assert v_leaf: in_ram(t) ==>
	      t->banks[any_bank].leaves[own_page(&t->banks[any_bank])] ==
	      \at(t->banks[any_bank].leaves[own_page(&t->banks[any_bank])], Listed); */
	/*@ assert v_field: same_field{Listed, Here}(t); */
	/*@ assert v_marks: has_bank(t) ==> \forall integer k;
	      0 <= k < nmarks(&t->banks[any_bank]) ==>
		t->banks[any_bank].marked[k] == \at(t->banks[any_bank].marked[k], Listed); */
	/*@ assert v_listed: same_listed{Listed, Here}(t); */
	/*@ assert v_marked: same_marked{Listed, Here}(t); */
	/*@ assert v_inside: has_bank(t) ==> marks_inside(&t->banks[any_bank]); */
}

static int deny_locked(struct pmptable *t, u64 pa, u64 end)
{
	static const pmptable_field_t from[] = { PMPTABLE_HOST };

	if (COVE_DEFENCE(CONVERT_OWNER) && !pmptable_states_match(t, pa, end, from, 1))
		return PMPTABLE_ESTATE;
	change(t, pa, end, PMPTABLE_CONVERTING);
	return PMPTABLE_OK;
}

int pmptable_deny(struct pmptable *t, u64 pa, u64 npages)
{
	u64 end;
	int rc;

	if (!range_valid(t, pa, npages, &end))
		return PMPTABLE_EINVAL;
	arch_lock(&t->lock);
	rc = deny_locked(t, pa, end);
	arch_unlock(&t->lock);
	return rc;
}

static void scrub_range(const struct pmptable *t, u64 pa, u64 end, void (*scrub)(u64 pa))
{
	struct pmptable_walk_result res;

	for (; pa < end; pa += PMPTABLE_PAGE_SIZE) {
		pmptable_walk(t, pa, &res);
		if (res.id != PMPTABLE_ID_HOST || res.perm != PMPTABLE_RWX)
			scrub(pa);
	}
}

/* The host's already? */
static bool granted(const struct pmptable *t, u64 pa, u64 end)
{
	static const pmptable_field_t host[] = { PMPTABLE_HOST, PMPTABLE_HOST_SHARED };

	return pmptable_states_match(t, pa, end, host, 2);
}

static bool may_grant(const struct pmptable *t, u64 pa, u64 end)
{
	static const pmptable_field_t from[] = { PMPTABLE_HOST, PMPTABLE_CONVERTING,
						 PMPTABLE_UNASSIGNED };
	/*@ assert from: \forall integer f; in_set(&from[0], 3, f) ==>
	      f == 7 || f == 0 || f == 16; */

	return !COVE_DEFENCE(RECLAIM_OWNER) || pmptable_states_match(t, pa, end, from, 3);
}

static int grant_locked(struct pmptable *t, u64 pa, u64 end, void (*scrub)(u64 pa))
{
	if (granted(t, pa, end))
		return PMPTABLE_OK;
	if (!may_grant(t, pa, end))
		return PMPTABLE_ESTATE;
	scrub_range(t, pa, end, scrub);
	change(t, pa, end, PMPTABLE_HOST);
	return PMPTABLE_OK;
}

int pmptable_grant(struct pmptable *t, u64 pa, u64 npages, void (*scrub)(u64 pa))
{
	u64 end;
	int rc;

	if (!range_valid(t, pa, npages, &end))
		return PMPTABLE_EINVAL;
	arch_lock(&t->lock);
	rc = grant_locked(t, pa, end, scrub);
	arch_unlock(&t->lock);
	return rc;
}

int pmptable_may_grant(struct pmptable *t, u64 pa, u64 npages)
{
	bool may;
	u64 end;

	if (!range_valid(t, pa, npages, &end))
		return PMPTABLE_EINVAL;
	arch_lock(&t->lock);
	may = granted(t, pa, end) || may_grant(t, pa, end);
	arch_unlock(&t->lock);
	return may ? PMPTABLE_OK : PMPTABLE_ESTATE;
}
