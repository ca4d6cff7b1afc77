/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Inside cove-broker.
 */
#ifndef COVE_BROKER_H
#define COVE_BROKER_H

#include <sys/socket.h>
#include <sys/un.h>

#include "../verify/verify.h"
#include "protocol.h"

#define SECRETS_MAX	 256
#define SECRETS_FILE_MAX (1024 * 1024)

/** struct options - the command line */
struct options {
	struct sockaddr_un addr;
	const char *policy;
	const char *key;
	const char *secrets;
};

/** struct secret - and its name */
struct secret {
	char name[NAME_MAX_LEN + 1];
	uint8_t value[SECRET_MAX];
	size_t len;
};

/** struct broker - what does not change while it runs */
struct broker {
	mbedtls_ecp_keypair key;
	struct verify_policy policy;
	struct secret secrets[SECRETS_MAX];
	unsigned int nsecrets;
};

/* broker.c */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* load.c */
int broker_load(const struct options *opt, struct broker *broker);

/* session.c */
void session(struct broker *broker, int fd);

#endif
