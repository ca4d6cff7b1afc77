# SPDX-License-Identifier: BSD-2-Clause
#
# Copyright (c) 2026 CoveSBI contributors

platform-objs-y += cove/lib/pmptable/init.o
platform-objs-y += cove/lib/pmptable/pmptable.o
platform-objs-y += cove/lib/pmptable/transition.o
platform-objs-y += cove/lib/pmptable/commit.o
platform-objs-y += cove/lib/pmptable/denied.o
platform-objs-y += cove/lib/pmptable/denied_range.o
platform-objs-y += cove/lib/pmptable/runs.o
platform-objs-y += cove/lib/pmptable/open_block.o
platform-objs-y += cove/lib/pmptable/pmp.o
platform-objs-y += cove/lib/pmptable/pmp_plan.o
# For hardware to come: compiled, and dropped by the linker while nothing calls them.
platform-objs-y += cove/lib/pmptable/domain.o
platform-objs-y += cove/lib/pmptable/mpt.o
platform-objs-y += cove/lib/pmptable/hpmp.o
