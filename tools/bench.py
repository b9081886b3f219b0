#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What does it cost? Runs the measurements under bench/ and keeps their figures.

usage: tools/bench.py [NAME] [--peers]

A measurement is an executable of bench/meson.build, or a script bench/NAME.sh. It gets the release
build folder as argument (and --peers when asked) and prints lines of six words:

    WHAT  OPS  WALL_S  CPU_MS_PER_OP  PEAK_RSS_KIB  [PEER]

The sixth word names a peer: another program doing the same as our line WHAT; its ratio to ours is
printed after it. A line that starts with '#' is for people: "# massdns: not on the PATH".
Figures go to bench/results/NAME.json.
"""
import glob
import json
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "release")
RESULTS = os.path.join(ROOT, "bench", "results")
LIMIT_SECONDS = 1800


def read_benches():
    """Name -> argv: scripts under bench/ and what meson builds there. A script goes first."""
    listed = subprocess.run(["meson", "introspect", "--targets", BUILD], check=True,
                            stdout=subprocess.PIPE).stdout
    benches = {}
    for target in json.loads(listed):
        folder = os.path.dirname(target["defined_in"])
        if target["type"] == "executable" and folder == os.path.join(ROOT, "bench"):
            benches[target["name"].removeprefix("bench_")] = [target["filename"][0], BUILD]
    for path in sorted(glob.glob(os.path.join(ROOT, "bench", "*.sh"))):
        benches[os.path.basename(path)[:-3]] = [path, BUILD]
    return benches


def read_line(line):
    """A figure, or None."""
    words = line.split()
    if len(words) not in (5, 6) or line.startswith("#"):
        return None
    try:
        return {"what": words[0], "ops": int(words[1]), "wall_s": float(words[2]),
                "cpu_ms_per_op": float(words[3]), "peak_rss_kib": int(words[4]),
                "peer": words[5] if len(words) == 6 else None}
    except ValueError:
        return None


def show(figure, figures):
    ours = next((f for f in figures if f["what"] == figure["what"] and not f["peer"]), None)
    ratio = ""
    if figure["peer"] and ours and ours["cpu_ms_per_op"] > 0:
        ratio = f"  {figure['cpu_ms_per_op'] / ours['cpu_ms_per_op']:.2f} times our CPU"
        if ours["wall_s"] > 0 and ours["ops"] == figure["ops"]:
            ratio += f", {figure['wall_s'] / ours['wall_s']:.2f} times our wall time"
    rate = figure["ops"] / figure["wall_s"] if figure["wall_s"] > 0 else 0
    print(f"{figure['what']:32} {figure['peer'] or 'dss':12} {figure['ops']:9} ops "
          f"{figure['wall_s']:9.3f} s {rate:11.1f}/s {figure['cpu_ms_per_op']:10.4f} ms CPU/op "
          f"{figure['peak_rss_kib']:8} KiB{ratio}", flush=True)


def run(name, argv, flags):
    """Run one measurement; True when it gave figures and ended well."""
    figures = []
    with subprocess.Popen([*argv, *flags], cwd=ROOT, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, env=dict(os.environ, DSS_BUILD=BUILD)) as process:
        start = time.monotonic()
        for line in process.stdout:
            figure = read_line(line)
            if figure:
                figures.append(figure)
                show(figure, figures)
            elif line.strip():
                print(line.rstrip(), flush=True)
            if time.monotonic() - start > LIMIT_SECONDS:
                process.kill()
        code = process.wait()
    if code or not figures:
        print(f"bench {name}: FAILED, exit code {code}, {len(figures)} figures")
        return False
    os.makedirs(RESULTS, exist_ok=True)
    with open(os.path.join(RESULTS, name + ".json"), "w", encoding="utf-8") as out:
        json.dump({"bench": name, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                   "cores": os.cpu_count(), "figures": figures}, out, indent=1)
        out.write("\n")
    return True


def main():
    flags = [word for word in sys.argv[1:] if word == "--peers"]
    names = [word for word in sys.argv[1:] if word != "--peers"]
    benches = read_benches()
    unknown = [name for name in names if name not in benches]
    if unknown or not benches:
        print(f"bench: no measurement {' '.join(unknown)}; there are: {' '.join(sorted(benches))}",
              file=sys.stderr)
        return 2
    good = [run(name, benches[name], flags) for name in names or sorted(benches)]
    return 0 if all(good) else 1


sys.exit(main())
