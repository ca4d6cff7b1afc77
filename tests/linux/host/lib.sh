# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# For the scripts that run inside the host (busybox sh). Results go to the
# console as lines that tests/run reads: "@ ok NAME: detail", "@ FAIL NAME: why".
# shellcheck shell=sh

ATTACK=/sys/kernel/debug/cove_attack
COVE=/sys/kernel/debug/cove

ok() {
	echo "@ ok $1${2:+: $2}"
}

fail() {
	echo "@ FAIL $1: $2"
}

# expect NAME DETAIL COMMAND...: ok when the command succeeds.
expect() {
	name=$1 detail=$2
	shift 2
	if "$@"; then
		ok "$name" "$detail"
	else
		fail "$name" "$detail: not so"
	fi
}

load_modules() {
	for module in /modules/[0-9]*.ko /modules/cove.ko; do
		if ! insmod "$module"; then
			fail load "insmod $module failed: $(dmesg | tail -1)"
			return 1
		fi
	done
}

# wait_for SECONDS FILE PATTERN: until a line of FILE matches.
wait_for() {
	seconds=$1
	while ! grep -q "$3" "$2" 2>/dev/null; do
		[ "$seconds" -gt 0 ] || return 1
		sleep 1
		seconds=$((seconds - 1))
	done
}

# wait_end SECONDS PID: until the process is gone.
wait_end() {
	seconds=$1
	while kill -0 "$2" 2>/dev/null; do
		[ "$seconds" -gt 0 ] || return 1
		sleep 1
		seconds=$((seconds - 1))
	done
}

# show FILE...: on the console, between markers, for the log.
show() {
	for file in "$@"; do
		echo "--- $file"
		cat "$file"
	done
	echo "---"
}

# why_stuck: what the guests and their vCPU threads do, twice, for the log.
why_stuck() {
	for _ in 1 2; do
		for file in "$COVE"/vm*/stats "$COVE/chunks"; do
			show "$file"
		done
		for task in $(pidof cove); do
			for thread in /proc/"$task"/task/*; do
				echo "$thread: $(cat "$thread/wchan" "$thread/stat")"
				cat "$thread/stack"
			done
		done
		cove info --json
		sleep 2
	done
}

# kernel_complaints: lines of the kernel log that no healthy host prints.
kernel_complaints() {
	dmesg | grep -E 'WARNING|BUG|Oops|Unable to handle|Call Trace|rcu:.*stall|hung task' |
		if nobody_left; then grep -v sched_cpu_dying; else cat; fi
}

# Linux 6.12 warns now and then that a CPU that goes down has two tasks, and finds one,
# its own: it counts those whose dequeueing is delayed. A task with a name is no such thing.
nobody_left() {
	! dmesg | grep 'pid: [0-9]*, name: ' | grep -q -v 'name: migration/'
}

# guest_arguments MODE: of `cove run` and `cove measure`, in $@ of the caller by
# `eval set --`; the guest of every test, in the size that make was told.
guest_arguments() {
	echo "--kernel /guest/vmlinux --initrd /guest/initrd.gz --memory ${guest_mem:-256M} \
		--cpus ${guest_cpus:-2} --append 'console=ttyS0 ${quiet-quiet} guest.mode=$1'"
}

# attack read|write|cas|zero ADDRESS...: the module's one line of answer.
attack() {
	op=$1
	shift
	echo "$*" >"$ATTACK/$op" && cat "$ATTACK/$op"
}

# info FIELD: a number of `cove info --json`
info() {
	cove info --json | sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p"
}

# info_text FIELD: a string of `cove info --json`
info_text() {
	cove info --json | sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"
}

# all_returned: no guest, chunk or page is left with the monitor.
all_returned() {
	[ "$(info tvms)" = 0 ] && [ "$(info driver_chunks)" = 0 ] && [ "$(info pages_tvm)" = 0 ] &&
		[ "$(info pages_unassigned)" = 0 ] && [ "$(info pages_converting)" = 0 ]
}

# unused: KiB that nothing on the host needs, with the pages that its CPUs keep at hand.
# Those are no part of MemAvailable, and tens of MiB at times.
unused() {
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^MemAvailable/ { kib += $2 } $1 == "count:" { kib += 4 * $2 } END { print kib }' \
		/proc/meminfo /proc/zoneinfo
}

# expect_no_leak NAME BEFORE: as much is unused as before, but for 16 MiB
expect_no_leak() {
	now=$(unused)
	expect "$1" "unused KiB: $2 before, $now now, of which CPUs keep \
$(awk '$1 == "count:" { kib += 4 * $2 } END { print kib }' /proc/zoneinfo)" [ "$now" -gt $(($2 - 16384)) ]
}

# settled: all_returned, soon: the kernel closes the last file a moment after a command has ended.
settled() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		all_returned && return
		sleep 1
	done
	return 1
}
