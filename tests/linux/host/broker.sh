# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# The key broker: a guest (guest-vault) proves what it is, gets the key of its
# disk and opens it. A guest that is not quite that one gets none, and a false broker
# is not believed.
# shellcheck shell=sh
. /tests/lib.sh

SOCKET=/tmp/broker.socket
FALSE=/tmp/false.socket

# arguments: of `cove run` and `cove measure`, in $@ of the caller by `eval set --`
arguments() {
	echo "--kernel /guest/vmlinux --initrd ${initrd:-/guest/vault.gz} --memory 256M \
		--cpus 2 --append 'console=ttyS0 quiet guest.mode=vault${more:+ $more}' \
		--disk ${disk:-/tmp/disk} --key-server unix:${socket:-$SOCKET}"
}

# start_broker SOCKET KEY POLICY LOG
start_broker() {
	cove-broker --listen "unix:$1" --key "/broker/$2.pem" --policy "$3" \
		--secrets /broker/secrets 2>"$4" &
	wait_for 20 "$4" listening
}

# boot NAME: a guest to its end; what it says in /tmp/NAME
boot() {
	boot=$1
	eval set -- "$(arguments)"
	timeout 200 cove run "$@" </dev/null 2>"/tmp/$boot.err" | tr -d '\r' >"/tmp/$boot"
}

says() {
	grep -q "^guest: vault $2" "/tmp/$1"
}

# refused NAME CLAIM: the guest got no key and the broker says that of this claim
refused() {
	before=$(grep -c refused /tmp/log)
	boot "$1"
	says "$1" "has no key: cove-agent: the broker refuses: $2" &&
		[ "$(grep -c refused /tmp/log)" -eq $((before + 1)) ] &&
		! grep -q 'vault holds' "/tmp/$1"
}

released() {
	[ "$(grep -c "\"disk\" released to $(cat /tmp/tvm)" /tmp/log)" -eq "$1" ]
}

no_words() {
	! grep -q "own words" /tmp/disk
}

# letter C: writes it into a message of the kernel, where L belongs
letter() {
	printf '%s' "$1" | dd of=/guest/vmlinux bs=1 seek="$(cat /guest/letter)" conv=notrunc 2>/dev/null
	grep -q "${1}inux version 6" /guest/vmlinux
}

two_guests() {
	dd if=/dev/zero of=/tmp/disk2 bs=1M count=24 2>/dev/null
	(disk=/tmp/disk2 boot second) &
	other=$!
	boot first
	wait $other
	says first "holds: the guest's own words" && says second "holds: the guest's own words"
}

measure() {
	eval set -- "$(arguments)"
	cove measure "$@"
}

# no_server PATH WORD: one line that says why there is no such server
no_server() {
	cove run --kernel /guest/vmlinux --key-server "$1" </dev/null >/tmp/out 2>/tmp/err
	status=$?
	[ $status -eq "$3" ] && [ "$(wc -l </tmp/err)" -eq 1 ] && grep -q -e "--key-server $1: $2" /tmp/err
}

port_is_measured() {
	cove measure --kernel /guest/vmlinux >/tmp/without
	cove measure --kernel /guest/vmlinux --key-server unix:/tmp/a >/tmp/a
	cove measure --kernel /guest/vmlinux --key-server unix:/tmp/b >/tmp/b
	cmp -s /tmp/a /tmp/b && ! cmp -s /tmp/a /tmp/without
}

right_guest() {
	boot format
	expect broker-key-formats "the guest gets the key of an empty disk" says format formatted
	expect broker-key-released "the broker's log names the guest" released 1
	boot open
	expect broker-key-opens "the next boot reads what the first wrote" \
		says open "holds: the guest's own words"
	expect broker-disk-encrypted "the host finds nothing of it on the disk" no_words
	expect broker-key-again "two releases in the log" released 2
}

wrong_guests() {
	more=quieter
	expect broker-other-command-line "no key" refused append tvm
	more=
	{
		cat /guest/vault.gz
		printf '\0\0\0\0'
	} >/tmp/vault.gz
	initrd=/tmp/vault.gz
	expect broker-other-initrd "no key" refused initrd tvm
	initrd=
	rm /tmp/vault.gz
	expect broker-kernel-changed "one byte" letter J
	expect broker-other-kernel "no key" refused kernel tvm
	letter L
	expect broker-nothing-released "to any of them" released 2
}

# It accepts the guest, but its key is not the one that the guest knows.
false_broker() {
	start_broker $FALSE false /tmp/policy /tmp/false.log
	socket=$FALSE
	boot false
	socket=
	grep -q released /tmp/false.log && says false "has no key: cove-agent: the answer is not from"
}

if load_modules; then
	dd if=/dev/zero of=/tmp/disk bs=1M count=24 2>/dev/null
	measure >/tmp/tvm
	printf 'root = development\nstate = debug\ntvm = %s\n' "$(cat /tmp/tvm)" >/tmp/policy
	expect broker-listens "$SOCKET" start_broker $SOCKET broker /tmp/policy /tmp/log
	right_guest
	wrong_guests
	expect broker-two-guests "at once, each with its own disk" two_guests
	expect broker-false "the guest does not believe a broker with another key" false_broker
	expect broker-port-measured "that there is a port, not where it leads" port_is_measured
	expect broker-no-server "status 1" no_server unix:/tmp/none "No such file" 1
	expect broker-no-path "status 64" no_server unix: "not unix:PATH" 64
	expect broker-no-scheme "status 64" no_server /tmp/a "not unix:PATH" 64
	expect broker-returned "no page is left with the monitor" all_returned
	[ -z "$(kernel_complaints)" ] || fail broker-host-log "$(kernel_complaints | head -1)"
fi
show /tmp/policy /tmp/log /tmp/false.log
for name in format open append initrd kernel first second false; do
	show /tmp/$name /tmp/$name.err
done
echo "@ done"
