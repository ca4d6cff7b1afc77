// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The measurement registers. The vectors are those of docs/measurement.md, which
 * has the Python (hashlib) that prints them:
 *   sed -n '/^```python/,/^```$/{/^```/d;p}' docs/measurement.md | python3
 */
#include "machine.h"

#define HASH COVE_HASH_LEN

struct page_in {
	u64 gpa;
	unsigned int first; /* byte i is (first + i) % 251 */
};

/* A TVM as the host describes it */
struct shape {
	u64 entry, arg, flags, identity;
	unsigned int nvcpus, nregions, npages;
	struct {
		u64 start, len;
	} region[3];
	struct page_in page[3];
	unsigned int pages_per_call;
};

static const struct shape first = {
	.entry = 0x80000000,
	.nvcpus = 1,
	.nregions = 1,
	.region = { { 0x80000000, 0x400000 } },
};

static const struct shape second = {
	.entry = 0x80000040,
	.arg = 0x80001000,
	.flags = COVE_TVM_F_IMPLICIT_MMIO,
	.nvcpus = 2,
	.nregions = 2,
	.region = { { 0x80000000, 0x400000 }, { 0x40000000, 0x1000 } },
	.npages = 2,
	.page = { { 0x80000000, 0 }, { 0x80001000, 7 } },
};

static const char *const first_vector[] = {
	"000000000000000000000000000000000000000000000000"
	"000000000000000000000000000000000000000000000000",
	"1f3b71c9c1357012f030d522d85a0fbb9de74a220b375fcc"
	"8ecc7081ea2d8fc2e4ea125021ba444d5c30e14262f62559",
};
static const char *const second_vector[] = {
	"500f6be7e4bc745a9ecafbd73587e69c2e968b1c5bc4ec5a"
	"79e76ea4e41e0750c1ecea59087c13fc81ed0a605e987527",
	"c46f7e2f5b302e0fc812ec0f8ade9bb68718da59ec00cc18"
	"23755f6b375301bac9e6b02fb313b68747c11dea27f117bf",
};

static struct machine_tvm t;

static void put_page(u64 pa, const struct page_in *in)
{
	unsigned int i;

	for (i = 0; i < PAGE; i++)
		((u8 *)arch_ptr(pa))[i] = (u8)((in->first + i) % 251);
}

static void add_pages(const struct shape *s)
{
	unsigned int i, n = s->pages_per_call ? s->pages_per_call : 1;

	for (i = 0; i < s->npages; i++)
		put_page(SOURCE + i * PAGE, &s->page[i]);
	for (i = 0; i < s->npages; i += n)
		assert_int_equal(COVH(ADD_TVM_MEASURED_PAGES, t.gid, SOURCE + i * PAGE,
				      donate(&t, n), 0, n, s->page[i].gpa),
				 COVE_OK);
}

static void build(const struct shape *s)
{
	unsigned int i;

	t = (struct machine_tvm){ .first = ARENA, .next = ARENA, .npages = 64 };
	memset(arch_ptr(ARENA), 0xa5, 64 * PAGE);
	convert(ARENA, 64);
	t.root = donate(&t, ROOT_PAGES);
	t.state_pa = donate(&t, STATE_PAGES);
	assert_int_equal(COVH(CREATE_TVM, create_params(t.root, t.state_pa, s->flags), 24),
			 COVE_OK);
	t.gid = call_value;
	assert_int_equal(COVH(ADD_TVM_PAGE_TABLE_PAGES, t.gid, donate(&t, 16), 16), COVE_OK);
	for (i = 0; i < s->nregions; i++)
		assert_int_equal(
			COVH(ADD_TVM_MEMORY_REGION, t.gid, s->region[i].start, s->region[i].len),
			COVE_OK);
	add_pages(s);
	for (i = 0; i < s->nvcpus; i++)
		assert_int_equal(
			COVH(CREATE_TVM_VCPU, t.gid, i, donate(&t, cove_vcpu_state_pages())),
			COVE_OK);
	assert_int_equal(COVH(FINALIZE_TVM, t.gid, s->entry, s->arg, s->identity), COVE_OK);
}

static void get(unsigned int index, u8 *out)
{
	assert_int_equal(
		CALL(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, t.gid, index, BUFFER, HASH),
		COVE_OK);
	memcpy(out, arch_ptr(BUFFER), HASH);
}

static void measure(const struct shape *s, u8 *pages, u8 *config)
{
	build(s);
	get(COVE_MSMT_PAGES, pages);
	get(COVE_MSMT_CONFIG, config);
	machine_tvm_end(&t);
}

static void from_hex(const char *hex, u8 *out)
{
	unsigned int i;

	assert_int_equal(strlen(hex), 2 * HASH);
	for (i = 0; i < HASH; i++)
		assert_int_equal(sscanf(hex + 2 * i, "%2hhx", &out[i]), 1);
}

static void expect_vector(const struct shape *s, const char *const *hex)
{
	u8 reg[2][HASH], want[HASH];
	unsigned int i;

	measure(s, reg[0], reg[1]);
	for (i = 0; i < 2; i++) {
		from_hex(hex[i], want);
		assert_memory_equal(reg[i], want, HASH);
	}
}

static void test_vectors(void **state)
{
	(void)state;
	expect_vector(&first, first_vector);
	expect_vector(&second, second_vector);
}

/* @s against the second vector: which registers are the same? */
static void compare(const struct shape *s, bool same_pages, bool same_config)
{
	u8 pages[HASH], config[HASH], want[HASH];

	measure(s, pages, config);
	from_hex(second_vector[0], want);
	assert_int_equal(!memcmp(pages, want, HASH), same_pages);
	from_hex(second_vector[1], want);
	assert_int_equal(!memcmp(config, want, HASH), same_config);
}

static void test_config_fields(void **state)
{
	struct shape s;

	(void)state;
#define CHANGED(what)                     \
	do {                              \
		s = second;               \
		what;                     \
		compare(&s, true, false); \
	} while (0)
	CHANGED(s.entry += 4);
	CHANGED(s.entry |= 1UL << 63);
	CHANGED(s.arg = 0);
	CHANGED(s.arg += 1UL << 56);
	CHANGED(s.flags = 0);
	CHANGED(s.nvcpus = 1);
	CHANGED(s.nvcpus = 3);
	CHANGED(s.nregions = 1);
	CHANGED(s.region[0].len += PAGE);
	CHANGED(s.region[1].start += PAGE);
	CHANGED(s.region[1].len += PAGE);
	/* entry and argument have their places */
	CHANGED(s.entry = second.arg; s.arg = second.entry);
	/* two regions that touch are not one */
	CHANGED(s.region[1].start = 0x80400000);
	CHANGED(s.nregions = 1; s.region[0].len += PAGE);
}

/* The order in which regions are declared is the host's affair. */
static void test_region_order(void **state)
{
	struct shape s = second, three = second;
	u8 a[2][HASH], b[2][HASH];

	(void)state;
	s.region[0].start = 0x40000000;
	s.region[0].len = 0x1000;
	s.region[1].start = 0x80000000;
	s.region[1].len = 0x400000;
	compare(&s, true, true);
	three.nregions = 3;
	three.region[2].start = 0x60000000;
	three.region[2].len = 0x2000;
	s = three;
	s.region[0] = three.region[2];
	s.region[2] = three.region[0];
	measure(&three, a[0], a[1]);
	measure(&s, b[0], b[1]);
	assert_memory_equal(a, b, sizeof(a));
}

static void test_pages(void **state)
{
	struct shape s = second;

	(void)state;
	/* order, contents, place, number */
	s.page[0] = second.page[1];
	s.page[1] = second.page[0];
	compare(&s, false, true);
	s = second;
	s.page[1].first = 8;
	compare(&s, false, true);
	s = second;
	s.page[0].first = 7;
	s.page[1].first = 0;
	compare(&s, false, true);
	s = second;
	s.page[1].gpa += PAGE;
	compare(&s, false, true);
	s = second;
	s.npages = 1;
	compare(&s, false, true);
	s = second;
	s.npages = 3;
	s.page[2].gpa = 0x80002000;
	compare(&s, false, true);
	/* how they are divided into calls does not matter */
	s = second;
	s.pages_per_call = 2;
	compare(&s, true, true);
}

/* One bit anywhere in a page counts. */
static void test_page_bits(void **state)
{
	u8(*reg)[HASH] = calloc(65, HASH);
	static struct tvm tvm;
	unsigned int i, k;
	u64 *page = arch_ptr(SOURCE);

	(void)state;
	assert_non_null(reg);
	for (i = 0; i < 65; i++) {
		memset(page, 0, PAGE);
		if (i)
			page[(i - 1) * 8] = 1UL << (i - 1);
		memset(&tvm, 0, sizeof(tvm));
		tvm.id = PMPTABLE_ID_TVM_FIRST;
		assert_true(cove_measure_page(&tvm, 0, page));
		memcpy(reg[i], tvm.msmt[COVE_MSMT_PAGES], HASH);
		for (k = 0; k < i; k++)
			assert_memory_not_equal(reg[k], reg[i], HASH);
		for (k = 0; k < HASH; k++)
			assert_int_equal(tvm.msmt[COVE_MSMT_CONFIG][k], 0);
	}
	free(reg);
}

/* A block at a time while an interrupt waits: the same measurement */
static void test_page_in_parts(void **state)
{
	static struct tvm whole, parts;
	u64 *page = arch_ptr(SOURCE);
	unsigned int i, n = 0;

	(void)state;
	for (i = 0; i < PAGE / sizeof(*page); i++)
		page[i] = i * 0x9e3779b97f4a7c15UL;
	memset(&whole, 0, sizeof(whole));
	memset(&parts, 0, sizeof(parts));
	whole.id = parts.id = PMPTABLE_ID_TVM_FIRST;
	assert_true(cove_measure_page(&whole, 0x1234000, page));
	fake_harts[fake_hart].interrupted = true;
	while (!cove_measure_page(&parts, 0x1234000, page))
		n++;
	fake_harts[fake_hart].interrupted = false;
	assert_int_equal(n, PAGE / 128);
	assert_memory_equal(parts.msmt, whole.msmt, sizeof(whole.msmt));
}

/* The host cannot swap a page between copy and hash: the guest has what was measured. */
static void test_copy_is_measured(void **state)
{
	u8 page[PAGE];

	(void)state;
	build(&second);
	put_page(SOURCE, &second.page[0]);
	memcpy(page, arch_ptr(SOURCE), PAGE);
	memset(arch_ptr(SOURCE), 0, PAGE);
	assert_memory_equal(arch_ptr(t.first + (ROOT_PAGES + STATE_PAGES + 16) * PAGE), page, PAGE);
	machine_tvm_end(&t);
}

static void test_not_measured(void **state)
{
	struct shape s = second;
	u8 before[2][HASH], after[2][HASH];

	(void)state;
	memset(arch_ptr(BUFFER + 0x800), 0x42, COVE_IDENTITY_LEN);
	s.identity = BUFFER + 0x800;
	compare(&s, true, true);
	/* frozen: what comes after finalize changes nothing, what fails neither */
	build(&second);
	get(COVE_MSMT_PAGES, before[0]);
	get(COVE_MSMT_CONFIG, before[1]);
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, t.gid, donate(&t, 4), 0, 4, 0x80010000), COVE_OK);
	assert_int_equal(COVH(FINALIZE_TVM, t.gid, 0x80000000, 1), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(ADD_TVM_MEMORY_REGION, t.gid, 0, PAGE), COVE_ERR_INVALID_PARAM);
	assert_int_equal(
		COVH(ADD_TVM_MEASURED_PAGES, t.gid, SOURCE, donate(&t, 1), 0, 1, 0x80020000),
		COVE_ERR_INVALID_PARAM);
	get(COVE_MSMT_PAGES, after[0]);
	get(COVE_MSMT_CONFIG, after[1]);
	assert_memory_equal(before, after, sizeof(before));
	machine_tvm_end(&t);
}

/* A page that could not be added is not measured. */
static void test_failed_page(void **state)
{
	u8 zero[HASH] = { 0 };

	(void)state;
	machine_tvm(&t, ARENA, 64, 1, 0);
	assert_int_equal(COVH(ADD_TVM_MEASURED_PAGES, t.gid, SOURCE, t.root, 0, 1, GUEST_RAM),
			 COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(ADD_TVM_MEASURED_PAGES, t.gid, SOURCE, t.next, 0, 1, 0),
			 COVE_ERR_INVALID_ADDRESS);
	assert_memory_equal(tvm_of(t.gid)->msmt[COVE_MSMT_PAGES], zero, HASH);
	assert_memory_equal(tvm_of(t.gid)->msmt[COVE_MSMT_CONFIG], zero, HASH);
	machine_tvm_end(&t);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, machine_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_vectors),	  TEST(test_config_fields), TEST(test_region_order),
		TEST(test_pages),	  TEST(test_page_bits),	    TEST(test_copy_is_measured),
		TEST(test_page_in_parts), TEST(test_not_measured),  TEST(test_failed_page),
	};

	return cmocka_run_group_tests_name("measure", tests, NULL, NULL);
}
