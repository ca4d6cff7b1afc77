// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Output through SBI DBCN.
 */
#include "host.h"
#include <stdarg.h>

static void put_number(char **p, const char *end, unsigned long v, unsigned int base)
{
	char digits[24];
	unsigned int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	while (n && *p < end)
		*(*p)++ = digits[--n];
}

static void format(char **p, const char *end, const char *fmt, va_list args)
{
	for (; *fmt && *p < end; fmt++) {
		bool is_long = false;
		long v;

		if (*fmt != '%') {
			*(*p)++ = *fmt;
			continue;
		}
		if (*++fmt == 'l') {
			is_long = true;
			fmt++;
		}
		switch (*fmt) {
		case 's':
			for (const char *s = va_arg(args, const char *); *s && *p < end;)
				*(*p)++ = *s++;
			break;
		case 'd':
			v = is_long ? va_arg(args, long) : va_arg(args, int);
			if (v < 0 && *p < end)
				*(*p)++ = '-';
			put_number(p, end, v < 0 ? -(unsigned long)v : (unsigned long)v, 10);
			break;
		case 'u':
		case 'x':
			put_number(p, end,
				   is_long ? va_arg(args, unsigned long)
					   : va_arg(args, unsigned int),
				   *fmt == 'x' ? 16 : 10);
			break;
		default:
			*(*p)++ = *fmt;
		}
	}
}

void print(const char *fmt, ...)
{
	char buf[400];
	char *p = buf;
	unsigned long done = 0;
	va_list args;

	va_start(args, fmt);
	format(&p, buf + sizeof(buf), fmt, args);
	va_end(args);
	while (done < (unsigned long)(p - buf)) {
		struct sbiret r = sbi6(EXT_DBCN, 0, (unsigned long)(p - buf) - done,
				       (unsigned long)buf + done);

		if (r.error || !r.value)
			return;
		done += r.value;
	}
}

static char reason[256];
static volatile bool failed;

bool test_failed(void)
{
	return failed;
}

/** test_fail() - the running test has failed; the first reason is kept */
void test_fail(const char *fmt, ...)
{
	char *p = reason;
	va_list args;

	if (failed)
		return;
	va_start(args, fmt);
	format(&p, reason + sizeof(reason) - 1, fmt, args);
	va_end(args);
	*p = 0;
	failed = true;
}

/** test_reason() - why the last test has failed, NULL when it has not; forgets it */
const char *test_reason(void)
{
	if (!failed)
		return 0;
	failed = false;
	return reason;
}
