#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How do the man pages come out of what the program says about itself?

usage: tools/manual.py DSS FOLDER

Writes dss.1, dss-COMMAND.1 for each command, dss.yaml.5 and dss-checks.7 into FOLDER, from `dss help`,
`dss COMMAND --help`, `dss config init` and `dss checks`: the tables in the program are the one source.
"""
import os
import re
import subprocess
import sys
import tempfile

FLAG = re.compile(r"^ {2,6}(-.*?)(?: {2,}(.*))?$")


def said(*argv):
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent", "DSS_COLOR": "never"}
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, env=environment,
                          stdin=subprocess.DEVNULL).stdout.decode("utf-8")


def roff(text):
    """Text as troff prints it; a line of troff's own begins with neither of . and '."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti").replace("^", "\\(ha")
    text = text.replace("`", "\\(ga")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def title(name, section, version):
    return [f'.TH {name.upper()} {section} "" "dss {version}" "Domain scanning system"',
            ".nh", ".ad l"]


def options(lines):
    """The flags: "  -f, --flag WORD   help", with further lines below."""
    out = []
    for line in lines:
        flag = FLAG.match(line)
        if flag:
            out += [".TP", "\\fB" + roff(flag.group(1)) + "\\fR"]
            if flag.group(2):
                out.append(roff(flag.group(2)))
        elif line.strip().startswith("["):
            out += [".br", roff(line.strip())]
        elif line.strip():
            out.append(roff(line.strip()))
    return out


def blocks(text):
    """The help in parts that an empty line ends."""
    return [part.split("\n") for part in re.split(r"\n\n+", text.strip("\n"))]


def command_page(dss, name, summary, version):
    head, *parts = blocks(said(dss, name, "--help"))
    out = title(f"dss-{name}", 1, version)
    out += [".SH NAME", roff(f"dss-{name}") + " \\- " + roff(summary)]
    rest = []
    for part in parts:
        if part[0].startswith("Usage: "):
            usage = [line.removeprefix("Usage:").strip() for line in part]
            out += [".SH SYNOPSIS", ".nf", *map(roff, usage), ".fi", ".SH DESCRIPTION", *map(roff, head)]
        elif part[0].startswith("Exit codes"):
            rest += [".SH EXIT STATUS", *map(roff, (line.strip() for line in part))]
        elif FLAG.match(part[0]):
            rest += [".SH OPTIONS",
                     "In brackets: the key in the configuration file, the variable, the default.",
                     *options(part)]
        elif part[0].startswith("  dss "):
            rest += [".SH EXAMPLES", ".nf", *map(roff, (line.strip() for line in part)), ".fi"]
        else:
            rest += [".PP", *map(roff, (line.strip() for line in part))]
    return out + rest + [".SH SEE ALSO", ".BR dss (1), dss.yaml (5), dss\\-checks (7)"]


def main_page(commands, about, version):
    out = title("dss", 1, version)
    out += [".SH NAME", "dss \\- " + roff(about.rstrip(".")), ".SH SYNOPSIS", ".B dss", "COMMAND ...",
            ".SH DESCRIPTION", roff(about), "It looks at a domain the way the internet sees it. What could not be",
            "asked is reported as unknown, with the reason.", ".SH COMMANDS"]
    for name, summary in commands:
        out += [".TP", f".BR dss\\-{name} (1)", roff(summary)]
    out += [".SH FILES", ".TP", ".I /etc/dss/dss.yaml", "The configuration:", ".BR dss.yaml (5).",
            ".TP", ".I /var/lib/dss", "Where the services keep all: store, queue, locks.",
            ".SH EXAMPLES", ".nf", "dss scan example.com", "dss serve", ".fi",
            ".SH SEE ALSO", ".BR dss.yaml (5), dss\\-checks (7), unbound (8)"]
    return out


def configuration_page(dss, version):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dss.yaml")
        said(dss, "config", "init", path)
        with open(path, encoding="utf-8") as lines:
            text = lines.read()
    return [*title("dss.yaml", 5, version), ".SH NAME", "dss.yaml \\- configuration of dss",
            ".SH DESCRIPTION",
            "A value comes from the flag, else the variable, else this file, else the default.",
            ".B dss config check", "says whether a file is right;", ".B dss config show \\-\\-origin",
            "where each value comes from.", ".SH KEYS", "With their defaults:", ".nf", roff(text.rstrip()),
            ".fi", ".SH SEE ALSO", ".BR dss (1), dss\\-config (1)"]


def checks_page(dss, version):
    return [*title("dss-checks", 7, version), ".SH NAME", "dss\\-checks \\- what dss checks",
            ".SH DESCRIPTION", ".B dss checks \\-f md", "prints what each check is for, how it is tested and how",
            "to mend what it finds.", ".SH CHECKS", ".nf", roff(said(dss, "checks").rstrip()), ".fi",
            ".SH SEE ALSO", ".BR dss (1), dss\\-scan (1)"]


def write(folder, name, lines):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")


def main():
    dss, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    version = said(dss, "--version").split()[1]
    text = said(dss, "help")
    commands = re.findall(r"^  ([a-z]+) {2,}(\S.*)$", text, re.M)
    write(folder, "dss.1", main_page(commands, text.split("\n", 1)[0], version))
    for name, summary in commands:
        write(folder, f"dss-{name}.1", command_page(dss, name, summary, version))
    write(folder, "dss.yaml.5", configuration_page(dss, version))
    write(folder, "dss-checks.7", checks_page(dss, version))
    return 0 if commands else 1


sys.exit(main())
