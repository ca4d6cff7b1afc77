/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Making TAPs in the payload; one hart at a time.
 */
#ifndef SEAL_ENV_H
#define SEAL_ENV_H

#include <seal.h>

/** seal_id() - a name that no other TAP has */
void seal_id(struct seal_request *req);

/** seal() - its length, or -1 */
int seal(const struct seal_request *req, uint8_t *out);

#endif
