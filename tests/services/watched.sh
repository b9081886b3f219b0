#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does a name that certificates tell of, and a domain that somebody else could take, arrive as events when they come
# between two scans of a schedule? On two days of a small internet.
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
folder=$(mktemp -d "${TMPDIR:-/tmp}/dss-watched.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cp -R tests/internet/scenarios/base "$folder/"

# internet DAY NAMES: what differs is written by the caller, on standard input
internet() {
	mkdir "$folder/day$1"
	{
		cat <<SCENARIO
# A provider of certificate transparency, and two domains.
include ../base

zone crt.sh servers=ns1.dns-host.net,ns2.dns-host.org
https crt.sh 45.76.70.1
page crt.sh * type=application/json = [{"issuer_ca_id":1,"common_name":"www.grows.com","name_value":"$2","id":1}]
zone grows.com {good}
	= www A 45.76.71.80
	vpn A 45.76.71.81
server ns1.hosting-operator.com 45.77.60.53 2a0e:97c0:77:60::53
server ns2.hosting-operator.com 91.199.60.53 2a0b:4340:77:60::53
zone hosting-operator.com servers=ns1.hosting-operator.com,ns2.hosting-operator.com sign=ecdsa256 nsec3 like=good-own
SCENARIO
		cat
	} >"$folder/day$1/internet"
}
internet 1 'www.grows.com' <<'SCENARIO'
zone drops.com {good}
SCENARIO
internet 2 'www.grows.com\\nvpn.grows.com' <<'SCENARIO'
# The registration is there, the account at the operator is not any more.
zone drops.com servers=ns1.dns-host.net no-soa parent-ns=ns1.hosting-operator.com,ns2.hosting-operator.com
SCENARIO
passed=0 failed=0
for day in 1 2; do
	tests/internet/run "$DSS_BUILD" "$folder/day$day" tests/services/inside/watched "$day" "$folder" \
		>"$folder/said" 2>&1 || :
	sed '/^[0-9]* passed, [0-9]* failed$/d' "$folder/said"
	last=$(tail -n 1 "$folder/said")
	case $last in
	*' passed, '*' failed')
		passed=$((passed + ${last%% passed*}))
		last=${last##*passed, }
		failed=$((failed + ${last%% failed}))
		;;
	*)
		echo "FAILED day $day: it did not end"
		failed=$((failed + 1))
		;;
	esac
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
