#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do the alert rules and the dashboard hold: for promtool, for Grafana's schema, and for what /metrics has?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
. tests/suites/packages.sh
suite_python grafana 'grafana-foundation-sdk==1769699379!11.6.0'
cd packaging/monitoring
promtool check rules alerts.yml >/dev/null
promtool check config prometheus.yml >/dev/null
promtool test rules alerts.test.yml >/dev/null
cd ../..
exec "${suite_venv:?}/bin/python" -P tests/packaging/monitoring.py
