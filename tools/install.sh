#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Are the packages of these groups installed? Installs what is missing, as root or through sudo.
# usage: tools/install.sh GROUP…
set -eu
here=$(dirname "$0")

wanted=$(awk -v groups="$*" '
	BEGIN { n = split(groups, group, " "); for (i = 1; i <= n; i++) is_wanted[group[i]] = 1 }
	/^#/ { next }
	is_wanted[$1] { for (i = 2; i <= NF; i++) if (!seen[$i]++) print $i }' "$here/packages" |
	while IFS='?' read -r package program; do
		[ -n "$program" ] && command -v "$program" >/dev/null || printf '%s\n' "$package"
	done)

if ! command -v dpkg-query >/dev/null; then
	printf 'Not Debian or Ubuntu: what these packages hold must be here already: %s\n' \
		"$(printf '%s' "$wanted" | tr '\n' ' ')"
	exit 0
fi

# shellcheck disable=SC2046 # a list of package names
there=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $(printf '%s' "$wanted" | tr '/' '\n') \
	2>/dev/null | sed -n 's/^installed //p') || true
missing=$(for package in $wanted; do
	for name in $(printf '%s' "$package" | tr '/' ' '); do
		printf '%s\n' "$there" | grep -qxF "$name" && continue 2
	done
	printf '%s\n' "$package"
done)
[ -n "$missing" ] || exit 0

# Of ONE/OTHER the first that this release has, or the last.
choose() {
	for package in $missing; do
		for name in $(printf '%s' "$package" | tr '/' ' '); do
			apt-cache show "$name" >/dev/null 2>&1 && break
		done
		printf '%s\n' "$name"
	done
}

printf 'Installing the packages that are missing:\n'
printf '%s\n' "$missing" | sed 's/^/  /'

as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		printf 'This needs root, and there is no sudo. As root, run: apt-get install %s\n' \
			"$(choose | tr '\n' ' ')" >&2
		exit 1
	fi
	as_root=sudo
	[ -t 0 ] || as_root='sudo -n'
fi
log=$here/../build/apt.log
mkdir -p "$here/../build"
apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" \
		>>"$log" 2>&1 </dev/null || {
		tail -n 20 "$log"
		printf 'apt-get %s failed; all of its words are in build/apt.log\n' "$1" >&2
		exit 1
	}
}
apt update
# shellcheck disable=SC2046 # a list of words
apt install --no-install-recommends $(choose)
printf 'Installed.\n'

# DSS starts the resolver, the name servers and the broker that it needs; those that came with the
# packages just now need not run.
if [ -d /run/systemd/system ]; then
	for service in unbound nsd prometheus rabbitmq-server; do
		if printf '%s\n' "$missing" | grep -qxF "$service"; then
			$as_root systemctl disable --now "$service"
		fi
	done
fi
