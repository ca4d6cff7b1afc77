# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# Guests, confidential and ordinary in turn, that a plugin of QEMU counts: for
# each of host.count_cpus= one with so many vCPUs, that does what guest-bench has; for
# each of host.count_vms= so many at once, with one vCPU each, that only boot.
# shellcheck shell=sh
. /tests/lib.sh

# run MODE CPUS MEMORY OUT OPTION...; MODE: and other words for the guest's kernel
run() {
	mode=$1 cpus=$2 memory=$3 out=$4
	shift 4
	cove run "$@" --kernel /guest/vmlinux --initrd /guest/initrd.gz --memory "$memory" --cpus "$cpus" \
		--append "console=ttyS0 quiet init_on_alloc=0 guest.mode=$mode" </dev/null >"$out" 2>"$out.err"
}

# begin PHASE VCPUS: what the kernel does in the background is none of the guest's
begin() {
	sleep 3
	workload phase "$1" "$2"
}

# guest NAME CPUS OPTION...
guest() {
	name=$1-$2 n=$2
	shift 2
	begin "$name" "$n"
	run bench "$n" 256M /tmp/out "$@"
	status=$?
	workload end run
	if [ $status -eq 0 ] && ! grep -a -q failed /tmp/out; then
		ok "count-$name"
	else
		fail "count-$name" "status $status: $(tail -1 /tmp/out.err) $(grep -a failed /tmp/out)"
	fi
}

# guests NAME HOW-MANY OPTION...; what its kernel would test is half of a boot
guests() {
	name=$1-1x$2 n=$2 bad=""
	shift 2
	begin "$name" 1
	for vm in $(seq "$n"); do
		run "start cryptomgr.notests" 1 128M "/tmp/out$vm" "$@" || echo failed >>"/tmp/out$vm" &
	done
	wait
	workload end vms "$n"
	for vm in $(seq "$n"); do
		grep -a -q '^guest: up' "/tmp/out$vm" && ! grep -a -q failed "/tmp/out$vm" ||
			bad="$vm: $(tail -1 "/tmp/out$vm.err")"
	done
	if [ -z "$bad" ]; then
		ok "count-$name"
	else
		fail "count-$name" "guest $bad"
	fi
}

load_modules || exit
workload seed
for many in $(echo "${count_cpus-}" | tr , ' '); do
	guest cove "$many"
	guest kvm "$many" --insecure
done
for many in $(echo "${count_vms-}" | tr , ' '); do
	guests cove "$many"
	guests kvm "$many" --insecure
done
begin end 1
echo "@ done"
