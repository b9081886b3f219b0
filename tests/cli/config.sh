#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is the configuration found, read, shown with its origins, checked, and never overwritten?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
. tests/cli/cases.sh
: "${dss:?}" "${scratch:?}"
unset DSS_CONFIG
export HOME="$scratch/home"
unset XDG_CONFIG_HOME XDG_DATA_HOME
mkdir -p "$HOME/.config/dss" "$scratch/xdg/dss"

# A file, a variable, a flag: the last named wins, and each says where it was.
cat >"$HOME/.config/dss/dss.yaml" <<'TEXT'
# mine
data: /srv/dss
scan:
  rate_per_host: 5
  in_flight: 6
  timeout: 7s
TEXT
same 'show' 0 "$(DSS_SCAN_IN_FLIGHT=16 DSS_TIMEOUT=17 status "$dss" config show --origin --timeout 27)"
has 'from the file' "data: /srv/dss                                  # $HOME/.config/dss/dss.yaml line 2" "$scratch/out"
has 'from the file' "rate_per_host: 5                              # $HOME/.config/dss/dss.yaml line 4" "$scratch/out"
has 'from the variable' 'in_flight: 16                                 # DSS_SCAN_IN_FLIGHT' "$scratch/out"
has 'from the flag' 'timeout: 27                                   # --timeout' "$scratch/out"
has 'from nowhere' 'profile: standard                             # default' "$scratch/out"
has 'the store follows the data' 'url: sqlite:/srv/dss ' "$scratch/out"

# Which file: --config, $DSS_CONFIG, $XDG_CONFIG_HOME, the home.
printf 'scan: {rate_per_host: 1}\n' >"$scratch/one.yaml"
printf 'scan: {rate_per_host: 2}\n' >"$scratch/two.yaml"
printf 'scan: {rate_per_host: 3}\n' >"$scratch/xdg/dss/dss.yaml"
rate() {
	"$dss" config show "$@" | sed -n 's/ *rate_per_host: //p'
}
same '--config' 1 "$(DSS_CONFIG="$scratch/two.yaml" rate -c "$scratch/one.yaml")"
same 'DSS_CONFIG' 2 "$(DSS_CONFIG="$scratch/two.yaml" rate)"
same 'XDG_CONFIG_HOME' 3 "$(XDG_CONFIG_HOME="$scratch/xdg" rate)"
same 'the home' 5 "$(rate)"
same 'none' 0 "$(rate -c /dev/null)"

# What is wrong in a file stops whatever reads it, and nothing else.
printf 'scan:\n  rate_per_hots: 3\n' >"$scratch/wrong.yaml"
same 'check: exit code' 2 "$(status "$dss" config check "$scratch/wrong.yaml")"
has 'check' "$scratch/wrong.yaml line 2 column 3: no setting is called scan.rate_per_hots; did you mean scan.rate_per_host?" "$scratch/err"
same 'scan: exit code' 2 "$(status "$dss" scan -c "$scratch/wrong.yaml" a.example)"
has 'scan' 'did you mean scan.rate_per_host?' "$scratch/err"
same 'version' 0 "$(DSS_CONFIG="$scratch/wrong.yaml" status "$dss" version)"
same 'help' 0 "$(DSS_CONFIG="$scratch/wrong.yaml" status "$dss" scan --help)"
same 'checks' 0 "$(DSS_CONFIG="$scratch/wrong.yaml" status "$dss" checks)"
same 'a file that is not there' 2 "$(status "$dss" scan -c "$scratch/none.yaml" a.example)"
has 'a file that is not there' "cannot read the configuration $scratch/none.yaml: No such file" "$scratch/err"
same 'a folder' 2 "$(status "$dss" config show -c "$scratch")"
printf 'server: {listen: "\033[31mred"}\n' >"$scratch/escape.yaml"
same 'escapes: exit code' 2 "$(status "$dss" config check "$scratch/escape.yaml")"
same 'escapes' 0 "$(escapes "$scratch/err")"
same 'check of the one in use' 0 "$(status "$dss" config check)"
has 'check of the one in use' "$HOME/.config/dss/dss.yaml: every key and value is right" "$scratch/out"

# init writes what check accepts, and nothing over what is there.
same 'init' 0 "$(status "$dss" config init "$scratch/new/dss.yaml")"
same 'init: check' 0 "$(status "$dss" config check "$scratch/new/dss.yaml")"
printf 'data: /x\n' >"$scratch/new/dss.yaml"
same 'init again' 2 "$(status "$dss" config init "$scratch/new/dss.yaml")"
has 'init again' 'is there already; it is never overwritten' "$scratch/err"
same 'init again: the file' 'data: /x' "$(cat "$scratch/new/dss.yaml")"
same 'init -' 0 "$(status "$dss" config init -)"
has 'init -' '  #rate_per_host: 0' "$scratch/out"
same 'a wrong verb' 2 "$(status "$dss" config shwo)"
same 'a word too many' 2 "$(status "$dss" config show now)"
report
