# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# A secret sealed to a guest: it gets it by /dev/cove-guest, and nothing else does. The
# platform's key is that of evidence which the guest's first run gives.
# shellcheck shell=sh
. /tests/lib.sh

SECRET="open sesame, said the guest"

# start NAME ARGUMENT...: a guest, to its end; its console is /tmp/NAME
start() {
	log=$1
	shift
	timeout 400 cove run "$@" </dev/null 2>/tmp/"$log".err | tr -d '\r' >/tmp/"$log"
	grep -q '^guest: tap over' /tmp/"$log"
}

# handed FILE: what the first guest has printed of that name
handed() {
	sed -n "/^guest: file $1\$/,/^guest: end/p" /tmp/first | grep -v '^guest:' | base64 -d
}

# refused NAME WORDS ARGUMENT...: cove run says so, and no guest runs
refused() {
	log=$1 words=$2
	shift 2
	timeout 400 cove run "$@" </dev/null >/tmp/"$log" 2>/tmp/"$log".err
	[ $? -eq 1 ] && grep -q "$words" /tmp/"$log".err && [ ! -s /tmp/"$log" ]
}

seal() {
	rm -f /tmp/tap
	cove tap --secret /tmp/secret --registers /tmp/registers --platform "$key" --out /tmp/tap "$@" 2>/tmp/seal.err
}

seal_promoted() {
	cove measure --registers --promote "$@" >/tmp/registers2
	cove tap --secret /tmp/secret --registers /tmp/registers2 --platform "$key" --out /tmp/tap2 \
		--debug --once 2>>/tmp/seal.err
}

if load_modules; then
	eval set -- "$(guest_arguments tap)"
	expect tap-first-run "the guest comes to its end" start first "$@"
	expect tap-none-without "no payload, no secret" grep -q '^guest: no secret' /tmp/first
	handed tap.cbor >/tmp/evidence
	handed tap.nonce >/tmp/nonce
	cove verify --evidence /tmp/evidence --print-policy >/tmp/policy 2>/tmp/err
	cove verify --evidence /tmp/evidence --nonce /tmp/nonce --policy /tmp/policy --json \
		>/tmp/report 2>>/tmp/err
	key=$(tr -d '\n' </tmp/report | sed -n 's/.*"tap-key"[^}]*"cose": *"\([0-9a-f]*\)".*/\1/p')
	expect tap-key "evidence names the platform's key" [ ${#key} -eq 214 ]
	cove measure --registers "$@" >/tmp/registers
	printf '%s' "$SECRET" >/tmp/secret
	expect tap-sealed "cove tap makes a payload" seal --debug
	expect tap-run "a guest with a payload comes to its end" start second --tap /tmp/tap "$@"
	expect tap-released "it has the secret" grep -qx "guest: secret $SECRET" /tmp/second
	seal_promoted "$@"
	expect tap-promoted-sealed "a payload for a guest that is promoted" [ -s /tmp/tap2 ]
	expect tap-promoted-run "it comes to its end" start promoted --promote --tap /tmp/tap2 "$@"
	expect tap-promoted "it has the secret" grep -qx "guest: secret $SECRET" /tmp/promoted
	expect tap-promoted-other "with the other one's payload it does not start" \
		refused seventh "not for this guest" --promote --tap /tmp/tap "$@"
	append=$(guest_arguments tap | sed "s/guest.mode=tap/guest.mode=tap other/")
	eval set -- "$append"
	expect tap-command-line "with another command line it does not start" \
		refused third "not for this guest" --tap /tmp/tap "$@"
	eval set -- "$(guest_arguments tap)"
	seal
	expect tap-debug-platform "not on a development platform, unless it says so" \
		refused fourth "a platform like this" --tap /tmp/tap "$@"
	printf 'x' | dd of=/tmp/tap bs=1 seek=300 conv=notrunc 2>/dev/null
	expect tap-changed "a changed payload is refused" \
		refused fifth "it was changed" --tap /tmp/tap "$@"
	expect tap-none "something else is refused" \
		refused sixth "not a payload" --tap /tmp/secret "$@"
	expect tap-returned "no page is left with the monitor" all_returned
	[ -z "$(kernel_complaints)" ] || fail tap-host-log "$(kernel_complaints | head -1)"
fi
for log in first second promoted third fourth fifth sixth seventh; do
	show /tmp/$log.err
done
show /tmp/err /tmp/seal.err /tmp/report /tmp/registers /tmp/first /tmp/second
echo "@ done"
