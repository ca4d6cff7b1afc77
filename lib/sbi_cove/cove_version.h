/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Versions that evidence carries. A security version grows by one with each
 * release that mends a hole; it never shrinks.
 */
#ifndef COVE_VERSION_H
#define COVE_VERSION_H

#include <cove/sbi_cove.h>

#define COVE_TEXT_(x) #x
#define COVE_TEXT(x)  COVE_TEXT_(x)

#define COVE_TSM_VERSION  COVE_TEXT(COVE_VERSION_MAJOR) "." COVE_TEXT(COVE_VERSION_MINOR)
#define COVE_TSM_SVN	  1
#define COVE_FIRMWARE_SVN 1

#endif
