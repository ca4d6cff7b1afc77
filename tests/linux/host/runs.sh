# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# Several confidential guests start and end in an order that leaves holes: their
# memory stays in few runs, the PMP exact, and all of it comes back. With hardly
# an entry left, chunks inside a run are kept until the host asks for memory.
# shellcheck shell=sh
. /tests/lib.sh

SCATTER=/sys/kernel/debug/cove_scatter
MOST_RUNS=4

# start NAME: a guest that waits for ever; its process is in $vmm_NAME.
start() {
	set -m
	cove run --kernel /guest/vmlinux --initrd /guest/initrd.gz --memory 128M --cpus 1 \
		--append "console=ttyS0 quiet guest.mode=shell" </dev/null >"/tmp/$1" 2>&1 &
	eval "vmm_$1=$!"
	set +m
	wait_for 90 "/tmp/$1" '^guest: up' && return
	fail "runs-start-$1" "$(tail -1 "/tmp/$1")"
	return 1
}

end() {
	eval "pid=\$vmm_$1"
	kill -INT "$pid"
	wait_end 30 "$pid" || fail "runs-end-$1" "it outlives SIGINT by 30 s"
	wait "$pid"
}

state() {
	echo "$(info driver_chunks) chunks ($(info driver_spares) spare), $(info driver_runs) runs," \
		"$(info pmp_used) of $(info pmp_entries) entries, $(info_text pmp_mode)"
}

# few NAME: runs are few and the PMP is exact.
few() {
	expect "runs-$1" "$(state)" \
		[ "$(info driver_runs)" -le $MOST_RUNS -a "$(info_text pmp_mode)" = exact ]
}

no_spare() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(info driver_spares)" = 0 ] && return
		sleep 1
	done
	return 1
}

# Where the host's allocator did not put d between the others there is no shortage to see.
spares_kept() {
	if [ "$(info driver_spares)" = 0 ] && [ "$(info_text pmp_mode)" = exact ]; then
		echo "@ skip runs-spares-kept: the entries suffice without: $(state)"
	else
		expect runs-spares-kept "$(state)" [ "$(info_text pmp_mode)" = exact ]
	fi
}

# The one in the middle ends, another takes its place, and ends when entries are short.
guests() {
	start a && start b && start c || return
	few three-guests
	end b
	few middle-ended
	start d || return
	few hole-filled
	echo 5 >$SCATTER/scatter
	few entries-short
	end d
	spares_kept
	cat "$COVE/chunks"
	echo 2 >/proc/sys/vm/drop_caches
	expect runs-spares-given-back "after the host asked for memory" no_spare
	end a
	# With the five pages between them the entries may not suffice for what is left: it cannot be moved.
	expect runs-last-one "$(state)" [ "$(info driver_runs)" -le $MOST_RUNS ]
	end c
	rmmod cove_scatter
	expect runs-returned "$(state)" all_returned
}

if load_modules; then
	insmod /modules/cove_scatter.ko
	guests
	expect runs-interval "cove info --interval prints a title and a line each time" \
		[ "$(cove info --interval 1 --count 3 | wc -l)" = 4 ]
	[ -z "$(kernel_complaints)" ] || fail runs-host-log "$(kernel_complaints | head -1)"
fi
show /tmp/a /tmp/b /tmp/c /tmp/d
cove info
cove info --interval 1 --count 2 --json
dmesg | tail -20
echo "@ done"
