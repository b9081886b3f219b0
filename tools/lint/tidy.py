#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does clang-tidy accept each C file under src/? What it accepted is read again only when it changes."""
import concurrent.futures
import hashlib
import json
import os
import shlex
import subprocess
import sys

from source import ROOT, files, read

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TREE, "build", "debug")
ACCEPTED = os.path.join(TREE, "build", "lint", "tidy")
PLAIN = ["-std=gnu17", "-D_GNU_SOURCE", "-Isrc", "-I."]
KEPT = ("-I", "-D", "-std=", "-isystem")


def read_flags():
    """Path from the root -> the flags that matter to clang, from meson's compile_commands.json."""
    flags = {}
    try:
        with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as database:
            entries = json.load(database)
    except FileNotFoundError:
        entries = []
    for entry in entries:
        kept, words = [], shlex.split(entry["command"])
        for word, following in zip(words, words[1:] + [""]):
            if word == "-isystem":
                kept += [word, following]
            elif word.startswith("-I"):
                kept.append("-I" + os.path.join(entry["directory"], word[2:]))
            elif word.startswith(KEPT):
                kept.append(word)
        path = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
        flags[os.path.relpath(path, os.path.realpath(ROOT))] = kept
    return flags


def hash_of(path, flags, config):
    """Of all that clang-tidy would read; None when the file does not even preprocess."""
    done = subprocess.run(["clang-14", *flags, "-E", path], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    if done.returncode:
        return None
    return hashlib.sha256(config + done.stdout).hexdigest()[:32]


def check(path, flags, config):
    """What clang-tidy says of a file; empty when it accepts it."""
    key = hash_of(path, flags, config)
    stamp = os.path.join(ACCEPTED, key) if key else None
    if stamp and os.path.exists(stamp):
        return ""
    done = subprocess.run(["clang-tidy-14", "--quiet", path, "--", *flags], cwd=ROOT,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace")
        return said or done.stderr.decode("utf-8", "replace") or f"{path}: clang-tidy failed\n"
    if stamp:
        open(stamp, "w", encoding="utf-8").close()
    return ""


def main():
    os.makedirs(ACCEPTED, exist_ok=True)
    if ROOT == TREE:
        subprocess.run([os.path.join(TREE, "tools", "build.sh"), "debug"], check=True)
    flags, config = read_flags(), read(".clang-tidy").encode()
    is_good = True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda path: check(path, flags.get(path, PLAIN), config),
                             sys.argv[1:] or files("src/*.c")):
            if said:
                is_good = False
                print(said.replace(ROOT + "/", "  "), flush=True)
    return 0 if is_good else 1


sys.exit(main())
