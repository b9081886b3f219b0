# SPDX-License-Identifier: Apache-2.0
"""Rewrite the RFC 7208 test suite (YAML) as lines for build/…/suite_spf: fields between tabs.

scenario
rr	NAME	TYPE	VALUE		TXT in hexadecimal, MX as "10 host"; TYPE may be TIMEOUT
case	ID	CLIENT	HELO	SENDER	RESULT[,RESULT…]	EXPLANATION in hexadecimal, or "-"
"""
import sys

import yaml


def records(entries):
    """One name's records; SPF ones double as TXT unless TXT stands beside them."""
    rows, doubled, has_txt = [], [], False
    for entry in entries:
        if entry == "TIMEOUT":
            rows.append(("TIMEOUT", ""))
            continue
        for kind, value in entry.items():
            if value == "TIMEOUT":
                rows.append((kind, "TIMEOUT"))
                continue
            if kind in ("TXT", "SPF"):
                strings = [value] if isinstance(value, str) else value
                text = "".join(strings).encode("utf-8").hex()
                has_txt |= kind == "TXT"
                if strings != ["NONE"]:
                    (rows if kind == "TXT" else doubled).append(("TXT", text))
            elif kind == "MX":
                rows.append((kind, f"{value[0]} {value[1]}"))
            else:
                rows.append((kind, str(value)))
    return rows + ([] if has_txt else doubled)


def main():
    for scenario in yaml.safe_load_all(open(sys.argv[1], "rb")):
        print("scenario")
        for name, entries in scenario["zonedata"].items():
            for kind, value in records(entries):
                print("rr", name, kind, value, sep="\t")
        for name, test in scenario["tests"].items():
            result = test["result"]
            results = result if isinstance(result, str) else ",".join(result)
            explanation = test.get("explanation")
            text = "-" if explanation in (None, "DEFAULT") else explanation.encode().hex()
            print("case", name, test["host"], test["helo"], test["mailfrom"] or "", results, text,
                  sep="\t")


main()
