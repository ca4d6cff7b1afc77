# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# What CoveSBI claims, shown on the real thing: one line per claim.
# shellcheck shell=sh
. /tests/lib.sh

unmodified() {
	found=$(sha256sum </guest/vmlinux | cut -d' ' -f1)
	if [ "$found" = "$vmlinux_sha256" ]; then
		ok demo-kernel-unmodified "$(uname -r), SHA-256 as in Debian's package, host and guest"
	else
		fail demo-kernel-unmodified "SHA-256 $found, in Debian's package $vmlinux_sha256"
	fi
}

start_guest() {
	mkfifo /tmp/keys
	eval set -- "$(quiet='' guest_arguments demo)"
	cove measure "$@" >/tmp/predicted 2>/tmp/measure.err
	cove run "$@" </tmp/keys >/tmp/console 2>/tmp/cove.err &
	vmm=$!
	exec 5>/tmp/keys
	wait_for 120 /tmp/console '^guest: secret' || return 1
	secret_gpa=$(sed -n 's/^guest: secret gpa \(0x[0-9a-f]*\) .*/\1/p' /tmp/console)
	secret=$(sed -n 's/^guest: secret .*value 0x0*\([0-9a-f]*\).*/\1/p' /tmp/console)
	pages=$(echo "$COVE"/vm*/pages)
	awk -v gpa="$secret_gpa" '$1 == gpa { print $2 }' "$pages" >/tmp/secret_pa
	awk '$3 == "pt" { print $2; exit }' "$pages" >/tmp/pt_pa
	awk '$3 == "data" { print $2 }' "$pages" >/tmp/data_pas
}

booted() {
	up=$(sed -n 's/^guest: up, //p' /tmp/console | tr -d '\r')
	case $up in
	"kernel $(uname -r), ${guest_cpus:-2} CPUs") ok demo-guest-boots "confidential, in user space: $up" ;;
	*) fail demo-guest-boots "the guest says '$up'" ;;
	esac
}

# Where the guest's memory allows, it comes in pages of 2 MiB.
large_pages() {
	large=$(awk '$1 == "large_pages" { print $2 }' "$COVE"/vm*/stats)
	all=$(awk '$1 == "pages_populated" { print $2 }' "$COVE"/vm*/stats)
	if [ $((large * 1024)) -gt "$all" ]; then
		ok demo-large-pages "$large pages of 2 MiB, $((all - large * 512)) of 4 KiB"
	else
		fail demo-large-pages "$large pages of 2 MiB, but $all in units of 4 KiB"
	fi
}

measured() {
	reported=$(sed -n 's/^measurement: //p' /tmp/cove.err)
	predicted=$(cat /tmp/predicted)
	if [ ${#reported} -ne 96 ]; then
		fail demo-measurement "the monitor reported '$reported'"
	elif [ "$reported" != "$predicted" ]; then
		fail demo-measurement "monitor $reported, cove measure $predicted $(cat /tmp/measure.err)"
	else
		ok demo-measurement "monitor and cove measure say $reported"
	fi
}

# faults NAME WHAT ADDRESS: reading, writing and an atomic access must all fault.
faults() {
	answers=
	for op in read write cas; do
		answer=$(attack "$op" "$3" 2>&1)
		case $answer in
		"fault cause "[57]) answers="$answers $op: $answer," ;;
		*)
			fail "$1" "$2 at $3: $op answered '$answer'"
			return
			;;
		esac
	done
	ok "$1" "$2 at $3:${answers%,}; the host goes on"
}

# The module must be able to reach a page that the host owns.
attack_works() {
	case $(attack read "$1") in
	"value "*) ok demo-attack-module "it does read the host's own memory, at $1" ;;
	*) fail demo-attack-module "cannot even read $1: $(attack read "$1")" ;;
	esac
}

# host_page: the physical address of a page that is surely the host's (its kernel).
host_page() {
	awk '/Kernel code/ { sub(/^ */, ""); sub(/-.*/, ""); print "0x" $1; exit }' /proc/iomem
}

monitor_page() {
	for node in /sys/firmware/devicetree/base/reserved-memory/mmode_resv*; do
		echo "0x${node##*@}"
		return
	done
}

# The guest's own kernel, too, must have nothing to complain about.
guest_log() {
	if grep -q -E 'WARNING|BUG|Oops|Unable to handle|Call Trace' /tmp/console; then
		fail demo-guest-log "$(grep -E 'WARNING|BUG|Oops|Unable to handle' /tmp/console | head -1)"
	else
		ok demo-guest-log "$(grep -c '^\[' /tmp/console) lines of the guest's kernel, no warning among them"
	fi
}

memory_intact() {
	echo check >&5
	if wait_for 30 /tmp/console '^guest: memory' && grep -q '^guest: memory intact' /tmp/console; then
		ok demo-guest-memory-intact "4 MiB of random data and the secret are as the guest wrote them"
	else
		fail demo-guest-memory-intact "the guest says '$(grep '^guest: memory' /tmp/console)'"
	fi
}

ordinary_guest() {
	eval set -- "$(guest_arguments boot)"
	if timeout 120 cove run --insecure "$@" </dev/null >/tmp/insecure 2>&1 &&
		grep -q '^guest: up' /tmp/insecure && kill -0 "$vmm"; then
		ok demo-ordinary-guest "an ordinary KVM guest booted and ended beside the confidential one"
	else
		fail demo-ordinary-guest "the --insecure guest did not boot: $(tail -1 /tmp/insecure)"
		show /tmp/insecure
	fi
}

power_off() {
	echo poweroff >&5
	if ! wait_end 60 $vmm; then
		fail demo-guest-power-off "cove still runs after 60 s"
		return
	fi
	wait $vmm
	status=$?
	if [ $status -eq 0 ]; then
		ok demo-guest-power-off "cove ended with status 0"
	else
		fail demo-guest-power-off "cove ended with status $status: $(tail -1 /tmp/cove.err)"
	fi
}

# Nobody asked for these pages since, so what is in them is what was returned.
zeroed() {
	total=0 zero=0
	for pa in $(cat /tmp/secret_pa) $(awk 'NR % 97 == 0' /tmp/data_pas); do
		total=$((total + 1))
		case $(attack zero "$pa" 4096) in
		zero) zero=$((zero + 1)) ;;
		esac
		case $(attack read "$pa") in
		"value 0x$secret")
			fail demo-memory-zeroed "the secret is still at $pa"
			return
			;;
		"value "*) ;;
		*)
			fail demo-memory-zeroed "$pa did not come back: $(attack read "$pa")"
			return
			;;
		esac
	done
	# A few may have been taken by the host for something else by now.
	if [ $total -gt 0 ] && [ $((zero * 10)) -ge $((total * 9)) ]; then
		ok demo-memory-zeroed "$zero of $total pages looked at are zero, none holds the secret"
	else
		fail demo-memory-zeroed "only $zero of $total pages are zero"
	fi
}

returned() {
	if all_returned; then
		ok demo-memory-returned "the monitor holds no page of a guest, the driver no chunk"
	else
		fail demo-memory-returned "left: $(cove info --json | tr -d '\n')"
	fi
}

demo() {
	unmodified
	load_modules || return
	insmod /modules/cove_attack.ko
	taint=$(cat /proc/sys/kernel/tainted)
	before=$(info pages_host)
	if ! start_guest; then
		fail demo-guest-boots "no sign of life: $(tail -1 /tmp/console) $(tail -1 /tmp/cove.err)"
		why_stuck
		kill -9 $vmm 2>/dev/null
		return
	fi
	booted
	large_pages
	measured
	attack_works "$(host_page)"
	faults demo-attack-secret "guest page with a known secret" "$(cat /tmp/secret_pa)"
	faults demo-attack-page-table "page table page of the guest" "$(cat /tmp/pt_pa)"
	faults demo-attack-monitor "image of the monitor" "$(monitor_page)"
	ordinary_guest
	memory_intact
	guest_log
	power_off
	zeroed
	returned
	[ "$(info pages_host)" = "$before" ] ||
		fail demo-memory-count "the host had $before pages, now $(info pages_host)"
	rmmod cove_attack
	expect demo-module-unloads "rmmod cove" rmmod cove
	if [ -z "$(kernel_complaints)" ] && [ "$taint" = 12288 ]; then
		ok demo-host-log "no warning; the kernel is tainted by nothing but an unsigned module"
	else
		fail demo-host-log "taint $taint; $(kernel_complaints | head -1)"
	fi
}

demo
show /tmp/console /tmp/cove.err
dmesg | tail -40
echo "@ done"
