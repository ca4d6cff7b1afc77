# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# A confidential guest shares memory with the host, moves data through it, and
# takes it back. What the guest sees is checked there (tests/linux/guest-share);
# here what the host sees.
# shellcheck shell=sh
. /tests/lib.sh

DISK=/tmp/disk
BASE=8c000000 # of what the guest shares; 64 MiB
PAGES=16384

# start NAME WHAT ARGUMENT...: its process is $vmm; lines for it go to descriptor 5.
start() {
	guest=$1 what=$2
	shift 2
	rm -f /tmp/keys
	mkfifo /tmp/keys
	set -m
	cove run --kernel /guest/vmlinux --initrd /guest/initrd.gz --memory 256M --cpus 2 "$@" \
		--append "console=ttyS0 quiet mem=192M guest.mode=share guest.share=$what" \
		</tmp/keys >"/tmp/$guest" 2>"/tmp/$guest.err" &
	vmm=$!
	set +m
	exec 5>/tmp/keys
}

# at PLACE: the guest waits there.
at() {
	wait_for 120 /tmp/all "^guest: at $1" && return
	fail "share-at-$1" "the guest does not come there: $(tail -1 /tmp/all) $(tail -1 /tmp/all.err)"
	why_stuck
	return 1
}

go() {
	echo go >&5
}

# stat NAME: a number of the guest's debugfs file.
stat_of() {
	sed -n "s/^$1 //p" "$COVE"/vm*/stats
}

# Guest and host addresses of the range, of kind $1: data (confidential) or shared.
range() {
	awk -v kind="$1" -v from="0x$BASE" '$3 == kind && length($1) == length(from) &&
		$1 >= from && $1 < "0x90000000" { print $1, $2 }' "$COVE"/vm*/pages
}

# word GPA: what the guest has filled the range with there (seed 1)
word() {
	printf 'value 0x%x' $((($1 ^ 1 << 40) * 0x9e3779b97f4a7c15 | 1))
}

# given_back: of every 97th page that held the guest's data, those that are the host's
# again hold nothing of it; the others are out of reach.
given_back() {
	back=0
	awk 'NR % 97 == 0' /tmp/old >/tmp/sample
	while read -r gpa pa; do
		[ "$(attack read "$pa")" != "$(word "$gpa")" ] || return 1
		[ "$(attack zero "$pa" 4096)" != zero ] || back=$((back + 1))
	done </tmp/sample
	[ $back -gt 0 ]
}

# The host's own view of a shared page.
host_reads() {
	pa=$(range shared | awk '{ print $2; exit }')
	[ "$(attack read "$pa")" = "value 0x0" ]
}

check_filled() {
	at filled || return 1
	range data >/tmp/old
	chunks=$(info driver_chunks)
	host=$(info pages_host)
	expect share-confidential "$(wc -l </tmp/old) pages of the range are the guest's alone" \
		[ "$(wc -l </tmp/old)" = $PAGES ]
	answer=$(attack read "$(awk '{ print $2; exit }' /tmp/old)")
	expect share-data-out-of-reach "the host reads it: $answer" [ "$answer" = "fault cause 5" ]
	go
}

check_shared() {
	at shared || return 1
	expect share-whole-range "one call shared $(stat_of pages_shared) pages" \
		[ "$(stat_of pages_shared)" = $PAGES -a "$(stat_of share_calls)" = 1 ]
	expect share-memory-comes-back "chunks of the driver: $chunks before, $(info driver_chunks) now" \
		[ "$(info driver_chunks)" -le $((chunks - 12)) -a "$(info pages_host)" -gt "$host" ]
	expect share-scrubbed "pages that held the guest's data are the host's again, and zero" given_back
	echo "$back of $(wc -l </tmp/sample) pages that were looked at are zero"
	expect share-host-reads "a page that is shared now" host_reads
	go
}

check_written() {
	at written || return 1
	first=$(dd if=$DISK bs=1M count=1 2>/dev/null | sha256sum)
	second=$(dd if=$DISK bs=1M skip=1 count=1 2>/dev/null | sha256sum)
	zero=$(dd if=/dev/zero bs=1M count=1 2>/dev/null | sha256sum)
	expect share-data-arrives "1 MiB that the guest wrote twice is twice in the file" \
		[ "$first" = "$second" -a "$first" != "$zero" ]
	dd if=$DISK of=$DISK bs=1M count=1 seek=3 conv=notrunc 2>/dev/null
	go
}

check_unshared() {
	at unshared || return 1
	expect share-all-unshared "$(stat_of pages_shared) pages are shared" [ "$(stat_of pages_shared)" = 0 ]
	expect share-confidential-again "$(range data | wc -l) pages of the range are the guest's alone" \
		[ "$(range data | wc -l)" = $PAGES ]
	go
}

# available: KiB of memory that the host could use.
available() {
	awk '/MemAvailable/ { print $2 }' /proc/meminfo
}

# Takes the host's memory until 80 MiB are left, of which it keeps 32 or more for itself.
starve() {
	mkdir -p /fat
	mount -t tmpfs -o size=100% tmpfs /fat
	dd if=/dev/zero of=/fat/fat bs=1M count=$((($(available) - 81920) / 1024)) 2>/dev/null
}

check_short() {
	at short || return 1
	starve
	available=$(available)
	go
	at enough || return 1
	umount /fat
	expect share-host-short "with $available KiB left the guest gets an error and keeps its data" \
		grep -q '^guest: ok share-short-keeps' /tmp/all
	go
}

# results FILE: the guest's own lines. It must have come to its end.
results() {
	tr -d '\r' <"$1" | sed -n -e 's/^guest: ok \([a-z-]*\).*/@ ok share-\1/p' \
		-e 's/^guest: FAIL /@ FAIL share-/p'
	grep -q '^guest: share over' "$1" || fail "share-$1-end" "the guest did not come to its end"
}

power_off() {
	wait_end 60 "$vmm" && wait "$vmm"
}

# It is killed while it shares, unshares and writes to the disk, on two CPUs.
killed() {
	start loop loop --disk $DISK
	wait_for 90 /tmp/loop '^guest: loops' || return 1
	sleep 3
	kill -9 "$vmm"
	settled && ! grep 'FAIL' /tmp/loop
}

# no_disk ARGUMENT WORD: one line that says why there is no such disk.
no_disk() {
	cove run --kernel /guest/vmlinux --disk "$1" </dev/null >/tmp/out 2>/tmp/err
	[ $? -eq 1 ] && [ "$(wc -l </tmp/err)" -eq 1 ] && grep -q -e "--disk $1: $2" /tmp/err
}

everything() {
	before=$(unused)
	dd if=/dev/zero of=$DISK bs=1M count=4 2>/dev/null
	start all all --disk $DISK
	if ! { check_filled && check_shared && check_written && check_unshared && check_short; }; then
		kill -9 "$vmm"
	fi
	expect share-power-off "cove ended with status 0, 64 MiB were shared still" power_off
	results /tmp/all
	expect share-returned "the monitor holds no page of a guest, the driver no chunk" settled
	start absent absent
	expect share-absent-power-off "a guest without a disk ends well, too" power_off
	results /tmp/absent
	expect share-killed "SIGKILL in the middle; all memory came back" killed
	rm -f $DISK
	expect_no_leak share-no-leak "$before"
	: >/tmp/empty
	expect share-disk-missing "$DISK" no_disk $DISK No
	expect share-disk-empty /tmp/empty no_disk /tmp/empty 'it is empty'
	expect share-disk-directory /tmp no_disk /tmp Is
}

if load_modules; then
	insmod /modules/cove_attack.ko
	everything
	expect share-module-unloads "rmmod cove" rmmod cove
	if [ -z "$(kernel_complaints)" ]; then
		ok share-host-log "no warning"
	else
		fail share-host-log "$(kernel_complaints | head -1)"
	fi
fi
show /tmp/all /tmp/all.err /tmp/absent /tmp/absent.err /tmp/loop.err
dmesg | tail -20
echo "@ done"
