# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# Calls of CoVE that an ordinary guest does not make, end to end: a guest that says
# where its devices are, one that reads its console through its SBI, VMs that
# become confidential in one step, and a VM that the monitor refuses to destroy.
# shellcheck shell=sh
. /tests/lib.sh

P="--kernel /tests/ping --memory 16M"

# start NAME ARGUMENT...: its process is $vmm; what it gets goes to descriptor 5.
start() {
	guest=$1
	shift
	rm -f /tmp/keys
	mkfifo /tmp/keys
	set -m
	cove run "$@" </tmp/keys >"/tmp/$guest" 2>"/tmp/$guest.err" &
	vmm=$!
	set +m
	exec 5>/tmp/keys
}

# says LINE: the guest, within a minute.
says() {
	wait_for 60 "/tmp/$guest" "^$1"
}

# asked LETTER LINE: the guest is asked, and says so.
asked() {
	printf '%s' "$1" >&5 && says "$2"
}

# ended STATUS: of cove.
ended() {
	wait_end 60 "$vmm" || return 1
	wait "$vmm"
	[ $? -eq "$1" ]
}

# measured ARGUMENT...: what cove run has printed is what cove measure prints.
measured() {
	[ "$(sed -n 's/^measurement: //p' "/tmp/$guest.err")" = "$(cove measure "$@")" ]
}

declared() {
	# shellcheck disable=SC2086
	set -- $P --declared-devices
	start declared "$@"
	expect calls-declared-device "a guest adds its console as a device and uses it" says up
	expect calls-declared-measured "that it has to is measured" measured "$@"
	asked r removed
	expect calls-removed-device "and is ended when it goes on after it has removed it" ended 3
	expect calls-removed-said "$(tail -1 /tmp/declared.err)" \
		grep -q 'died.*guest address 0x10000000' /tmp/declared.err
	! grep -q removed /tmp/declared || fail calls-removed-silent "it still writes there"
}

console() {
	# shellcheck disable=SC2086
	start console $P
	says up
	printf 'dthe quick brown fox jumps over the lazy dog, and over more than 64 bytes at once\n' >&5
	expect calls-console-read "a line through DBCN, across two pages of the guest" \
		says 'read the quick .* over more than 64 bytes at once$'
	printf 'd\n' >&5
	expect calls-console-empty "an empty line" says 'read $'
	expect calls-console-uart "then its UART has what is typed" asked p pong
	printf 'q' >&5
	expect calls-console-end "it powers off" ended 0
}

promoted() {
	: >/tmp/disk
	dd if=/dev/zero of=/tmp/disk bs=4096 count=64 2>/dev/null
	# shellcheck disable=SC2086
	set -- $P --cpus 4 --disk /tmp/disk --promote
	start promoted "$@"
	expect calls-promoted "a VM of four CPUs" says up
	expect calls-promoted-measured "as cove measure predicts" measured "$@"
	first=$guest
	# shellcheck disable=SC2086
	cove run $P --promote </dev/null >/tmp/out 2>/tmp/second.err
	expect calls-promoted-alone "$(tail -1 /tmp/second.err)" \
		grep -q 'cannot promote the VM: another confidential guest' /tmp/second.err
	# shellcheck disable=SC2086
	exec 6>&5
	beside
	exec 5>&6
	guest=$first vmm=$first_vmm
	expect calls-promoted-grows "it gets memory that the monitor has not copied" asked g grown
	expect calls-promoted-shares "it shares memory and takes it back" asked s shared
	expect calls-promoted-memory "and has what it wrote" asked p pong
	printf q >&5
	expect calls-promoted-end "it powers off" ended 0
	expect calls-promoted-returned "$(info driver_chunks) chunks are left" settled
}

# A guest of the ordinary kind beside the one that was promoted.
beside() {
	first_vmm=$vmm
	# shellcheck disable=SC2086
	start beside $P
	expect calls-beside-promoted "another guest starts beside it" says up
	printf q >&5
	ended 0 || fail calls-beside-end "$(tail -1 /tmp/beside.err)"
}

linux() {
	eval set -- "$(guest_arguments boot)" --promote
	cove run "$@" </dev/null >/tmp/linux 2>/tmp/linux.err
	status=$?
	expect calls-promoted-linux "status $status, $(grep -c . /tmp/linux) lines" \
		[ $status -eq 0 -a "$(grep -c '^guest: up' /tmp/linux)" = 1 ]
	settled || fail calls-promoted-linux-returned "memory is left"
}

# too_large: more than 64 MiB that are not zero.
too_large() {
	dd if=/dev/urandom of=/tmp/large bs=1M count=66 2>/dev/null
	cove run --kernel /tests/ping --initrd /tmp/large --memory 128M --promote \
		</dev/null >/tmp/out 2>/tmp/large.err
	rm /tmp/large
	expect calls-promoted-large "$(tail -1 /tmp/large.err)" \
		grep -q 'more than 64 MiB' /tmp/large.err
	settled || fail calls-promoted-large-returned "memory is left"
}

# Somebody else, on the other CPU, runs its vCPU when it is to be destroyed. That CPU
# does nothing else meanwhile, so that this script has to be here.
undestroyed() {
	taskset -p 1 $$ >/dev/null
	# shellcheck disable=SC2086
	start held $P
	says up
	printf b >&5
	gid=$(sed -n 's/^gid //p' "$COVE"/vm*/stats)
	pa=$(awk '$3 == "data" { print $2; exit }' "$COVE"/vm*/pages)
	tables=$(awk '$3 == "pt" { print $2; exit }' "$COVE"/vm*/pages)
	insmod /modules/cove_hold.ko "gid=$gid" cpu=1
	expect calls-held-ends "cove says that it cannot run it" ended 3
	expect calls-held "the monitor refuses to destroy it, and the driver says so" \
		kernel_says 'the firmware does not destroy it'
	sleep 2
	expect calls-held-kept "$(info tvms) TVM, $(info driver_chunks) chunks are kept" \
		[ "$(info tvms)" = 1 -a "$(info driver_chunks)" -gt 0 ]
	expect calls-held-data "its memory stays out of reach: $(attack read "$pa")" denied "$pa"
	expect calls-held-tables "its page tables: $(attack read "$tables")" denied "$tables"
	rmmod cove_hold
	expect calls-held-returned "all memory comes back when it can be destroyed" settled
	expect calls-held-readable "its memory is the host's: $(attack read "$pa")" readable "$pa"
	taskset -p 3 $$ >/dev/null
	# shellcheck disable=SC2086
	start other $P
	expect calls-held-other "the next guest runs" says up
	printf q >&5
	ended 0 || fail calls-held-other-end "$(tail -1 /tmp/other.err)"
}

kernel_says() {
	dmesg | grep -q "$1"
}

denied() {
	[ "$(attack read "$1")" = "fault cause 5" ]
}

readable() {
	attack read "$1" | grep -q '^value'
}

if load_modules; then
	insmod /modules/cove_attack.ko
	declared
	console
	promoted
	too_large
	linux
	undestroyed
	expect calls-returned "no page is left with the monitor" settled
	expect calls-module-unloads "rmmod cove" rmmod cove
	if [ -z "$(kernel_complaints)" ]; then
		ok calls-host-log "no warning"
	else
		fail calls-host-log "$(kernel_complaints | head -1)"
	fi
fi
show /tmp/declared.err /tmp/console /tmp/promoted /tmp/promoted.err /tmp/linux /tmp/linux.err /tmp/held.err
dmesg | tail -20
echo "@ done"
