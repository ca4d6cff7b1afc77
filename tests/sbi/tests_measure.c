// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The measurement registers, computed a second time from their definition
 * (docs/measurement.md).
 */
#include "tvm.h"

#define HASH 48

static void extend(uint8_t reg[HASH], const void *data, unsigned long len)
{
	struct sha384 s;

	sha384_start(&s);
	sha384_add(&s, reg, HASH);
	sha384_add(&s, data, len);
	sha384_end(&s, reg);
}

static void extend_page(uint8_t reg[HASH], uint64_t gpa, const void *page)
{
	struct sha384 s;

	sha384_start(&s);
	sha384_add(&s, reg, HASH);
	sha384_add_le64(&s, gpa);
	sha384_add(&s, page, PAGE);
	sha384_end(&s, reg);
}

static void config(uint8_t reg[HASH], uint64_t entry, uint64_t arg, const uint64_t *words,
		   unsigned int nwords)
{
	uint8_t digest[HASH];
	struct sha384 s;
	unsigned int i;

	memset(reg, 0, HASH);
	extend(reg, &entry, 8);
	extend(reg, &arg, 8);
	sha384_start(&s);
	sha384_add(&s, "cove-config-v1", 14);
	for (i = 0; i < nwords; i++)
		sha384_add_le64(&s, words[i]);
	sha384_end(&s, digest);
	extend(reg, digest, HASH);
}

static long read_register(struct tvm *t, unsigned long index, void *out)
{
	return sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, t->gid, index, (unsigned long)out,
		    HASH)
		.error;
}

/* FIPS 180-4 example: the payload's own hash is right. */
static void own_sha384(void)
{
	static const uint8_t abc[8] = { 0xcb, 0x00, 0x75, 0x3f, 0x45, 0xa3, 0x5e, 0x8b };
	uint8_t digest[HASH];
	struct sha384 s;

	sha384_start(&s);
	sha384_add(&s, "abc", 3);
	sha384_end(&s, digest);
	EXPECT(memcmp(digest, abc, sizeof(abc)), 0);
}

static void image(void)
{
	uint8_t expected[HASH] = { 0 }, seen[HASH];
	const uint64_t words[] = { COVE_TVM_F_IMPLICIT_MMIO, 2, 1, GUEST_BASE, GUEST_SIZE };
	unsigned long i;
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 2, 0xabcdef));
	for (i = 0; i < GUEST_IMAGE_PAGES; i++)
		extend_page(expected, GUEST_BASE + i * PAGE, guest_image + i * PAGE);
	EXPECT(read_register(&t, COVE_MSMT_PAGES, seen), OK);
	EXPECT(memcmp(expected, seen, HASH), 0);
	config(expected, GUEST_BASE, 0xabcdef, words, ARRAY_SIZE(words));
	EXPECT(read_register(&t, COVE_MSMT_CONFIG, seen), OK);
	EXPECT(memcmp(expected, seen, HASH), 0);
}

struct pair {
	unsigned int source;
	unsigned int place;
};

/* Measured pages in this order; the page register. */
static bool pages_register(struct tvm *t, const struct pair *pairs, unsigned int n,
			   unsigned long src, uint8_t reg[HASH])
{
	unsigned int i;

	if (!tvm_create(t, 0) || !tvm_region(t) || !tvm_pt(t, 8) || !tvm_vcpus(t, 1))
		return false;
	for (i = 0; i < n; i++)
		if (covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, t->gid, src + pairs[i].source * PAGE,
			 tvm_pages(t, 1, 1), 0, 1, GUEST_BASE + pairs[i].place * PAGE))
			return false;
	return !tvm_finalize(t, 0) && !read_register(t, COVE_MSMT_PAGES, reg);
}

/* Order, address and contents of pages all count. */
static void what_counts(void)
{
	static const struct pair orders[][2] = {
		{ { 0, 0 }, { 1, 1 } }, { { 1, 1 }, { 0, 0 } }, { { 0, 1 }, { 1, 0 } },
		{ { 0, 0 }, { 1, 2 } }, { { 0, 0 }, { 0, 1 } },
	};
	uint8_t expected[HASH], seen[ARRAY_SIZE(orders)][HASH];
	unsigned long src = pages_alloc(2, 1);
	unsigned int i, j;

	page_fill(src, 0x1111);
	page_fill(src + PAGE, 0x2222);
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		struct tvm t;

		REQUIRE(pages_register(&t, orders[i], 2, src, seen[i]));
		memset(expected, 0, HASH);
		for (j = 0; j < 2; j++)
			extend_page(expected, GUEST_BASE + orders[i][j].place * PAGE,
				    (void *)(src + orders[i][j].source * PAGE));
		EXPECT(memcmp(expected, seen[i], HASH), 0);
		for (j = 0; j < i; j++)
			EXPECT_TRUE(memcmp(seen[i], seen[j], HASH));
		EXPECT(tvm_destroy(&t), OK);
		EXPECT(reclaim(t.chunk, TVM_CHUNK), OK);
	}
}

/* Several regions, added in any order, are measured sorted; a refused one is not. */
static void regions(void)
{
	const uint64_t words[] = {
		0, 1, 3, GUEST_BASE, GUEST_SIZE, 0x90000000UL, 4 * PAGE, 0xa0000000UL, PAGE
	};
	uint8_t expected[HASH], seen[HASH];
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(covh(SBI_COVH_ADD_TVM_MEMORY_REGION, t.gid, 0xa0000000UL, PAGE), OK);
	EXPECT(covh(SBI_COVH_ADD_TVM_MEMORY_REGION, t.gid, 0x90000000UL, 4 * PAGE), OK);
	EXPECT(covh(SBI_COVH_ADD_TVM_MEMORY_REGION, t.gid, 0x90000000UL, PAGE), E_INVALID_ADDRESS);
	REQUIRE(tvm_region(&t) && tvm_pt(&t, 8) && tvm_vcpus(&t, 1));
	EXPECT(covh(SBI_COVH_FINALIZE_TVM, t.gid, GUEST_BASE + 64, 5, 0), OK);
	config(expected, GUEST_BASE + 64, 5, words, ARRAY_SIZE(words));
	EXPECT(read_register(&t, COVE_MSMT_CONFIG, seen), OK);
	EXPECT(memcmp(expected, seen, HASH), 0);
	memset(expected, 0, HASH);
	EXPECT(read_register(&t, COVE_MSMT_PAGES, seen), OK);
	EXPECT(memcmp(expected, seen, HASH), 0); /* no page, no extension */
}

/* Pages that come after finalize, and the identity, do not count. */
static void what_does_not_count(void)
{
	unsigned long host = pages_alloc(1, 1);
	uint8_t a[2][HASH], b[2][HASH];
	struct tvm t, u;

	REQUIRE(tvm_create(&t, 0) && tvm_region(&t) && tvm_pt(&t, 8) && tvm_vcpus(&t, 1) &&
		tvm_image(&t));
	REQUIRE(tvm_create(&u, 0) && tvm_region(&u) && tvm_pt(&u, 4) && tvm_vcpus(&u, 1) &&
		tvm_image(&u));
	EXPECT(covh(SBI_COVH_FINALIZE_TVM, t.gid, GUEST_BASE, 1, host), OK);
	EXPECT(covh(SBI_COVH_FINALIZE_TVM, u.gid, GUEST_BASE, 1, 0), OK);
	EXPECT(read_register(&t, COVE_MSMT_PAGES, a[0]) | read_register(&t, COVE_MSMT_CONFIG, a[1]),
	       OK);
	EXPECT(covh(SBI_COVH_ADD_TVM_ZERO_PAGES, u.gid, tvm_pages(&u, 2, 1), 0, 2, GUEST_HEAP), OK);
	EXPECT(read_register(&u, COVE_MSMT_PAGES, b[0]) | read_register(&u, COVE_MSMT_CONFIG, b[1]),
	       OK);
	EXPECT(memcmp(a, b, sizeof(a)), 0);
}

/*
 * Another hart writes the source while it is copied and measured: the guest
 * runs what was measured, be it this or that. As often as both harts really ran
 * at once, but not for ever.
 */
#define RACES  10
#define ROUNDS 300

static struct {
	unsigned long *word;
	unsigned long writes;
	unsigned int stop;
} writer;

static void write_here(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&writer.stop, __ATOMIC_ACQUIRE)) {
		__atomic_store_n(writer.word, writer.writes & 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&writer.writes, 1, __ATOMIC_SEQ_CST);
	}
}

static unsigned long writes(void)
{
	return __atomic_load_n(&writer.writes, __ATOMIC_SEQ_CST);
}

static bool build_again(struct tvm *t)
{
	unsigned long chunk = t->chunk;

	memset(t, 0, sizeof(*t));
	t->chunk = chunk;
	t->root = tvm_pages(t, 4, 4);
	t->state = tvm_pages(t, tsm.tvm_state_pages, 1);
	return !tvm_create_at(t, t->root, t->state, COVE_TVM_F_IMPLICIT_MMIO, 24) &&
	       tvm_region(t) && tvm_pt(t, 8) && tvm_vcpus(t, 1) && tvm_image(t);
}

/* Measures @page while it is written; false when nothing was written meanwhile. */
static bool add_while_written(struct tvm *t, unsigned long page, long *rc)
{
	unsigned long before;
	bool raced;

	writer.stop = 0;
	before = writes();
	hart_begin(other_hart(0), write_here, 0);
	while (writes() == before)
		;
	before = writes();
	*rc = covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, t->gid, page, tvm_pages(t, 1, 1), COVE_PAGE_4K,
		   1, GUEST_HEAP);
	raced = writes() - before > 100;
	__atomic_store_n(&writer.stop, 1, __ATOMIC_RELEASE);
	return hart_wait(other_hart(0)) && raced;
}

static void racing_writer(void)
{
	unsigned long page = pages_alloc(1, 1);
	struct tvm t = { .chunk = conf_pages(TVM_CHUNK, 4) };
	uint8_t image[HASH] = { 0 }, expected[HASH], seen[HASH];
	unsigned int races = 0, round, i;
	long rc;

	REQUIRE(t.chunk);
	page_fill(page, 0);
	writer.word = (unsigned long *)(page + 8 * 511);
	for (i = 0; i < GUEST_IMAGE_PAGES; i++)
		extend_page(image, GUEST_BASE + i * PAGE, guest_image + i * PAGE);
	for (round = 0; round < ROUNDS && races < RACES; round++) {
		REQUIRE(build_again(&t));
		if (add_while_written(&t, page, &rc)) {
			EXPECT(rc, OK);
			EXPECT(tvm_finalize(&t, GUEST_ARG(G_TOUCH, 0)), OK);
			t.in[0] = GUEST_HEAP + 8 * 511;
			EXPECT(tvm_serve(&t, 0), WHY_DONE);
			*writer.word = t.mail[0];
			memcpy(expected, image, HASH);
			extend_page(expected, GUEST_HEAP, (void *)page);
			EXPECT(read_register(&t, COVE_MSMT_PAGES, seen), OK);
			EXPECT(memcmp(expected, seen, HASH), 0);
			races++;
		}
		REQUIRE(!test_failed());
		EXPECT(tvm_destroy(&t), OK);
	}
}

static void errors(void)
{
	unsigned long host = pages_alloc(1, 1);
	struct tvm t;

#define GET(index, pa, len) sbi6(SBI_EXT_COVESBI, 1, t.gid, index, pa, len).error
	REQUIRE(tvm_create(&t, 0));
	EXPECT(GET(0, host, HASH), E_INVALID_PARAM); /* not finalized */
	REQUIRE(tvm_region(&t) && tvm_pt(&t, 8) && tvm_vcpus(&t, 1));
	EXPECT(tvm_finalize(&t, 0), OK);
	EXPECT(GET(COVE_MSMT_INITIAL, host, HASH), E_INVALID_PARAM);
	EXPECT(GET(COVE_MSMT_COUNT, host, HASH), E_INVALID_PARAM);
	EXPECT(GET(~0UL, host, HASH), E_INVALID_PARAM);
	EXPECT(GET(0, host, HASH - 1), E_INVALID_PARAM);
	EXPECT(GET(0, t.root, HASH), E_INVALID_ADDRESS);
	EXPECT(GET(0, 0x80000000UL, HASH), E_INVALID_ADDRESS);
	EXPECT(GET(0, ~0UL - 8, HASH), E_INVALID_ADDRESS);
	EXPECT(GET(0, 0x10000000UL, HASH), E_INVALID_ADDRESS);
	EXPECT(GET(0, host, HASH), OK);
}

const struct test measure_tests[] = {
	{ "measure_own_sha384", own_sha384, 1 },
	{ "measure_image", image, 1 },
	{ "measure_what_counts", what_counts, 1 },
	{ "measure_regions", regions, 1 },
	{ "measure_what_does_not_count", what_does_not_count, 1 },
	{ "measure_racing_writer", racing_writer, 2 },
	{ "measure_errors", errors, 1 },
};
DEFINE_TESTS(measure);
