// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Extensions in riscv,isa and riscv,isa-extensions.
 */
#include "unit.h"
#include <cove_isa.h>

#define HAS(list) cove_isa_has(list, sizeof(list), "zvknhb")

static void test_isa_string(void **state)
{
	(void)state;
	assert_true(HAS("rv64imafdcvh_zicsr_zvknhb_sstc"));
	assert_true(HAS("rv64imafdcvh_zicsr_zvknhb"));
	assert_true(HAS("rv64imafdcvh_zvknhb1p0_sstc"));
	assert_true(HAS("RV64IMAFDCVH_ZVKNHB"));
	assert_false(HAS("rv64imafdcvh"));
	assert_false(HAS("rv64imafdcvh_zvknha_sstc"));
	assert_false(HAS("rv64imafdcvh_zvknhbx_sstc"));
	assert_false(HAS("rv64imafdcvh_xzvknhb"));
	assert_false(HAS("rv64imafdcvhzvknhb"));
	assert_false(HAS("rv64imafdcvh_zvknh"));
	assert_false(HAS(""));
}

static void test_extensions(void **state)
{
	(void)state;
	assert_true(HAS("i\0m\0v\0zvknhb\0sstc"));
	assert_true(HAS("zvknhb"));
	assert_true(HAS("i\0zvknhb"));
	assert_false(HAS("i\0zvknha\0xzvknhb\0zvknhbx\0zvkned"));
}

/* Nothing behind the property is read: a byte more than @len would make it a match. */
static void test_length(void **state)
{
	static const char list[] = "i_zvknhb";
	char *copy;
	size_t len;

	(void)state;
	for (len = 0; len <= strlen(list); len++) {
		copy = malloc(len);
		if (len)
			memcpy(copy, list, len);
		assert_int_equal(cove_isa_has(copy, len, "zvknhb"), len == strlen(list));
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_isa_string),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
