// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Pins, and what is known of a trigger by its tdata1.
 */
#include "machine.h"

#define TYPE(t)	     ((unsigned long)(t) << 60)
#define MCONTROL_ALL (1UL << 3 | 1UL << 4 | 1UL << 23 | 1UL << 24)
#define ICOUNT_ALL   (1UL << 6 | 1UL << 7 | 1UL << 25 | 1UL << 26)

static long convert_one(u64 pa)
{
	long rc = COVH(CONVERT_PAGES, pa & ~(PAGE - 1), 1);

	if (!rc)
		assert_int_equal(COVH(RECLAIM_PAGES, pa & ~(PAGE - 1), 1), COVE_OK);
	return rc;
}

/* A pin covers each page of which it has a byte, and no other. */
static void test_bytes(void **state)
{
	static const struct {
		u64 base;
		u64 len;
		unsigned int first;
		unsigned int last;
	} pins[] = {
		{ ARENA + 4 * PAGE, 1, 4, 4 },	      { ARENA + 4 * PAGE, PAGE, 4, 4 },
		{ ARENA + 4 * PAGE, PAGE + 1, 4, 5 }, { ARENA + 5 * PAGE - 1, 1, 4, 4 },
		{ ARENA + 5 * PAGE - 1, 2, 4, 5 },    { ARENA + 4 * PAGE + 8, 3 * PAGE, 4, 7 },
	};
	unsigned int i, page;

	(void)state;
	for (i = 0; i < sizeof(pins) / sizeof(pins[0]); i++) {
		assert_int_equal(cove_pin_set(COVE_PIN_DBTR, pins[i].base, pins[i].len), COVE_OK);
		for (page = 0; page < 12; page++)
			assert_int_equal(convert_one(ARENA + page * PAGE),
					 page >= pins[i].first && page <= pins[i].last
						 ? COVE_ERR_INVALID_ADDRESS
						 : COVE_OK);
	}
	cove_pin_clear(COVE_PIN_DBTR);
	assert_null(cove_pin_get(COVE_PIN_DBTR));
	assert_int_equal(convert_one(ARENA + 4 * PAGE), COVE_OK);
}

/* Kinds and harts are independent of each other. */
static void test_kinds(void **state)
{
	(void)state;
	assert_int_equal(cove_pin_set(COVE_PIN_DBTR, ARENA, 64), COVE_OK);
	assert_int_equal(cove_pin_set(COVE_PIN_MPXY, ARENA, PAGE), COVE_OK);
	fake_hart = 2;
	assert_null(cove_pin_get(COVE_PIN_DBTR));
	assert_int_equal(cove_pin_set(COVE_PIN_MPXY, ARENA, PAGE), COVE_OK);
	fake_hart = 0;
	cove_pin_clear(COVE_PIN_DBTR);
	assert_int_equal(convert_one(ARENA), COVE_ERR_INVALID_ADDRESS);
	cove_pin_clear(COVE_PIN_MPXY);
	assert_int_equal(convert_one(ARENA), COVE_ERR_INVALID_ADDRESS);
	cove_hart_offline(cove.hart[2]);
	assert_int_equal(convert_one(ARENA), COVE_OK);
	assert_int_equal(convert_one(NACL(0)), COVE_ERR_INVALID_ADDRESS);
}

static void test_refused(void **state)
{
	static const u64 bases[] = { FAKE_RAM_BASE, HOST_BASE - 8, RAM_END - 8, RAM_END, 0, -8UL };
	unsigned int i;

	(void)state;
	assert_int_equal(cove_pin_set(COVE_PIN_DBTR, ARENA, 64), COVE_OK);
	for (i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		assert_int_equal(cove_pin_set(COVE_PIN_DBTR, bases[i], 64),
				 COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(cove_pin_set(COVE_PIN_DBTR, ARENA, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(cove_pin_set(COVE_PIN_DBTR, ARENA + 64, -64UL), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + PAGE, 1), COVE_OK);
	assert_int_equal(cove_pin_set(COVE_PIN_DBTR, ARENA + PAGE - 8, 16),
			 COVE_ERR_INVALID_ADDRESS);
	/* still the old one */
	assert_int_equal(cove_pin_get(COVE_PIN_DBTR)->base, ARENA);
	assert_int_equal(cove_pin_get(COVE_PIN_DBTR)->len, 64);
}

static void test_triggers_allowed(void **state)
{
	unsigned long type;

	(void)state;
	for (type = 0; type < 16; type++)
		assert_int_equal(cove_trigger_allowed(TYPE(type)),
				 type == 2 || type == 3 || type == 6);
	for (type = 2; type <= 6; type += 4) {
		assert_true(cove_trigger_allowed(TYPE(type) | MCONTROL_ALL | 7));
		assert_false(cove_trigger_allowed(TYPE(type) | 1UL << 6));
		assert_false(cove_trigger_allowed(TYPE(type) | 1UL << 12));
		assert_false(cove_trigger_allowed(TYPE(type) | 1UL << 15));
		assert_false(cove_trigger_allowed(TYPE(type) | 1UL << 59));
	}
	assert_true(cove_trigger_allowed(TYPE(3) | ICOUNT_ALL | 1UL << 10));
	assert_false(cove_trigger_allowed(TYPE(3) | 1UL << 9));
	assert_false(cove_trigger_allowed(TYPE(3) | 1));
	assert_false(cove_trigger_allowed(TYPE(3) | 1UL << 5));
	assert_false(cove_trigger_allowed(TYPE(3) | 1UL << 59));
}

/* Parked, it has no mode and is otherwise the same. */
static void test_triggers_parked(void **state)
{
	const unsigned long rest = 0x03ff00000000f787UL;

	(void)state;
	assert_int_equal(cove_trigger_parked(TYPE(6) | MCONTROL_ALL | 1UL << 6 | rest),
			 TYPE(6) | rest);
	assert_int_equal(cove_trigger_parked(TYPE(2) | 0x58 | rest), TYPE(2) | rest);
	assert_int_equal(cove_trigger_parked(TYPE(3) | ICOUNT_ALL | 1UL << 9 | 0x7fc00UL << 2 | 5),
			 TYPE(3) | (0x7fc00UL << 2 & ~(1UL << 25 | 1UL << 26 | 1UL << 9)) | 5);
	assert_int_equal(cove_trigger_parked(TYPE(15) | rest), TYPE(15) | rest);
	assert_int_equal(cove_trigger_parked(0), 0);
}

#define WITH_MACHINE(test) cmocka_unit_test_setup_teardown(test, machine_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MACHINE(test_bytes),
		WITH_MACHINE(test_kinds),
		WITH_MACHINE(test_refused),
		cmocka_unit_test(test_triggers_allowed),
		cmocka_unit_test(test_triggers_parked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
