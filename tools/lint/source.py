# SPDX-License-Identifier: Apache-2.0
"""Which files are ours, and what is code in them? Shared by the steps of lint written in Python."""
import os
import re
import subprocess

ROOT = os.environ.get("LINT_ROOT") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def files(*patterns):
    """Tracked and new files that match git's patterns, as paths from the root."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z", "--", *patterns],
        check=True, stdout=subprocess.PIPE).stdout.decode()
    return sorted(path for path in set(listed.split("\0"))
                  if path and os.path.isfile(os.path.join(ROOT, path)))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as text:
        return text.read()


def _blank(match):
    """A comment or string becomes spaces, so that lines and columns stay."""
    text = match.group(0)
    if text[0] in "\"'":
        return text[0] + " " * (len(text) - 2) + text[0]
    return re.sub(r"[^\n]", " ", text)


def code(text):
    """C text without its comments and the insides of its strings; same lines."""
    return TOKEN.sub(_blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def table(name):
    """A table of tools/lint: the rows of a file of lines with ':' between columns."""
    rows = []
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name),
              encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                rows.append([column.strip() for column in line.rstrip("\n").split(" : ")])
    return rows


class Findings:
    """Prints findings as they come; the exit code says whether there were any."""

    def __init__(self):
        self.count = 0

    def add(self, path, line, message):
        self.count += 1
        print(f"  {path}:{line}: {message}")

    def warn(self, path, line, message):
        print(f"  {path}:{line}: warning: {message}")

    def code(self):
        return 1 if self.count else 0
