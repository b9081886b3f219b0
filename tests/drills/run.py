#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Break things on purpose, and count what is left: run.py BUILD [--all|--short] [--rounds=N] [--no-control] [DRILL…]

Each drill runs in the fake internet on a data folder of its own and prints one line of its ledger.
A drill with a guarantee is run once more with the guarantee switched off: then it must find loss or
doubles, or the drill proves nothing. Without --all a few rounds of each are run; --short: the least of the
most telling ones, and one control. --no-control: for a look at figures; it proves nothing."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import drills  # noqa: E402
from ledger import Ledger, Sum  # noqa: E402
from system import System  # noqa: E402

HERE = Path(__file__).parent
DOMAINS = int(os.environ.get("DSS_DRILL_DOMAINS", "400" if "--short" in sys.argv else "3000"))


class World:
    def __init__(self, build, folder, switched_off, always):
        self.folder = folder
        self.system = System(build, folder, [*switched_off, *always.split()])
        self.is_control = bool(switched_off)
        self.patience_s = 20 if switched_off else 120  # for all to end: a control is not to
        self.ledger = Ledger(os.path.join(folder, "ledger"))
        self.journal = os.environ["INTERNET_JOURNAL"]
        self.names = Path(os.environ["DSS_INTERNET_RUN"], "scenario", "domains").read_text().split()


def inside(build, name, folder, rounds, switched_off):
    """One drill, in the namespaces. Its line goes to the file `sum`."""
    drill = drills.NAMED[name]
    total, broken = Sum(name, os.path.join(folder, "progress")), False
    world = World(build, folder, switched_off, drill.always)
    try:
        if drill.starts:
            world.system.start()
        drill.run(world, rounds, total)
    except Exception as error:  # noqa: BLE001: the drill could not be held: no result, of a control neither
        total.faults.append(f"{type(error).__name__}: {error}")
        broken = True
    codes = world.system.stop()
    if any(codes):
        total.faults.append(f"ended with {codes}")
    lines = [" ".join(total.row())] + total.faults[:20]
    if total.idle_rounds:
        lines.append(f"note: {total.idle_rounds} rounds had nothing in hand and do not count")
    lines += [f"note: {note}" for note in total.notes]
    Path(folder, "sum").write_text("\n".join(lines) + "\n")
    result = "broken" if broken or not total.rounds else "good" if total.is_good() else "bad"
    Path(folder, "result").write_text(result)


def run(build, name, rounds, switched_off=""):
    with tempfile.TemporaryDirectory(prefix="dss-drill.") as folder:
        environment = dict(os.environ, INTERNET_DOMAINS=str(DOMAINS), INTERNET_SIGNED="0",
                           INTERNET_JOURNAL=os.path.join(folder, "journal"))
        done = subprocess.run([HERE.parent / "internet" / "run", build, "population", sys.executable, __file__,
                               "--inside", build, name, folder, str(rounds), switched_off],
                              env=environment, timeout=7200)
        keep = os.environ.get("DSS_DRILL_KEEP")
        if keep:
            subprocess.run(["cp", "-r", folder, os.path.join(keep, name + ("-control" if switched_off else ""))])
        if done.returncode or not Path(folder, "sum").exists():
            return "broken", ["the drill itself failed"]
        return Path(folder, "result").read_text(), Path(folder, "sum").read_text().splitlines()


def main(arguments):
    build = os.path.realpath(arguments[0])
    is_all, is_short = "--all" in arguments, "--short" in arguments
    given = next((int(word.partition("=")[2]) for word in arguments if word.startswith("--rounds=")), None)
    names = [word for word in arguments[1:] if not word.startswith("-")] or list(drills.NAMED)
    if is_short:
        names = [name for name in names if drills.NAMED[name].short]
    unknown = [name for name in names if name not in drills.NAMED]
    if unknown:
        sys.exit(f"drill: no drill {', '.join(unknown)}; there are: {' '.join(drills.NAMED)}")
    passed = failed = 0
    print(f"{'DRILL':<32}", " ".join(f"{c:>10}" for c in Sum.COLUMNS), flush=True)
    for name in names:
        drill = drills.NAMED[name]
        rounds = given or (drill.rounds if is_all else drill.short if is_short else drill.least)
        runs = [(name, rounds, "", True)]
        if drill.guarantee and "--no-control" not in arguments and (not is_short or name == names[0]):
            runs.append((f"{name} -{drill.guarantee}", drill.short if is_short else drill.least, drill.guarantee, False))
        for title, count, off, must_hold in runs:
            result, lines = run(build, name, count, off)
            print(f"{title:<32}", " ".join(f"{word:>10}" for word in lines[0].split()), flush=True)
            if result == ("good" if must_hold else "bad"):
                passed += 1
            else:
                failed += 1
                print("  FAILED" if must_hold or result == "broken" else
                      f"  FAILED: switching off {off} went unnoticed")
            for line in lines[1:] if must_hold or result == "broken" else lines[1:4]:
                print("   ", line, flush=True)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]), [w for w in sys.argv[6].split(",") if w])
    else:
        sys.exit(main(sys.argv[1:]))
