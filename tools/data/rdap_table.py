#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile IANA's RDAP bootstrap files (RFC 9224) into C arrays: suffixes in order, networks, numbers of
autonomous systems, and their servers.

usage: rdap_table.py data/rdap-bootstrap-*.json … rdap_table.h
"""
import ipaddress
import json
import sys

*sources, target = sys.argv[1:]
suffixes, networks, numbers = {}, {}, {}
for source in sources:
    with open(source, encoding="utf-8") as file:
        services = json.load(file)["services"]
    for names, urls in services:
        url = next((url for url in urls if url.startswith("https:")), urls[0])
        url = url if url.endswith("/") else url + "/"
        if not url.isascii() or '"' in url or "\\" in url:
            sys.exit(f"{source}: {url!r} cannot stand in C")
        for name in names:
            if "/" in name:
                networks[ipaddress.ip_network(name)] = url
            elif name.replace("-", "").isdigit():
                first, _, last = name.partition("-")
                numbers[int(first), int(last or first)] = url
            elif name.isascii() and '"' not in name and "\\" not in name:
                suffixes[name.lower()] = url
            else:
                sys.exit(f"{source}: {name!r} cannot stand in C")
bases = sorted({*suffixes.values(), *networks.values(), *numbers.values()})
with open(target, "w", encoding="ascii") as file:
    file.write("/* Written by tools/data/rdap_table.py from data/rdap-bootstrap-*.json. */\n")
    file.write("static const char *const rdap_bases[] = {\n")
    file.writelines(f'\t"{base}",\n' for base in bases)
    file.write("};\nstatic const struct {\n\tconst char *suffix;\n\tuint16_t base;\n"
               "} rdap_suffixes[] = {\n")
    file.writelines(f'\t{{ "{suffix}", {bases.index(suffixes[suffix])} }},\n'
                    for suffix in sorted(suffixes, key=str.encode))
    file.write("};\nstatic const struct {\n\tstruct network network;\n\tuint16_t base;\n"
               "} rdap_networks[] = {\n")
    for network in sorted(networks, key=lambda each: (each.version, int(each.network_address), each.prefixlen)):
        octets = ", ".join(str(octet) for octet in network.network_address.packed)
        file.write(f"\t{{ {{ {{ ADDRESS_IPV{network.version}, {{ {octets} }} }}, {network.prefixlen} }}, "
                   f"{bases.index(networks[network])} }},\n")
    file.write("};\nstatic const struct {\n\tuint32_t first, last;\n\tuint16_t base;\n"
               "} rdap_numbers[] = {\n")
    file.writelines(f"\t{{ {first}u, {last}u, {bases.index(numbers[first, last])} }},\n"
                    for first, last in sorted(numbers))
    file.write("};\n")
