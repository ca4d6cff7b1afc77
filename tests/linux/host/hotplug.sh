# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# The host's CPUs go and come back, again and again, while a confidential guest
# runs, and while another starts and ends. host.slow=yes: on firmware for which a CPU
# goes on for a while when Linux takes it for stopped.
# shellcheck shell=sh
. /tests/lib.sh

# cycle ROUNDS: every CPU but the first goes down and comes up, in turn and together.
cycle() {
	for _ in $(seq "$1"); do
		for online in /sys/devices/system/cpu/cpu[1-9]/online; do
			echo 0 >"$online" && echo 1 >"$online" || return 1
		done
		for value in 0 1; do
			for online in /sys/devices/system/cpu/cpu[1-9]/online; do
				echo $value >"$online" || return 1
			done
		done
	done
}

guest_runs() {
	cat "$COVE"/vm*/stats | awk '$1 == "runs" { n += $2 } END { print n + 0 }'
}

start_guest() {
	eval set -- "$(guest_arguments spin)"
	set -m
	cove run "$@" </dev/null >/tmp/spin.out 2>/tmp/spin.err &
	vmm=$!
	set +m
	wait_for 60 /tmp/spin.out '^guest: up'
}

# still_runs: the guest is alive, and the monitor goes on entering it.
still_runs() {
	runs=$(guest_runs)
	sleep 1
	kill -0 "$vmm" && [ "$(guest_runs)" -gt "$runs" ]
}

end_guest() {
	kill -INT "$vmm"
	wait_end 30 "$vmm" || return 1
	wait "$vmm"
	[ $? -eq 130 ]
}

boots() {
	eval set -- "$(guest_arguments boot)"
	timeout 100 cove run "$@" </dev/null >/tmp/out 2>/tmp/err && grep -q '^guest: up' /tmp/out
}

# A whole life of a guest while CPUs come and go: conversion, fences, runs, return.
restarts() {
	while :; do
		cycle 1 || exit 1
	done &
	cycler=$!
	boots
	status=$?
	kill $cycler
	wait $cycler
	for online in /sys/devices/system/cpu/cpu[1-9]/online; do
		echo 1 >"$online"
	done 2>/dev/null
	return $status
}

# lives N: a guest that takes and returns memory
lives() {
	(echo p && sleep 2 && echo gpq) |
		cove run --kernel /tests/ping --memory 16M --cpus 4 >"/tmp/out$1" 2>"/tmp/err$1"
}

# Memory changes hands, and is fenced, while CPUs go down.
conversions() {
	for round in $(seq 8); do
		pids=
		for n in 1 2 3 4 5 6; do
			lives $n &
			pids="$pids $!"
		done
		for pid in $pids; do
			wait "$pid" || wrong="$wrong round $round: status $?, $(grep -h ^cove: /tmp/err*)"
		done
	done
	[ -z "$wrong" ]
}

slow_stops() {
	wrong=
	while :; do # a CPU cannot start before it has stopped
		for online in /sys/devices/system/cpu/cpu[1-9]/online; do
			echo 0 >"$online"
			echo 1 >"$online"
		done
	done 2>/dev/null &
	cycler=$!
	conversions
	kill $cycler
	wait $cycler
	for online in /sys/devices/system/cpu/cpu[1-9]/online; do
		echo 1 >"$online"
	done 2>/dev/null
	expect hotplug-slow-stops "48 guests while CPUs stop slowly${wrong:+;$wrong}" [ -z "$wrong" ]
	expect hotplug-slow-returned "PMP $(info_text pmp_mode), $(info pages_host) pages are the \
host's" all_returned
}

if [ "${slow:-}" = yes ]; then
	load_modules && slow_stops
	dmesg | tail -40
	echo "@ done"
	exit
fi
if load_modules && start_guest; then
	expect hotplug-cycles "$(nproc) CPUs, all but the first down and up, 4 times" cycle 4
	expect hotplug-guest-runs "the guest goes on on what is there" still_runs
	expect hotplug-all-online "all CPUs are back" [ "$(nproc)" = "${cpus:-4}" ]
	expect hotplug-restart "a second guest boots and ends meanwhile" restarts
	expect hotplug-guest-ends "SIGINT ends the first" end_guest
	expect hotplug-returned "PMP $(info_text pmp_mode), $(info pages_host) pages are the host's" \
		all_returned
else
	fail hotplug-start "$(tail -1 /tmp/spin.err)"
fi
# Not "may not have stopped": Linux asks without waiting for the other hart's last call.
trouble='failed to (start|come)|the firmware (keeps|refuses)'
if [ -z "$(kernel_complaints)" ] && ! dmesg | grep -q -E "$trouble"; then
	ok hotplug-host-log "no warning"
else
	fail hotplug-host-log "$(kernel_complaints | head -1) $(dmesg | grep -E "$trouble" | head -1)"
fi
show /tmp/spin.out /tmp/spin.err /tmp/out /tmp/err
dmesg | tail -20
echo "@ done"
