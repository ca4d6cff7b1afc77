// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The nodes below /reserved-memory: where firmware and PMP table are; and the
 * boot arguments: which tests to run.
 */
#include "host.h"

#define FDT_BEGIN_NODE 1
#define FDT_END_NODE   2
#define FDT_PROP       3
#define FDT_NOP	       4

struct reserved reserved[16];
unsigned int nreserved;
static char bootargs[8192]; /* a copy: a test may convert the tree */

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static unsigned long be64(const uint8_t *p)
{
	return (unsigned long)be32(p) << 32 | be32(p + 4);
}

/* None of it may be lost: it says which tests run. */
static void keep_bootargs(const uint8_t *data, uint32_t len)
{
	if (len > sizeof(bootargs)) {
		print("FAIL boot: %u bytes of boot arguments, %lu at most\n", len,
		      sizeof(bootargs));
		finish();
	}
	memcpy(bootargs, data, len);
}

static void add_reg(const char *node, const uint8_t *data, uint32_t len)
{
	for (; len >= 16 && nreserved < ARRAY_SIZE(reserved); data += 16, len -= 16) {
		struct reserved *r = &reserved[nreserved++];
		unsigned long i;

		for (i = 0; node[i] && i + 1 < sizeof(r->name); i++)
			r->name[i] = node[i];
		r->base = be64(data);
		r->size = be64(data + 8);
	}
}

/** fdt_read() - fill @reserved, find the boot arguments; addresses and sizes have two cells */
void fdt_read(const void *fdt)
{
	const uint8_t *base = fdt;
	const uint8_t *p = base + be32(base + 8);
	const char *strings = (const char *)base + be32(base + 12);
	const char *node = "";
	unsigned int depth = 0;
	bool inside = false, chosen = false;

	for (;;) {
		uint32_t len, token = be32(p);

		p += 4;
		switch (token) {
		case FDT_BEGIN_NODE:
			node = (const char *)p;
			if (++depth == 2) {
				inside = !strcmp(node, "reserved-memory");
				chosen = !strcmp(node, "chosen");
			}
			p += (strlen(node) + 4) & ~3UL;
			break;
		case FDT_END_NODE:
			depth--;
			break;
		case FDT_PROP:
			len = be32(p);
			if (inside && depth == 3 && !strcmp(strings + be32(p + 4), "reg"))
				add_reg(node, p + 8, len);
			if (chosen && depth == 2 && !strcmp(strings + be32(p + 4), "bootargs"))
				keep_bootargs(p + 8, len);
			p += 8 + ((len + 3) & ~3U);
			break;
		case FDT_NOP:
			break;
		default:
			return;
		}
	}
}

/** option_value() - the boot argument "@name=VALUE": where VALUE begins, or NULL */
const char *option_value(const char *name)
{
	unsigned long len = strlen(name);
	const char *p;

	for (p = bootargs; *p; p++)
		if ((p == bootargs || p[-1] == ' ') && !memcmp(p, name, len) && p[len] == '=')
			return p + len + 1;
	return NULL;
}

/** option_lists() - is @word one of the words of @list, which commas separate and a space ends? */
bool option_lists(const char *list, const char *word)
{
	unsigned long len = strlen(word);

	for (;; list++) {
		if (!memcmp(list, word, len) &&
		    (!list[len] || list[len] == ' ' || list[len] == ','))
			return true;
		while (*list && *list != ' ' && *list != ',')
			list++;
		if (*list != ',')
			return false;
	}
}

/** is_without() - is this the weakened firmware (docs/assurance.md), without @defence? */
bool is_without(const char *defence)
{
	const char *list = option_value("cove.without");

	return list && option_lists(list, defence);
}
