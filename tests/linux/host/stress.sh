# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# Twenty confidential guests start, are pinged and end at random, most of them by a
# signal, with ordinary guests beside, while CPUs come and go, somebody takes and
# frees the host's memory, and somebody reads the driver's statistics. In the end
# nothing may be left. host.seconds= says for how long, host.guests= how many, host.seed=
# makes another run. If it is not over host.grace= seconds after its time, a watchdog shows
# on the console what CPUs, guests and monitor do, and ends it.
# shellcheck shell=sh disable=SC3045
. /tests/lib.sh

SLOTS=${guests:-20}
KVM_SLOTS=3
FREE_KIB=163840 # left by the one who takes memory

duration=${seconds:-60} # lib.sh has a use of its own for $seconds
seed=${seed:-1}
grace=${grace:-300}

# now: seconds since boot
now() {
	read -r uptime _ </proc/uptime
	echo "${uptime%%.*}"
}

# draw N: sets $drawn to 0..N-1. Each process has a state of its own.
draw() {
	state=$(((state * 1103515245 + 12345) & 0x7fffffff))
	drawn=$(((state >> 8) % $1))
}

wrong() {
	echo "$*" >>/tmp/wrong
}

# start: a guest in $slot; its process is $vmm, 3 its input and 4 its output.
start() {
	draw 4
	set -- --kernel /tests/ping --memory 16M --cpus $((drawn + 1)) --disk /tmp/disk
	if [ "$slot" -eq 0 ]; then
		# one is a whole Linux: it boots and powers off
		eval set -- "$(guest_mem=128M guest_arguments boot)"
	fi
	[ "$slot" -lt "$SLOTS" ] || set -- "$@" --insecure
	cove run "$@" <&3 >"/tmp/out$slot" 2>"/tmp/err$slot" &
	vmm=$!
	starts=$((starts + 1))
}

# stuck WHAT: what the threads of the guest do, on the console and among what is wrong.
stuck() {
	wrong "guest $slot $*"
	for thread in /proc/"$vmm"/task/*; do
		echo "guest $slot $*: $thread $(cat "$thread/wchan" "$thread/stat")"
		cat "$thread/stack"
	done
	cat "/tmp/err$slot"
}

# The host may run out of memory, which is said; nothing else ends a guest.
ended_early() {
	wait "$vmm"
	status=$?
	if [ $status -eq 1 ] && grep -q -i -E 'more confidential memory|no memory' "/tmp/err$slot"; then
		short=$((short + 1))
	else
		wrong "guest $slot ended with status $status: $(tail -1 "/tmp/err$slot")"
	fi
	vmm=none
}

# answer LINE...: the guest's next line must be one of these. By letter, since a read
# that times out forgets what it has.
answer() {
	tries=300 # 10 minutes: the machine may be busy
	line=
	while :; do
		if read -r -n 1 -t 2 letter <&4; then
			[ -n "$letter" ] || break
			line=$line$letter
			continue
		fi
		if ! kill -0 "$vmm" 2>/dev/null; then
			ended_early
			return 1
		fi
		tries=$((tries - 1))
		if [ $tries -eq 0 ] || [ -e /tmp/late ]; then
			stuck "is silent: '$line', not '$*'"
			return 1
		fi
	done
	for expected in "$@"; do
		[ "$line" != "$expected" ] || return 0
	done
	wrong "guest $slot says '$line', not '$*'"
	return 1
}

ping() {
	draw 4
	case $drawn in
	0) printf g >&3 && answer grown ;;
	1) printf s >&3 && answer shared refused ;;
	*) printf p >&3 && answer pong ;;
	esac && pings=$((pings + 1))
}

# ends SECONDS PID: wait_end, until the watchdog says that it is too late.
ends() {
	left=$1
	until wait_end 2 "$2"; do
		left=$((left - 2))
		[ $left -gt 0 ] && [ ! -e /tmp/late ] || return 1
	done
}

# end WAY: by itself or by a signal, and the status must say so.
end() {
	case $1 in
	0 | 1) want=0 && printf q >&3 ;;
	2 | 3) want=143 && kill -TERM "$vmm" ;;
	*) want=137 && kill -KILL "$vmm" ;;
	esac 2>/dev/null
	if ! ends 600 "$vmm"; then
		stuck "does not end, but should with status $want"
		return
	fi
	wait "$vmm"
	status=$?
	[ $want -eq 0 ] || signals=$((signals + 1))
	if [ $status -eq 1 ] && grep -q -i 'more confidential memory' "/tmp/err$slot"; then
		short=$((short + 1))
	elif [ $status -ne $want ] && [ $status -ne 0 ]; then
		wrong "guest $slot ended with status $status, not $want: $(tail -1 "/tmp/err$slot")"
	fi
}

# wait_for_all: says that this guest is up, and waits until all are.
wait_for_all() {
	reported=yes
	echo >/tmp/up
	read -r _ </tmp/go
}

# life FIRST: of one guest. In the first nobody dies before all are up.
life() {
	# what the guest before has not read
	rm -f "/tmp/in$slot" "/tmp/out$slot"
	mkfifo "/tmp/in$slot" "/tmp/out$slot"
	exec 3<>"/tmp/in$slot" 4<>"/tmp/out$slot"
	start
	draw 4
	if [ "$drawn" -eq 0 ] && [ "$1" = no ]; then
		draw 500000
		usleep "$drawn"
		draw 2
		end $((2 + drawn * 2))
		return
	fi
	if [ "$slot" -eq 0 ]; then
		linux_life "$1"
		return
	fi
	answer up || return
	printf p >&3
	answer pong || return
	[ "$1" = no ] || wait_for_all
	draw 6
	for _ in $(seq "$drawn"); do
		ping || return
	done
	draw 6
	end "$drawn"
}

# Linux may be slow to boot, and is in the end not asked to stop.
linux_life() {
	tries=120
	[ "$1" = no ] || wait_for_all
	while kill -0 "$vmm" 2>/dev/null && [ $tries -gt 0 ] && [ ! -e /tmp/late ]; do
		read -r -t 1 line <&4
		read -r deadline </tmp/deadline
		[ "$(now)" -lt "$deadline" ] || tries=0
		tries=$((tries - 1))
	done
	end 4
}

# bury: what did not end as it should have.
bury() {
	kill -KILL "$vmm" 2>/dev/null
	wait_end 120 "$vmm" || stuck "outlives SIGKILL by 120 s"
}

# lives: until the time is over; at least one.
lives() {
	trap - INT
	exec 6<&- 7<&-
	state=$((seed * 1000 + slot))
	starts=0 pings=0 signals=0 short=0
	reported=no
	life first
	[ $reported = yes ] || echo >/tmp/up
	bury
	while read -r deadline </tmp/deadline && [ "$(now)" -lt "$deadline" ] && [ ! -e /tmp/late ]; do
		life no
		bury
	done
	echo "$starts $pings $signals $short" >"/tmp/count$slot"
}

memory_pressure() {
	state=$seed
	mkdir -p /fat
	mount -t tmpfs -o size=100% tmpfs /fat
	while :; do
		free=$(awk '/MemAvailable/ { print $2 }' /proc/meminfo)
		draw 8
		if [ "$free" -gt $FREE_KIB ] && [ "$drawn" -gt 0 ]; then
			draw $(((free - FREE_KIB) / 1024 + 1))
			dd if=/dev/zero of=/fat/$n bs=1M count=$drawn 2>/dev/null
			n=$((n + 1))
		else
			rm -f /fat/*
		fi
		usleep 300000
	done
}

cpus_come_and_go() {
	state=$((seed + 1))
	while :; do
		draw 3
		online=/sys/devices/system/cpu/cpu$((drawn + 1))/online
		echo 0 >"$online"
		draw 400000
		usleep "$drawn"
		echo 1 >"$online"
	done 2>/dev/null
}

observer() {
	while :; do
		cat "$COVE"/*/pages "$COVE"/*/stats "$COVE/chunks" >/dev/null 2>&1
		cove info >/dev/null || wrong "cove info failed"
		usleep 500000
	done
}

# watchdog: what each CPU, task, timer, guest and the monitor does, when it takes too long.
watchdog() {
	trap 'kill $! 2>/dev/null; exit' TERM
	sleep $((duration + grace)) &
	wait $!
	wrong "it is not over $grace s after its time"
	echo "--- stress is late"
	echo 8 >/proc/sys/kernel/printk
	echo l >/proc/sysrq-trigger
	echo w >/proc/sysrq-trigger
	echo 4 >/proc/sys/kernel/printk
	why_stuck
	show /proc/timer_list /proc/interrupts /proc/loadavg /proc/meminfo /tmp/wrong
	ps -o pid,ppid,stat,time,args
	echo >/tmp/late
}

all_up() {
	for _ in $(seq $((SLOTS + KVM_SLOTS))); do
		until read -r -t 2 _ <&6; do
			[ ! -e /tmp/late ] || return 1
		done
	done
}

# Who waits in wait_for_all goes on: a line of nothing for each.
all_go() {
	for _ in $(seq $((SLOTS + KVM_SLOTS))); do
		echo >&7
	done
}

# at_once: all guests live at the same time, before the first may die.
at_once() {
	all_up && [ ! -s /tmp/wrong ] && [ "$(info tvms)" -ge $((SLOTS - 1)) ]
}

sum() {
	cat /tmp/count* | awk -v n="$1" '{ s += $n } END { print s + 0 }'
}

first_wrong() {
	[ ! -s /tmp/wrong ] || echo "; first of $(wc -l </tmp/wrong) wrong: $(head -1 /tmp/wrong)"
}

stress() {
	dd if=/dev/zero of=/tmp/disk bs=1M count=1 2>/dev/null
	: >/tmp/wrong
	echo 999999 >/tmp/deadline
	mkfifo /tmp/up /tmp/go
	exec 6<>/tmp/up 7<>/tmp/go
	before=$(unused)
	pids=
	slot=0
	watchdog &
	dog=$!
	while [ $slot -lt $((SLOTS + KVM_SLOTS)) ]; do
		lives &
		pids="$pids $!"
		slot=$((slot + 1))
	done
	expect stress-at-once "$SLOTS confidential and $KVM_SLOTS ordinary guests" at_once
	echo $(($(now) + duration)) >/tmp/deadline
	all_go
	n=0
	memory_pressure &
	trouble="$!"
	cpus_come_and_go &
	trouble="$trouble $!"
	observer &
	trouble="$trouble $!"
	for pid in $pids; do
		wait_end $((duration + grace + 300)) "$pid" || wrong "process $pid of the test does not end"
	done
	# shellcheck disable=SC2086
	kill $trouble $dog
	for pid in $trouble $dog; do
		wait "$pid"
	done
	# a dd may be at work still
	for _ in $(seq 60); do
		rm -f /fat/*
		umount /fat && break
		sleep 1
	done
	for online in /sys/devices/system/cpu/cpu[1-9]/online; do
		echo 1 >"$online"
	done 2>/dev/null
	expect stress-lives "$(sum 1) guests in $duration s, $(sum 2) pings, $(sum 3) ended by a \
signal, $(sum 4) when the host was short of memory (seed $seed)$(first_wrong)" [ ! -s /tmp/wrong ]
	expect stress-returned "the monitor holds no page of a guest, the driver no chunk" settled
	expect_no_leak stress-no-leak "$before"
	expect stress-all-online "all CPUs are back" [ "$(nproc)" = "${cpus:-4}" ]
}

if load_modules; then
	stress
	expect stress-module-unloads "rmmod cove" rmmod cove
	if [ -z "$(kernel_complaints)" ]; then
		ok stress-host-log "no warning"
	else
		fail stress-host-log "$(kernel_complaints | head -1)"
	fi
fi
show /tmp/wrong
[ "$(wc -l </tmp/wrong)" -eq 0 ] || why_stuck
cove info
dmesg | tail -40
echo "@ done"
