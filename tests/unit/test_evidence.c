// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * get_evidence step by step: what it contains, what comes between its steps, and
 * what is left. Who verifies evidence is tests/attest.
 */
#define _GNU_SOURCE
#include "attest_fixture.h"
#include "guest.h"

#define KEY	  GUEST_RAM
#define CHALLENGE (GUEST_RAM + PAGE)
#define OUT	  (GUEST_RAM + 2 * PAGE)
#define NOWHERE	  (GUEST_RAM + 64 * PAGE)
#define OUT_LEN	  (2 * PAGE)
#define END	  (GUEST_RAM + GUEST_RAM_LEN)
#define MOST	  100000

static struct machine_tvm t;
static unsigned long key_len;

static u8 *guest_ptr(u64 gpa)
{
	u64 pa = 0;

	assert_int_equal(cove_gstage_get(tvm_of(t.gid), gpa, &pa), GSTAGE_DATA);
	return arch_ptr(pa);
}

static void guest_key(void)
{
	struct cove_layer_key layer;
	u8 secret[COVE_HASH_LEN];
	struct cove_key key;
	CborEncoder enc;

	memset(secret, 0x42, sizeof(secret));
	assert_int_equal(cove_key_derive(secret, "Key_Pair", attest_mem, &layer), COVE_OK);
	key = cove_layer_public(&layer);
	cbor_encoder_init(&enc, guest_ptr(KEY), COVE_COSE_KEY_MAX, 0);
	assert_int_equal(cove_cose_key_encode(&enc, &key), CborNoError);
	key_len = cbor_encoder_get_buffer_size(&enc, guest_ptr(KEY));
	memset(guest_ptr(CHALLENGE), 0xc7, COVE_CHALLENGE_LEN);
}

/* Four pages of a guest with two vCPUs */
static int setup(void **state)
{
	struct cove_rot rot = attest_rot(0x55);
	unsigned int i;

	(void)state;
	machine_boot(4, 4);
	cove_sign_init();
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	machine_tvm_runnable(&t, ARENA, 128, 2, 0);
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, t.gid, donate(&t, 4), 0, 4, GUEST_RAM), COVE_OK);
	for (i = 0; i < 4; i++) {
		fake_hart = i;
		guest_new();
	}
	fake_hart = 0;
	guest_key();
	return 0;
}

static int teardown(void **state)
{
	fake_hart = 0;
	machine_tvm_end(&t);
	return machine_teardown(state);
}

static struct cove_vcpu *vcpu(unsigned int id)
{
	return tvm_of(t.gid)->vcpu[id];
}

/* A vCPU makes the call once. Return: is there a result? Else it goes on, or a page is missing. */
static bool call_once(unsigned int id, const unsigned long a[6])
{
	unsigned long pc = vcpu(id)->pc;

	guest_new();
	guest_ecall(SBI_EXT_COVG, SBI_COVG_GET_EVIDENCE, a);
	assert_int_equal(guest_run(t.gid, id), COVE_OK);
	return vcpu(id)->pc != pc;
}

/* ... until there is a result, on one hart after the other. Return: that of a0 */
static long call_all(const unsigned long a[6])
{
	unsigned int i;

	for (i = 0; i < MOST; i++) {
		fake_hart = i / 3 % 4;
		if (call_once(0, a))
			break;
		assert_int_equal(fake_harts[fake_hart].scause, INTERRUPT | IRQ_S_TIMER);
	}
	fake_hart = 0;
	assert_true(i < MOST);
	return (long)vcpu(0)->gpr[A0];
}

#define ONCE(id, ...) call_once(id, (const unsigned long[6]){ __VA_ARGS__ })
#define EVIDENCE(...) call_all((const unsigned long[6]){ __VA_ARGS__ })
#define VALUE	      (vcpu(0)->gpr[A1])
#define WHOLE(format) EVIDENCE(KEY, key_len, CHALLENGE, format, OUT, OUT_LEN)
#define ONE_STEP(id)  ONCE(id, KEY, key_len, CHALLENGE, COVE_CERT_CBOR, OUT, OUT_LEN)
#define REFUSED(rc, ...)                                     \
	do {                                                 \
		assert_int_equal(EVIDENCE(__VA_ARGS__), rc); \
		assert_int_equal(VALUE, 0);                  \
	} while (0)

static u8 result[OUT_LEN + 1];

/* What is in the guest's memory at OUT */
static void read_result(void)
{
	memcpy(result, guest_ptr(OUT), PAGE);
	memcpy(result + PAGE, guest_ptr(OUT + PAGE), PAGE);
}

static bool contains(const void *data, size_t len)
{
	return memmem(result, VALUE, data, len);
}

static void check_contents(void)
{
	const struct tvm *tvm = tvm_of(t.gid);
	unsigned int i;

	read_result();
	assert_true(contains(guest_ptr(KEY), key_len));
	assert_true(contains(guest_ptr(CHALLENGE), COVE_CHALLENGE_LEN));
	for (i = 0; i < COVE_MSMT_COUNT; i++)
		assert_true(contains(tvm->msmt[i], COVE_HASH_LEN));
	attest_is_zero(result + VALUE, OUT_LEN - VALUE);
}

static void test_formats(void **state)
{
	const u8 identity[COVE_IDENTITY_LEN] = { [0 ... COVE_IDENTITY_LEN - 1] = 0x1d };
	static u8 first[OUT_LEN];
	unsigned long len;

	(void)state;
	assert_int_equal(WHOLE(COVE_CERT_CBOR), COVE_OK);
	check_contents();
	assert_false(contains(identity, sizeof(identity)));
	len = VALUE;
	memcpy(first, result, len);
	memset(guest_ptr(OUT), 0, PAGE);
	memset(guest_ptr(OUT + PAGE), 0, PAGE);
	assert_int_equal(WHOLE(COVE_CERT_CBOR), COVE_OK);
	check_contents();
	assert_int_equal(VALUE, len);
	assert_memory_equal(first, result, len);
	assert_int_equal(WHOLE(COVE_CERT_X509), COVE_OK);
	check_contents();
	assert_true(VALUE > len);
	assert_int_equal(result[0], 0x30);
}

/* Shorter by what signatures and keys are; no key of the other kind is in it */
static void test_ed25519(void **state)
{
	const struct cove_signer *tsm = cove_identity()->tsm;
	unsigned long len;

	(void)state;
	assert_int_equal(WHOLE(COVE_CERT_CBOR), COVE_OK);
	len = VALUE;
	memset(guest_ptr(OUT), 0, PAGE);
	memset(guest_ptr(OUT + PAGE), 0, PAGE);
	assert_int_equal(WHOLE(COVE_CERT_CBOR_ED25519), COVE_OK);
	check_contents();
	assert_true(VALUE < len);
	assert_true(contains(tsm[COVE_EDDSA].token.data, tsm[COVE_EDDSA].token.len));
	assert_false(contains(tsm[COVE_ES384].token.data, tsm[COVE_ES384].token.len));
	memset(guest_ptr(OUT), 0, PAGE);
	assert_int_equal(WHOLE(COVE_CERT_X509_ED25519), COVE_OK);
	check_contents();
	assert_int_equal(result[0], 0x30);
	assert_true(contains(tsm[COVE_EDDSA].cert.data, tsm[COVE_EDDSA].cert.len));
	assert_false(contains(tsm[COVE_ES384].cert.data, tsm[COVE_ES384].cert.len));
}

/* Every allocation of mbedTLS passes here; the one with the number @fail_at finds no memory. */
static unsigned long allocations, fail_at;
void *__real_cove_calloc(size_t n, size_t size);
void *__wrap_cove_calloc(size_t n, size_t size);
void *__wrap_cove_calloc(size_t n, size_t size)
{
	return ++allocations == fail_at ? NULL : __real_cove_calloc(n, size);
}

static void fail_allocation(unsigned long n)
{
	allocations = 0;
	fail_at = n;
}

static void nothing_is_left(void)
{
	const struct tvm *tvm = tvm_of(t.gid);

	attest_is_zero(arch_ptr(tvm->state_pa + COVE_TVM_PAGES * PAGE), COVE_EVIDENCE_PAGES * PAGE);
	attest_is_zero(guest_ptr(OUT), PAGE);
	attest_is_zero(guest_ptr(OUT + PAGE), PAGE);
}

/* Wherever it runs out of memory, the call fails, and leaves nothing of key or signature. */
static void test_no_memory(void **state)
{
	unsigned long total, n;

	(void)state;
	fail_allocation(0);
	assert_int_equal(WHOLE(COVE_CERT_X509), COVE_OK);
	total = allocations;
	assert_true(total > 64);
	memset(guest_ptr(OUT), 0, PAGE);
	memset(guest_ptr(OUT + PAGE), 0, PAGE);
	for (n = 1; n <= total; n += n < 32 ? 1 : 1 + total / 32) {
		fail_allocation(n);
		if (WHOLE(n & 1 ? COVE_CERT_X509 : COVE_CERT_CBOR) != COVE_ERR_FAILED)
			fail_msg("without allocation %lu of %lu: %ld", n, total,
				 (long)vcpu(0)->gpr[A0]);
		nothing_is_left();
	}
	fail_allocation(0);
	assert_int_equal(WHOLE(COVE_CERT_X509), COVE_OK);
}

/* A boot that runs out of memory has no keys at all. */
static void test_no_memory_at_boot(void **state)
{
	struct cove_rot rot = attest_rot(0x55);
	unsigned long total, n;

	(void)state;
	fail_allocation(0);
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	total = allocations;
	assert_true(total > 64);
	for (n = 1; n <= total; n += 1 + total / 64) {
		rot = attest_rot(0x55);
		fail_allocation(n);
		if (attest_boot(&rot, 0x11) >= 0 || cove_identity())
			fail_msg("without allocation %lu of %lu there are keys", n, total);
		attest_is_zero(rot.secret, sizeof(rot.secret));
	}
	fail_allocation(0);
	rot = attest_rot(0x55);
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	assert_int_equal(WHOLE(COVE_CERT_CBOR), COVE_OK);
}

static void test_identity(void **state)
{
	const u8 identity[COVE_IDENTITY_LEN] = { [0 ... COVE_IDENTITY_LEN - 1] = 0x1d };

	(void)state;
	machine_tvm_end(&t);
	machine_tvm(&t, ARENA, 128, 2, 0);
	memcpy(arch_ptr(SOURCE), identity, sizeof(identity));
	assert_int_equal(COVH(FINALIZE_TVM, t.gid, GUEST_RAM, 0, SOURCE), COVE_OK);
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, t.gid, donate(&t, 4), 0, 4, GUEST_RAM), COVE_OK);
	guest_key();
	assert_int_equal(WHOLE(COVE_CERT_CBOR), COVE_OK);
	check_contents();
	assert_true(contains(identity, sizeof(identity)));
}

/* The whole, or nothing and how long it is */
static void test_room(void **state)
{
	unsigned long len;

	(void)state;
	assert_int_equal(EVIDENCE(KEY, key_len, CHALLENGE, COVE_CERT_CBOR, OUT, 100),
			 COVE_ERR_INVALID_PARAM);
	len = VALUE;
	assert_true(len > 100);
	attest_is_zero(guest_ptr(OUT), PAGE);
	assert_int_equal(EVIDENCE(KEY, key_len, CHALLENGE, COVE_CERT_CBOR, OUT, len - 1),
			 COVE_ERR_INVALID_PARAM);
	attest_is_zero(guest_ptr(OUT), PAGE);
	assert_int_equal(EVIDENCE(KEY, key_len, CHALLENGE, COVE_CERT_CBOR, OUT, len), COVE_OK);
	assert_int_equal(VALUE, len);
	check_contents();
}

static void test_errors(void **state)
{
	(void)state;
	REFUSED(COVE_ERR_INVALID_ADDRESS, KEY + 8, key_len, CHALLENGE, 1, OUT, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_ADDRESS, KEY, key_len, CHALLENGE + 8, 1, OUT, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_ADDRESS, KEY, key_len, CHALLENGE, 1, OUT + 8, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_ADDRESS, END, key_len, CHALLENGE, 1, OUT, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_ADDRESS, KEY, key_len, END, 1, OUT, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_ADDRESS, KEY, key_len, CHALLENGE, 1, END, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_ADDRESS, KEY, key_len, CHALLENGE, 1, ~0xfffUL, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_PARAM, KEY, 0, CHALLENGE, 1, OUT, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_PARAM, KEY, COVE_MAX_ATTEST_KEY + 1, CHALLENGE, 1, OUT, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_PARAM, KEY, key_len, CHALLENGE, 0, OUT, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_PARAM, KEY, key_len, CHALLENGE, 3, OUT, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_PARAM, KEY, key_len, CHALLENGE, 1UL << 18, OUT, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_PARAM, KEY, key_len, CHALLENGE, 0x30000, OUT, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_PARAM, KEY, key_len, CHALLENGE, 0x10001, OUT, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_PARAM, KEY, key_len, CHALLENGE, 1, OUT, 0);
	REFUSED(COVE_ERR_INVALID_PARAM, KEY, key_len, CHALLENGE, 1, OUT, ~0UL);
	REFUSED(COVE_ERR_INVALID_PARAM, KEY, key_len, CHALLENGE, 1, END - PAGE, 2 * PAGE);
	/* a key that is none, and one with something behind it */
	REFUSED(COVE_ERR_INVALID_PARAM, CHALLENGE, key_len, CHALLENGE, 1, OUT, OUT_LEN);
	REFUSED(COVE_ERR_INVALID_PARAM, KEY, key_len + 1, CHALLENGE, 1, OUT, OUT_LEN);
	assert_int_equal(WHOLE(COVE_CERT_CBOR), COVE_OK);
}

/* Pages that are not there are the host's to bring, and the call goes on. */
static void test_missing_pages(void **state)
{
	(void)state;
	assert_false(ONCE(0, NOWHERE, key_len, CHALLENGE, 1, OUT, OUT_LEN));
	assert_int_equal(fake_harts[0].scause, CAUSE_LOAD_GUEST_PAGE_FAULT);
	assert_int_equal(*nacl(NACL_CSR_OFFSET(CSR_HTVAL)), NOWHERE >> 2);
	assert_false(ONCE(0, KEY, key_len, NOWHERE + PAGE, 1, OUT, OUT_LEN));
	assert_int_equal(fake_harts[0].scause, CAUSE_LOAD_GUEST_PAGE_FAULT);
	assert_int_equal(*nacl(NACL_CSR_OFFSET(CSR_HTVAL)), (NOWHERE + PAGE) >> 2);
	while (!ONCE(0, KEY, key_len, CHALLENGE, 1, NOWHERE, OUT_LEN))
		if (fake_harts[0].scause == CAUSE_STORE_GUEST_PAGE_FAULT)
			break;
	assert_int_equal(*nacl(NACL_CSR_OFFSET(CSR_HTVAL)), NOWHERE >> 2);
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, t.gid, donate(&t, 1), 0, 1, NOWHERE), COVE_OK);
	assert_true(ONCE(0, KEY, key_len, CHALLENGE, 1, NOWHERE, OUT_LEN));
	assert_int_equal(vcpu(0)->gpr[A0], COVE_OK);
	assert_memory_not_equal(guest_ptr(NOWHERE), guest_ptr(OUT), 64);
}

/* The other vCPU is told to wait, and may when this one is done. */
static void test_busy(void **state)
{
	unsigned int i;

	(void)state;
	vcpu(1)->state = VCPU_STARTED;
	for (i = 0; i < 5; i++)
		assert_false(ONE_STEP(0));
	assert_true(ONE_STEP(1));
	assert_int_equal((long)vcpu(1)->gpr[A0], COVE_ERR_BUSY);
	assert_int_equal(WHOLE(COVE_CERT_CBOR), COVE_OK);
	check_contents();
	assert_false(ONE_STEP(1));
}

/* The guest makes another call instead: the first one is forgotten. */
static void test_other_call(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_false(ONE_STEP(0));
	memset(guest_ptr(CHALLENGE), 0xd8, COVE_CHALLENGE_LEN);
	assert_int_equal(WHOLE(COVE_CERT_X509), COVE_OK);
	check_contents();
}

static bool pages_wiped(void)
{
	const u64 *p = arch_ptr(tvm_of(t.gid)->state_pa + COVE_TVM_PAGES * PAGE);
	size_t i;

	for (i = 0; i < COVE_EVIDENCE_PAGES * PAGE / sizeof(*p); i++)
		if (p[i])
			return false;
	return true;
}

/* Whoever stops in the middle leaves nothing behind, and the other vCPU has its turn. */
static void test_dropped(void **state)
{
	(void)state;
	vcpu(1)->state = VCPU_STARTED;
	assert_true(pages_wiped());
	assert_false(ONE_STEP(1));
	assert_false(pages_wiped());
	guest_new();
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_STOP, 0);
	assert_int_equal(guest_run(t.gid, 1), COVE_OK);
	assert_true(pages_wiped());
	assert_int_equal(WHOLE(COVE_CERT_CBOR), COVE_OK);
	assert_true(pages_wiped());
	assert_false(ONE_STEP(0));
}

static void test_no_identity(void **state)
{
	struct cove_rot rot = { .kind = 0 };

	(void)state;
	assert_int_not_equal(attest_boot(&rot, 0x11), COVE_OK);
	REFUSED(COVE_ERR_NOT_SUPPORTED, KEY, key_len, CHALLENGE, 1, OUT, OUT_LEN);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ed25519),	TEST(test_formats),	  TEST(test_identity),
		TEST(test_room),	TEST(test_errors),	  TEST(test_busy),
		TEST(test_other_call),	TEST(test_missing_pages), TEST(test_dropped),
		TEST(test_no_identity), TEST(test_no_memory),	  TEST(test_no_memory_at_boot),
	};

	return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
