/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Address translation a second time, from the privileged specification (12.3 to
 * 12.6, 18.5): asks for the leaf first, which asks for the PTE above it. Shares
 * nothing with lib/ but the types of the question.
 */
#ifndef WALK_MODEL_H
#define WALK_MODEL_H

#include "cove_walk.h"
#include "unit.h"

#define MODEL_MAX_SEEN 128

enum model_result { MODEL_OK, MODEL_PAGE_FAULT, MODEL_GUEST_PAGE_FAULT, MODEL_ACCESS_FAULT };

/**
 * struct model_walk - a translation
 * @env: the CSRs
 * @set_ad: A and D are written where hardware writes them
 * @may: may the hart access the 8 bytes at @pa for a page-table walk?
 * @invent: NULL, or called with a PTE that is read and zero: may fill it
 * @arg: for both
 * @pa: the result
 * @leaf, @gleaf: leaf PTEs of the two stages; 0 when bare
 * @level, @glevel: of these leaves
 * @gpa, @implicit, @implicit_store: of a guest page fault: where, and whether it
 *	was for a PTE of the first stage
 * @changed: setting A or D somewhere changed a PTE that was to be updated, too; a
 *	hart begins again then
 * @seen: addresses of PTEs in the order in which they are accessed
 */
struct model_walk {
	const struct cove_walk_env *env;
	bool set_ad;
	bool (*may)(void *arg, u64 pa);
	void (*invent)(void *arg, u64 *pte, unsigned int level, bool gstage);
	void *arg;
	u64 pa;
	u64 leaf;
	u64 gleaf;
	unsigned int level;
	unsigned int glevel;
	u64 gpa;
	bool implicit;
	bool implicit_store;
	bool changed;
	u64 seen[MODEL_MAX_SEEN];
	unsigned int nseen;
};

/** model_translate() - @m->env, @set_ad, @may, @invent and @arg are given */
enum model_result model_translate(struct model_walk *m, enum cove_walk_access access, u64 va);

#endif
