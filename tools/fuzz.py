#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which fuzz targets survive? Two run at a time; the last line is `N passed, N failed`.

The targets are the executables of fuzz/meson.build. What a target finds anew is kept in
build/fuzz/corpus/TARGET; what breaks it goes to build/fuzz/artifacts/TARGET-*, and belongs into
fuzz/seeds/TARGET with the fix. With CI=true the same inputs are drawn in each run: a commit is judged
by what it changed, and what is found by luck is found where somebody looks for it.
"""
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "fuzz")
RSS_LIMIT_MIB = 2048
INPUT_LIMIT_BYTES = 65536
CI_SEED = 1
RUNS = re.compile(r"^Done (\d+) runs|^stat::number_of_executed_units: *(\d+)", re.M)


def read_targets():
    """Name -> program, from what meson builds in fuzz/."""
    listed = subprocess.run(["meson", "introspect", "--targets", BUILD], check=True,
                            stdout=subprocess.PIPE).stdout
    return {target["name"].removeprefix("fuzz_").removeprefix("fuzz-"): target["filename"][0]
            for target in json.loads(listed)
            if target["type"] == "executable"
            and os.path.dirname(target["defined_in"]) == os.path.join(ROOT, "fuzz")}


def run(name, program, seconds):
    """Fuzz one target; True when it survived and did something."""
    corpus, artifacts = os.path.join(BUILD, "corpus", name), os.path.join(BUILD, "artifacts", "")
    seeds = os.path.join(ROOT, "fuzz", "seeds", name)
    os.makedirs(corpus, exist_ok=True)
    os.makedirs(artifacts, exist_ok=True)
    argv = [program, f"-max_total_time={seconds}", f"-rss_limit_mb={RSS_LIMIT_MIB}",
            f"-max_len={INPUT_LIMIT_BYTES}", "-timeout=10", "-print_final_stats=1",
            f"-artifact_prefix={artifacts}{name}-", corpus]
    if os.environ.get("CI"):
        argv.insert(1, f"-seed={CI_SEED}")
    if os.path.isdir(seeds):
        argv.append(seeds)
    for words in glob.glob(os.path.join(ROOT, "fuzz", "seeds", name + ".dict")):
        argv.append(f"-dict={words}")
    try:
        done = subprocess.run(argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, timeout=seconds + 300)
        code, output = done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as late:
        code, output = 1, (late.stdout or b"").decode("utf-8", "replace") + "\ndid not end\n"
    counted = [int(a or b) for a, b in RUNS.findall(output)]
    runs = max(counted, default=0)
    is_good = code == 0 and runs > 0
    print(f"  {'ok' if is_good else 'FAILED':6} {name:24} {runs} runs in {seconds} s", flush=True)
    if not is_good:
        for line in output.splitlines()[-60:]:
            print("    | " + line)
        sys.stdout.flush()
    return is_good


def main():
    targets = read_targets()
    name, seconds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30
    if name != "all" and name not in targets:
        print(f"fuzz: no target {name}; there are: {' '.join(sorted(targets))}", file=sys.stderr)
        return 2
    chosen = sorted(targets) if name == "all" else [name]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda target: run(target, targets[target], seconds), chosen))
    passed, failed = results.count(True), results.count(False)
    if not results:
        print("  FAILED nothing ran: fuzz/meson.build lists no target")
        failed = 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
