# SPDX-License-Identifier: BSD-2-Clause
#
# Copyright (c) 2026 CoveSBI contributors

platform-objs-y += cove/lib/pmptable/pmptable.o
platform-objs-y += cove/lib/pmptable/transition.o
platform-objs-y += cove/lib/pmptable/denied.o
platform-objs-y += cove/lib/pmptable/pmp.o
