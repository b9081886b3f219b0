#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Are the units right and tight, and do the egress rules hold? systemd-analyze says the first; the rules are
# loaded in a network namespace of its own.
set -eu
cd "$(dirname "$0")/../.."
EXPOSURE=15 # tenths, of 100: what systemd-analyze security may say at most
. tests/packaging/cases.sh
: "${work:?}" "${passed:?}" "${failed:?}"

refuse() {
	what=$1
	shift
	if "$@" >/dev/null 2>&1; then
		failed=$((failed + 1))
		printf 'FAILED %s: it was taken\n' "$what"
	else
		passed=$((passed + 1))
	fi
}

# A root with systemd's own units, ours, and programs of the names that they start.
root=$work/root
units=$root/usr/lib/systemd/system
mkdir -p "$units" "$root/usr/bin" "$root/usr/sbin" "$root/bin"
for own in /usr/lib/systemd/system /lib/systemd/system; do
	[ ! -d "$own" ] || cp -r "$own/." "$units/"
done
cp -rP packaging/systemd/. "$units/"
for program in usr/bin/dss usr/sbin/nft usr/bin/kill bin/kill; do
	printf '#!/bin/sh\n' >"$root/$program"
	chmod +x "$root/$program"
done

# Words of newer systemd are unknown to older ones, and ignored there.
is_verified() {
	systemd-analyze verify --root="$root" --man=no "$1" >"$work/said" 2>&1 || echo "ended with $?" >>"$work/said"
	! grep -vE "Unknown key (name )?'Restart(Steps|MaxDelaySec)'" "$work/said" | grep -F -e "$1" -e hardening.conf
}
is_tight() {
	systemd-analyze security --offline=true --root="$root" --threshold="$EXPOSURE" --no-pager "$1"
}

for unit in dss.service dss-api.service dss-worker.service dss-scheduler.service dss-notifier.service; do
	check "$unit is a unit" is_verified "$unit"
	check "$unit is exposed at most $EXPOSURE of 100" is_tight "$unit"
done
check 'egress-dss.service is a unit' is_verified egress-dss.service
EXPOSURE=20 # it changes the firewall
check "egress-dss.service is exposed at most $EXPOSURE of 100" is_tight egress-dss.service
EXPOSURE=15

printf '[Service]\nExecStart=/nowhere\nTyp=simple\n' >"$units/dss-broken.service"
refuse 'a wrong unit' is_verified dss-broken.service
rm "$units/dss.service.d/hardening.conf"
refuse 'a unit without the hardening' is_tight dss.service

# The blocks that the rules deny are those of the program, without loopback.
sed -n '/^static const struct special_block/,/^};/p' src/formats/special.c | grep -oE '"[0-9a-f:.]+/[0-9]+"' |
	tr -d '"' | grep -vxE '127\.0\.0\.0/8|::1/128' | sort >"$work/program"
sed -n '/set denied4/,/chain loopback/p' packaging/nftables/egress.nft | grep -oE '[0-9a-f:.]+/[0-9]+' | sort >"$work/rules"
check 'the rules deny what the program denies' diff "$work/program" "$work/rules"
check 'that are many' test "$(wc -l <"$work/rules")" -ge 30

# In a namespace: who is meant is user 65534 there, as no user dss need be on this machine; root of a namespace
# of its own where this is not run by root, who has nobody else there.
user=65534 namespaces=--net
[ "$(id -u)" -eq 0 ] || user=0 namespaces='--user --map-root-user --net'
sed "s/meta skuid != \"dss\"/meta skuid != $user/" packaging/nftables/egress.nft >"$work/egress.nft"
cat >"$work/inside" <<'TEXT'
set -eu
ip link set lo up
ip link add out type veth peer name other
ip address add 198.51.100.1/24 dev out
ip link set other up
ip link set out up
ip route add default dev out
python3 - "$1" "$2" <<'PYTHON'
import errno
import os
import socket
import subprocess
import sys

passed = failed = 0
LISTENING = [("127.0.0.1", 8053), ("127.0.0.1", 22), ("127.0.0.1", 40000), ("127.0.0.1", 5432), ("::1", 40000),
             ("::1", 22)]
listeners = []
for host, port in LISTENING:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen()
    listeners.append(listener)


def reach(host, port):
    """Of a connection by user 65534: 0 it is there, 1 forbidden, 2 refused, 3 nobody answers out there."""
    child = os.fork()
    if child == 0:
        os.setresuid(*[int(sys.argv[2])] * 3)
        stream = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        stream.settimeout(0.3)
        code = 0
        try:
            stream.connect((host, port))
        except TimeoutError:
            code = 3
        except OSError as error:
            code = 1 if error.errno in (errno.EHOSTUNREACH, errno.EACCES, errno.EPERM) else 2
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def expect(host, port, code):
    global passed, failed
    got = reach(host, port)
    if got == code:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {host} {port}: {got}, not {code}")


for host, port in LISTENING:
    expect(host, port, 0)
for host in ("10.9.9.9", "169.254.169.254", "192.168.1.1", "100.64.0.1"):
    expect(host, 80, 3)
for _ in range(2):  # loading them again is no harm
    subprocess.run(["nft", "-f", sys.argv[1]], check=True)
expect("127.0.0.1", 8053, 0)
expect("127.0.0.1", 40000, 0)
expect("::1", 40000, 0)
for host, port in (("127.0.0.1", 22), ("127.0.0.1", 5432), ("::1", 22)):
    expect(host, port, 2)
for host, port in (("10.9.9.9", 80), ("169.254.169.254", 80),
                   ("192.168.1.1", 443), ("100.64.0.1", 53), ("172.16.0.1", 80)):
    expect(host, port, 1)
expect("9.9.9.9", 53, 3)
subprocess.run(["nft", "add element inet dss_egress services_here { 5432 }"], check=True)
expect("127.0.0.1", 5432, 0)
subprocess.run(["nft", "add element inet dss_egress services4 { 10.9.9.9 . 5671 }"], check=True)
expect("10.9.9.9", 5672, 1)
subprocess.run(["nft", "add element inet dss_egress allowed4 { 192.168.1.0/24 }"], check=True)
expect("192.168.1.1", 443, 3)
expect("192.168.2.1", 443, 1)
print(f"{passed} passed, {failed} failed")
PYTHON
TEXT
# shellcheck disable=SC2086 # a list of options
unshare $namespaces sh "$work/inside" "$work/egress.nft" "$user" >"$work/reached" 2>&1 || echo '0 passed, 1 failed' >>"$work/reached"
cat "$work/reached"
tally=$(tail -n 1 "$work/reached")
passed=$((passed + ${tally%% *}))
rest=${tally#*, }
failed=$((failed + ${rest%% *}))

check 'the user is described as systemd-sysusers wants it' sh -c \
	"mkdir -p '$root/etc' && systemd-sysusers --root='$root' '$PWD/packaging/sysusers/dss.conf' && grep -q ^dss: '$root/etc/passwd'"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
