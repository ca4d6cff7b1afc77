/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Calls on the pages of a TVM, and a check for functions that tell of success.
 */
#ifndef TVM_CALLS_H
#define TVM_CALLS_H

#include "tvm.h"

#define MEASURED(t, src, dst, type, n, gpa) \
	covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, (t)->gid, src, dst, type, n, gpa)
#define ZERO(t, pa, type, n, gpa)   covh(SBI_COVH_ADD_TVM_ZERO_PAGES, (t)->gid, pa, type, n, gpa)
#define SHARED(t, pa, type, n, gpa) covh(SBI_COVH_ADD_TVM_SHARED_PAGES, (t)->gid, pa, type, n, gpa)
#define INVALIDATE(t, gpa, len)	    covh(SBI_COVH_TVM_INVALIDATE_PAGES, (t)->gid, gpa, len)
#define VALIDATE(t, gpa, len)	    covh(SBI_COVH_TVM_VALIDATE_PAGES, (t)->gid, gpa, len)
#define REMOVE(t, gpa, len)	    covh(SBI_COVH_TVM_REMOVE_PAGES, (t)->gid, gpa, len)
#define FENCE(t)		    covh(SBI_COVH_TVM_FENCE, (t)->gid)

/* As EXPECT, in a function that returns false then. */
#define CHECK(what, expected)                                                            \
	do {                                                                             \
		long saw_ = (long)(what);                                                \
		if (saw_ != (long)(expected)) {                                          \
			test_fail("line %d: %s: expected %ld, saw %ld", __LINE__, #what, \
				  (long)(expected), saw_);                               \
			return false;                                                    \
		}                                                                        \
	} while (0)

#endif
