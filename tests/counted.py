# SPDX-License-Identifier: Apache-2.0
"""Cases that are counted, and waits that end: for scripts that drive running services."""
import time

PAUSE_S = 0.02

passed = failed = 0


def check(name, is_true, detail=""):
    global passed, failed
    if is_true:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}\n  {detail}", flush=True)


def until(condition, what, seconds):
    """Wait for what must come; its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(PAUSE_S)
    raise TimeoutError(f"{what}: not within {seconds} s")


def end():
    """The last line, and the exit code."""
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0
