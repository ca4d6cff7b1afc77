/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * ISA extensions by their names in a device tree.
 */
#ifndef COVE_ISA_H
#define COVE_ISA_H

#include <cove_arch.h>

/**
 * cove_isa_has() - is an extension of several letters in a CPU node's list?
 * @list: value of riscv,isa-extensions (names, each with its end mark) or of riscv,isa (names
 *	with underscores between, perhaps with versions)
 * @len: its bytes
 * @name: in lower case
 */
bool cove_isa_has(const char *list, size_t len, const char *name);

#endif
