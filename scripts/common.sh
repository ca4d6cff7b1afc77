# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# Functions shared by the scripts of this directory; sourced, not run.
# shellcheck shell=bash

TOP=${TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
BUILD=${BUILD:-$TOP/build}
export KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
export CROSS_COMPILE=${CROSS_COMPILE:-riscv64-linux-gnu-}
export DEBIAN_FRONTEND=noninteractive

say() {
	echo "==> $*" >&2
}

die() {
	echo "error: $*" >&2
	exit 1
}

# retry COMMAND...: run it up to four times, with a growing pause between.
retry() {
	local pause=2

	while ! "$@"; do
		[ $pause -le 8 ] || return 1
		say "failed: $1; again in $pause s"
		sleep $pause
		pause=$((pause * 2))
	done
}

# system_sources: one line "URI suite" per Debian archive that apt on this
# machine uses, read from sources.list and from deb822 *.sources files.
system_sources() {
	local files=()

	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -f "$f" ] && files+=("$f")
	done
	if [ ${#files[@]} -gt 0 ]; then
		awk '$1 == "deb" {
			sub(/\[[^]]*\]/, "")
			if (/ main( |$)/) print $2, $3
		}' "${files[@]}"
	fi
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -f "$f" ] || continue
		awk 'BEGIN { RS = ""; FS = "\n" } {
			split("", v)
			key = ""
			for (i = 1; i <= NF; i++) {
				if ($i ~ /^#/) continue
				if ($i ~ /^[A-Za-z-]+:/) {
					key = $i; sub(/:.*/, "", key); key = tolower(key)
					sub(/^[^:]*:/, "", $i)
				}
				v[key] = v[key] " " $i
			}
			if (v["enabled"] ~ /no/ || v["types"] !~ /deb( |$)/) next
			if (v["components"] !~ /(^| )main( |$)/) next
			nu = split(v["uris"], u, " "); ns = split(v["suites"], s, " ")
			for (i = 1; i <= nu; i++)
				for (j = 1; j <= ns; j++) print u[i], s[j]
		}' "$f"
	done
}

# debian_mirror: the archive of this machine's release; DEBIAN_MIRROR overrides.
debian_mirror() {
	local mirror=${DEBIAN_MIRROR:-}

	if [ -z "$mirror" ]; then
		mirror=$(system_sources | awk -v c="$(codename)" '
			$2 == c || $2 == "stable" || $2 == "oldstable" {
				if ($1 ~ /\/debian\/?$/) { print $1; done = 1; exit }
				if (!other) other = $1
			}
			END { if (!done && other) print other }')
	fi
	[ -n "$mirror" ] || die "no Debian mirror in /etc/apt; name one: DEBIAN_MIRROR=http://..."
	echo "$mirror"
}

codename() {
	# shellcheck disable=SC1091
	(. /etc/os-release && echo "${VERSION_CODENAME:-unknown}")
}

# private_apt DIR ARCH STATUS: sets the array APT_OPTS so that apt works on its
# own sources, lists and cache in DIR for ARCH, with the dpkg status file
# STATUS. Proxies and the like still come from the system's configuration.
private_apt() {
	local dir=$1 arch=$2 status=$3 native

	native=$(dpkg --print-architecture)
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	# shellcheck disable=SC2034
	APT_OPTS=(
		-q
		-o "Dir::Etc::sourcelist=$dir/sources.list"
		-o "Dir::Etc::sourceparts=-"
		-o "Dir::State::lists=$dir/lists"
		-o "Dir::Cache=$dir/cache"
		-o "Dir::State::status=$status"
		-o "APT::Sandbox::User=root"
		-o "APT::Architecture=$arch"
		-o "APT::Architectures::=$arch"
		-o "APT::Architectures::=$native"
		-o "Acquire::Retries=3"
		-o "Acquire::Languages=none"
		-o "APT::Get::AllowUnauthenticated=false"
	)
}

# check_sha256 FILE HASH
check_sha256() {
	[ "$(sha256sum <"$1" | cut -d' ' -f1)" = "$2" ]
}
