# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# Guests, confidential and ordinary in turn, that do what guest-bench has. A
# plugin of QEMU counts; host.count_cpus= names their sizes.
# shellcheck shell=sh
. /tests/lib.sh

# guest NAME CPUS OPTION...
guest() {
	name=$1 cpus=$2
	shift 2
	sleep 3 # what the kernel does in the background is none of the guest's
	workload phase "$name-$cpus" "$cpus"
	cove run "$@" --kernel /guest/vmlinux --initrd /guest/initrd.gz --memory 256M --cpus "$cpus" \
		--append "console=ttyS0 quiet init_on_alloc=0 guest.mode=bench" </dev/null >/tmp/out 2>/tmp/err
	status=$?
	workload end run
	if [ $status -eq 0 ] && ! grep -a -q failed /tmp/out; then
		ok "count-$name-$cpus"
	else
		fail "count-$name-$cpus" "status $status: $(tail -1 /tmp/err) $(grep -a failed /tmp/out)"
	fi
}

load_modules || exit
for cpus in $(echo "${count_cpus:-1}" | tr , ' '); do
	guest cove "$cpus"
	guest kvm "$cpus" --insecure
done
sleep 3
workload phase end
echo "@ done"
