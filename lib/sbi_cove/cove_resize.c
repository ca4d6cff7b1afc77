// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Leaves of other sizes (CoVE names promotion and demotion of pages but gives
 * them no function): the guest sees no difference, and may run meanwhile.
 */
#include "cove_internal.h"

static struct tvm *get_leaf(unsigned long gid, unsigned long gpa, unsigned int level, long *rc)
{
	struct tvm *tvm = cove_tvm_get(gid);

	*rc = COVE_ERR_INVALID_PARAM;
	if (!tvm)
		return NULL;
	*rc = COVE_ERR_INVALID_ADDRESS;
	if (cove_gpa_range(gpa, cove_level_size(level)) && !(gpa & (cove_level_size(level) - 1)))
		return tvm;
	cove_tvm_put(tvm);
	return NULL;
}

/**
 * cove_promote_page() - CoveSBI promote_page: 512 leaves become one
 * @gpa: of the first, aligned to @type
 * @type: of the one, COVE_PAGE_2M or COVE_PAGE_1G
 *
 * They are of the next smaller size, all mapped or all blocked (then they are
 * validated), of contiguous and aligned memory, all confidential or all shared. A
 * page-table page returns to the TVM's pool; it is used again after the TVM's next
 * fence, or when none of its vCPUs runs.
 *
 * Return: INVALID_PARAM (@gid, @type), INVALID_ADDRESS (@gpa, or what is there)
 */
long cove_promote_page(unsigned long gid, unsigned long gpa, unsigned long type)
{
	struct tvm *tvm;
	long rc;

	if (type != COVE_PAGE_2M && type != COVE_PAGE_1G)
		return COVE_ERR_INVALID_PARAM;
	tvm = get_leaf(gid, gpa, (unsigned int)type, &rc);
	if (!tvm)
		return rc;
	if (cove_gstage_join(tvm, gpa, (unsigned int)type))
		rc = COVE_OK;
	cove_tvm_put(tvm);
	return rc;
}

/**
 * cove_demote_page() - CoveSBI demote_page: a leaf becomes smaller ones
 * @gpa: in the leaf, aligned to @type
 * @type: of the one at @gpa afterwards, COVE_PAGE_4K or COVE_PAGE_2M
 *
 * Mapped leaves stay mapped and blocked ones blocked.
 *
 * Return: INVALID_PARAM (@gid, @type), INVALID_ADDRESS (@gpa, or no larger leaf is
 * there), OUT_OF_PTPAGES
 */
long cove_demote_page(unsigned long gid, unsigned long gpa, unsigned long type)
{
	struct gstage_at at;
	struct tvm *tvm;
	long rc;

	if (type != COVE_PAGE_4K && type != COVE_PAGE_2M)
		return COVE_ERR_INVALID_PARAM;
	tvm = get_leaf(gid, gpa, (unsigned int)type, &rc);
	if (!tvm)
		return rc;
	cove_gstage_at(tvm, gpa, &at);
	if (at.kind != GSTAGE_NONE && at.level > type)
		rc = cove_gstage_split(tvm, gpa, (unsigned int)type) ? COVE_OK
								     : COVE_ERR_OUT_OF_PTPAGES;
	cove_tvm_put(tvm);
	return rc;
}
