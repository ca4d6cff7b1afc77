/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Names of rules. A fuzzer that looks for wrong evidence is worth something only if it
 * finds some when a rule is gone, so in a build for that purpose (COVE_TEST_WEAKEN)
 * each can be removed by its name (tests/fuzz/bite). In the product VERIFY_RULE() is
 * the constant true.
 */
#ifndef COVE_VERIFY_RULE_H
#define COVE_VERIFY_RULE_H

#include <stdbool.h>

#ifndef COVE_TEST_WEAKEN
/** VERIFY_RULE() - is the rule of this name in force? */
#define VERIFY_RULE(name) true
#else
bool verify_rule(const char *name);
#define VERIFY_RULE(name) verify_rule(#name)
#endif

#endif
