# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# More pieces of confidential memory than PMP entries: the host, its ordinary
# guests and confidential ones go on, each access to the pieces still has its
# fault, and in the end the PMP is exact again.
# shellcheck shell=sh
. /tests/lib.sh

SCATTER=/sys/kernel/debug/cove_scatter

# scatter N: convert N single pages all over RAM, the same for the same N.
scatter() {
	echo "$1 $1" >$SCATTER/scatter && answer=$(cat $SCATTER/scatter) &&
		[ "$answer" = "pages $1 error 0" ]
}

gather() {
	echo 1 >$SCATTER/gather && answer=$(cat $SCATTER/gather) && [ "$answer" = "pages 0 error 0" ]
}

# swept N: all of 3 N accesses are denied, and all neighbours readable.
swept() {
	echo 1 >$SCATTER/sweep && answer=$(cat $SCATTER/sweep) || return 1
	# shellcheck disable=SC2086
	set -- "$1" $answer
	[ "$3" = "$1" ] && [ "$5" = $((3 * $1)) ] && [ "$7" -gt "$1" ] && [ "$9" = "$7" ]
}

# all_fault PROGRAM ADDRESS ACCESSES: each of so many kinds of access has its fault.
all_fault() {
	answer=$("/tests/$1" "$2" 2>&1)
	[ "$(echo "$answer" | grep -c ' fault$')" = "$3" ] &&
		[ "$(echo "$answer" | wc -l)" = "$3" ]
}

# kvm_faults ADDRESS: the guest has each access fault but that of the fetch, where
# some kernels' KVM ends the guest instead and logs it.
kvm_faults() {
	all_fault kvmtouch "$1" 4 && return
	[ "$(echo "$answer" | grep -c ' fault$')" = 3 ] && echo "$answer" | grep -q '^fetch ended$' &&
		dmesg | grep 'SCAUSE=' | tail -1 | grep -q 'SCAUSE=0x1 STVAL=0x90000030 '
}

# all_denied WHO: from the kernel, from user space and from a guest.
all_denied() {
	for pa in $(awk 'NR % 37 == 1' $SCATTER/pages | head -3); do
		if ! all_fault touch "$pa" 9; then
			fail "$1-user" "$pa: $(echo "$answer" | tr '\n' ',')"
			return
		fi
		if ! kvm_faults "$pa"; then
			fail "$1-kvm-mapping" "$pa: $(echo "$answer" | tr '\n' ',')"
			return
		fi
	done
	ok "$1-user" "9 kinds of access of user space: an access fault each"
	ok "$1-kvm-mapping" "load, store, AMO and fetch of a KVM guest: the exact access fault"
}

# workload: fills memory with data, forks, and loads and unloads code.
workload() {
	head -c 1048576 /dev/urandom >/tmp/part || return 1
	for copy in $(seq 8); do
		cp /tmp/part "/tmp/copy$copy" || return 1
	done
	[ "$(md5sum /tmp/part /tmp/copy* | cut -d' ' -f1 | sort -u | wc -l)" = 1 ] || return 1
	rm -f /tmp/part /tmp/copy*
	for i in $(seq 20); do
		[ "$(sh -c "echo $i | sed 's/\$/-/' | tr -d -")" = "$i" ] || return 1
	done
	for _ in 1 2 3; do
		rmmod cove_attack && insmod /modules/cove_attack.ko || return 1
	done
}

guest_boots() {
	eval set -- "$(guest_arguments boot) $*"
	timeout 300 cove run "$@" </dev/null >/tmp/out 2>/tmp/err && grep -q '^guest: up' /tmp/out
}

is_exact() {
	[ "$(info_text pmp_mode)" = exact ] && [ "$(info deny_runs)" = 0 ]
}

# is_scattered N MODE: the PMP is in that mode; a few of many pages may touch.
is_scattered() {
	[ "$(info_text pmp_mode)" = "$2" ] && [ "$(info deny_runs)" -le "$1" ] &&
		[ "$(info deny_runs)" -ge $(($1 - $1 / 100)) ]
}

# round N MODE: with N scattered pages the PMP is in that mode, and all works.
round() {
	round=refill-$1
	before=$(info refills)
	if ! scatter "$1"; then
		fail "$round-convert" "$answer"
		return 1
	fi
	expect "$round-mode" "$(info deny_runs) runs in $(info pmp_entries) entries: $(info_text pmp_mode)" \
		is_scattered "$1" "$2"
	expect "$round-host" "tmpfs, md5sum, fork and insmod between them" workload
	expect "$round-guest" "a confidential guest boots" guest_boots
	expect "$round-kvm" "an ordinary guest boots between them" guest_boots --insecure --cpus 2
	expect "$round-sweep" "$(swept "$1" && echo "$answer" || echo "$answer")" swept "$1"
	all_denied "$round"
	[ "$2" = exact ] || expect "$round-counts" "$(($(info refills) - before)) refills" \
		[ "$(info refills)" -gt "$before" ]
	gather || fail "$round-reclaim" "$answer"
	expect "$round-exact-again" "$(info pmp_used) entries used" is_exact
}

# A touched page of the host works, so the programs do find what can be accessed.
controls() {
	pa=$(awk '/Kernel code/ { sub(/^ */, ""); sub(/-.*/, ""); print "0x" $1; exit }' /proc/iomem)
	pa=$(printf '0x%x' $((pa / 4096 * 4096)))
	case $(attack read "$pa") in
	"value "*) ok refill-control "the module reads the host's own $pa" ;;
	*) fail refill-control "cannot read $pa: $(attack read "$pa")" ;;
	esac
}

if load_modules; then
	insmod /modules/cove_attack.ko
	insmod /modules/cove_scatter.ko
	host_pages=$(info pages_host)
	controls
	for spec in ${rounds:-2:exact 20:refill 1000:refill}; do
		round "${spec%:*}" "${spec#*:}"
	done
	rmmod cove_scatter
	if all_returned && [ "$(info pages_host)" = "$host_pages" ]; then
		ok refill-returned "the host has its $host_pages pages, PMP $(info_text pmp_mode)"
	else
		fail refill-returned "$(cove info --json | tr -d '\n')"
	fi
	if [ -z "$(kernel_complaints)" ]; then
		ok refill-host-log "no warning"
	else
		fail refill-host-log "$(kernel_complaints | head -1)"
	fi
fi
show /tmp/out /tmp/err
cove info
dmesg | tail -40
echo "@ done"
