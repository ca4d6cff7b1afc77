/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What has to be so, whatever the input is.
 */
#ifndef MUST_H
#define MUST_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* MUST() - @cond holds; if not, the fuzzer ends and says so, with a text as printf() takes it */
#define MUST(cond, ...)                                                      \
	do {                                                                 \
		if (!(cond))                                                 \
			must_report(__FILE__, __LINE__, #cond, __VA_ARGS__); \
	} while (0)

__attribute__((noreturn, format(printf, 4, 5))) static inline void
must_report(const char *file, int line, const char *what, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
#ifdef ARCH_MAX_HARTS
	fprintf(stderr, "hart %u: ", fake_hart);
#endif
	fprintf(stderr, "%s: ", what);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

#endif
