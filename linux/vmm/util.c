/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Error messages and writing to descriptors.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "vm.h"

/**
 * err() - one line on stderr: what was wrong
 */
void err(const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fprintf(stderr, "cove: %s\n", line);
}

/**
 * write_all() - write @len bytes, also to a pipe or a non-blocking terminal
 * @cancel: when not NULL, give up as soon as it is true and a signal arrives
 *
 * Returns 0, or -1 with errno set.
 */
int write_all(int fd, const void *data, size_t len, const volatile bool *cancel)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n >= 0) {
			p += n;
			len -= n;
		} else if (errno == EAGAIN) {
			struct pollfd pfd = { .fd = fd, .events = POLLOUT };

			poll(&pfd, 1, -1);
		} else if (errno != EINTR) {
			return -1;
		}
		if (len && cancel && *cancel) {
			errno = EINTR;
			return -1;
		}
	}
	return 0;
}
