// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * libsodium's Ed25519: keys and signatures. What of it nobody calls, the linker
 * drops.
 */
#include "cove_sha512.h"
#include <ed25519_ref10.c>
#include <keypair.c>
#include <sign.c>
