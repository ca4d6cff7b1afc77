/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Error messages, command lines, small files, writing to descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/**
 * next_option() - the next option of a command that takes nothing but long options
 * @help: text of --help, which it prints to end the program
 * @opt_help: number of --help in @options; all numbers are positive
 *
 * Returns its number, 0 at the end, or -1 after an error message.
 */
int next_option(int argc, char **argv, const char *command, const struct option *options,
		const char *help, int opt_help)
{
	int c;

	opterr = 0;
	/* "+": the first argument that is no option ends the list */
	c = getopt_long(argc, argv, "+:h", options, NULL);
	if (c == 'h' || c == opt_help) {
		fputs(help, stdout);
		exit(STATUS_OK);
	}
	if (c == ':')
		err("%s: needs an argument (try: cove %s --help)", argv[optind - 1], command);
	else if (c == '?')
		err("%s: unknown option or needless argument (try: cove %s --help)",
		    argv[optind - 1], command);
	else if (c == -1 && optind < argc)
		err("%s: not an option (try: cove %s --help)", argv[optind], command);
	else
		return c == -1 ? 0 : c;
	return -1;
}

/**
 * read_small() - all of a file of at most @max bytes
 *
 * Returns its length, or -1 after an error message.
 */
ssize_t read_small(const char *path, void *data, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0, len = 0, ret = -1;
	uint8_t more;

	if (fd < 0) {
		err("%s: %s", path, strerror(errno));
		return -1;
	}
	while ((size_t)len < max && (n = read(fd, (uint8_t *)data + len, max - len)) > 0)
		len += n;
	if (n < 0)
		err("%s: %s", path, strerror(errno));
	else if ((size_t)len == max && read(fd, &more, 1) > 0)
		err("%s: more than %zu bytes", path, max);
	else
		ret = len;
	close(fd);
	return ret;
}

/** from_hex() - @len bytes from so many pairs of digits; 0, or -1 if there is something else */
int from_hex(const char *text, size_t len, uint8_t *out)
{
	static const char digits[] = "00112233445566778899aAbBcCdDeEfF";

	for (size_t i = 0; i < 2 * len; i++) {
		const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

		if (!digit)
			return -1;
		out[i / 2] = out[i / 2] << 4 | (digit - digits) / 2;
	}
	return 0;
}
