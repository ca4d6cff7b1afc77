# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# Bad input to the cove command, and ends that come too early: each must give
# one clear line and the right status, and leave nothing behind.
# shellcheck shell=sh
. /tests/lib.sh

K=/guest/vmlinux
I=/guest/initrd.gz

# refused NAME STATUS WORD ARGUMENT...: `cove run ARGUMENT...` must end with STATUS
# and one line on stderr that has WORD in it, with nothing left behind.
refused() {
	name=input-$1 want=$2 word=$3
	shift 3
	timeout 60 cove run "$@" </dev/null >/tmp/out 2>/tmp/err
	status=$?
	if [ $status -ne "$want" ]; then
		fail "$name" "status $status, not $want: $(tail -1 /tmp/err)"
	elif [ "$(wc -l </tmp/err)" -ne 1 ] || ! grep -q -e "$word" /tmp/err; then
		fail "$name" "not one line with '$word': $(cat /tmp/err)"
	elif [ -c /dev/cove ] && ! all_returned; then
		fail "$name" "memory is left with the monitor"
	else
		ok "$name" "$(cat /tmp/err)"
	fi
}

wrong_arguments() {
	head -c 100000 /dev/urandom >/tmp/garbage
	: >/tmp/empty
	head -c 200000 $K >/tmp/cut
	dd if=/dev/zero of=/tmp/big bs=1M count=80 2>/dev/null

	refused no-kernel-option 64 --kernel
	refused kernel-missing 1 /tmp/missing --kernel /tmp/missing
	refused kernel-is-directory 1 /tmp --kernel /tmp
	refused kernel-not-image 1 /tmp/garbage --kernel /tmp/garbage
	refused kernel-empty 1 /tmp/empty --kernel /tmp/empty
	refused kernel-too-large 1 memory --kernel $K --memory 16M
	refused initrd-missing 1 /tmp/missing --kernel $K --initrd /tmp/missing
	refused initrd-too-large 1 memory --kernel $K --initrd /tmp/big --memory 96M
	refused memory-zero 64 --memory --kernel $K --memory 0
	refused memory-negative 64 --memory --kernel $K --memory -4096
	refused memory-odd 64 --memory --kernel $K --memory 268435457
	refused memory-not-4k 64 --memory --kernel $K --memory 262145K
	refused memory-suffix 64 --memory --kernel $K --memory 256Q
	refused memory-wraps 64 --memory --kernel $K --memory 18446744073709551615T
	refused memory-1T 1 memory --kernel $K --memory 1T
	refused cpus-zero 64 --cpus --kernel $K --cpus 0
	refused cpus-too-many 64 --cpus --kernel $K --cpus 65
	refused cpus-not-number 64 --cpus --kernel $K --cpus two
	refused append-too-long 64 --append --kernel $K --append "$(head -c 1100 /dev/zero | tr '\0' a)"
	refused option-unknown 64 --frobnicate --kernel $K --frobnicate
	rm -f /tmp/big
}

# info_refused NAME WORD ARGUMENT...: as refused, of `cove info`; always status 64.
info_refused() {
	name=input-info-$1 word=$2
	shift 2
	cove info "$@" >/tmp/out 2>/tmp/err
	status=$?
	if [ $status -eq 64 ] && [ "$(wc -l </tmp/err)" -eq 1 ] && grep -q -e "$word" /tmp/err &&
		! [ -s /tmp/out ]; then
		ok "$name" "$(cat /tmp/err)"
	else
		fail "$name" "status $status: $(cat /tmp/err)"
	fi
}

wrong_info_arguments() {
	info_refused interval-missing --interval --interval
	info_refused interval-zero --interval --interval 0
	info_refused interval-negative --interval --interval -1
	info_refused interval-too-long --interval --interval 86401
	info_refused interval-wraps --interval --interval 18446744073709551617
	info_refused interval-not-number --interval --interval 1s
	info_refused count-zero --count --interval 1 --count 0
	info_refused count-alone --interval --count 3
	info_refused option-unknown --frobnicate --frobnicate
	info_refused argument /tmp /tmp
	cove info --interval 1 2>/tmp/err >/dev/full
	status=$?
	if [ $status -eq 1 ] && [ "$(wc -l </tmp/err)" -eq 1 ]; then
		ok input-info-output-full "$(cat /tmp/err)"
	else
		fail input-info-output-full "status $status: $(cat /tmp/err)"
	fi
}

no_device() {
	rmmod cove
	refused no-device 1 /dev/cove --kernel $K
	insmod /modules/cove.ko
}

# killed NAME SIGNAL TENTHS: end a starting guest after that many tenths of a second.
killed() {
	name=$1 signal=$2 tenths=$3
	eval set -- "$(guest_arguments spin)"
	# With job control, for without it a background process ignores SIGINT.
	set -m
	cove run "$@" </dev/null >/tmp/out 2>/tmp/err &
	pid=$!
	set +m
	usleep $((tenths * 100000))
	kill -"$signal" $pid
	if ! wait_end 30 $pid; then
		fail "$name" "cove outlives SIG$signal by 30 s"
		kill -9 $pid
		return
	fi
	wait $pid
	status=$?
	want=130
	[ "$signal" = INT ] || want=137
	if [ $status -ne $want ]; then
		fail "$name" "status $status, not $want: $(tail -1 /tmp/err)"
	elif ! settled; then
		fail "$name" "memory is left: $(cove info --json | tr -d '\n')"
	else
		ok "$name" "after $((tenths / 10)).$((tenths % 10)) s; all memory came back"
	fi
}

too_early() {
	for tenths in 1 3 6 10 30 80; do
		killed "input-sigint-$tenths" INT "$tenths"
		killed "input-sigkill-$tenths" KILL "$tenths"
	done
}

race() {
	eval set -- "$(guest_arguments boot)"
	timeout 150 cove run "$@" </dev/null >/tmp/out1 2>/tmp/err1 &
	one=$!
	timeout 150 cove run "$@" </dev/null >/tmp/out2 2>/tmp/err2 &
	two=$!
	wait $one
	one=$?
	wait $two
	two=$?
	if [ $one -ne 0 ] || [ $two -ne 0 ]; then
		fail input-two-guests "status $one and $two: $(tail -1 /tmp/err1) $(tail -1 /tmp/err2)"
	elif ! grep -q '^guest: up' /tmp/out1 || ! grep -q '^guest: up' /tmp/out2; then
		fail input-two-guests "one of them did not boot"
	elif ! settled; then
		fail input-two-guests "memory is left: $(cove info --json | tr -d '\n')"
	else
		ok input-two-guests "started at the same time, both booted and ended"
	fi
}

# A guest as large as the host: memory runs out in the middle of the start or
# later; the host must live on and get all of it back.
out_of_memory() {
	size=$(awk '/MemTotal/ { print int($2 / 4) * 4 "K" }' /proc/meminfo)
	timeout 120 cove run --kernel $K --initrd $I --memory "$size" --cpus 1 \
		--append "console=ttyS0 quiet guest.mode=fill" </dev/null >/tmp/out 2>/tmp/err
	status=$?
	if ! settled; then
		fail input-host-memory-short "memory is left: $(cove info --json | tr -d '\n')"
	elif [ $status -eq 0 ] || [ $status -ge 124 ]; then
		fail input-host-memory-short "status $status: $(tail -1 /tmp/err)"
	else
		ok input-host-memory-short "guest of $size: status $status, $(tail -1 /tmp/err)"
	fi
}

if load_modules; then
	wrong_arguments
	wrong_info_arguments
	no_device
	too_early
	race
	out_of_memory
	[ -z "$(kernel_complaints)" ] || fail input-host-log "$(kernel_complaints | head -1)"
fi
show /tmp/out /tmp/err
dmesg | tail -40
echo "@ done"
