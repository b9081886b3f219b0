# SPDX-License-Identifier: Apache-2.0
"""The drills: what each breaks, how often, and the guarantee whose absence it must notice."""
from dataclasses import dataclass
from typing import Callable

import failing
import kill
import notify
import pace
import pause
import queue_faults
import resources
import schedule


@dataclass(frozen=True)
class Drill:
    run: Callable  # (world, rounds, total)
    rounds: int  # for --all; a tenth otherwise
    least: int = 3
    short: int = 0  # rounds in the suite `drills`; 0: not in it
    guarantee: str = ""  # base/fault.h: off, and the drill must fail
    starts: bool = True  # `dss serve` before the drill
    always: str = ""  # guarantees that are off in every run: what the drill is made of


NAMED = {
    "kill-worker": Drill(kill.worker, 200, least=16, short=8, guarantee="rescue"),
    "kill-scanner": Drill(kill.scanner, 50, least=6, guarantee="retry-alone"),
    "kill-api": Drill(kill.api, 100, least=4, short=2, guarantee="idempotency"),
    "kill-commit": Drill(kill.commit, 100, least=6, guarantee="ack-after-commit"),
    "kill-everything": Drill(kill.everything, 100, least=4, short=1, guarantee="rescue"),
    "kill-scheduler": Drill(schedule.kill_scheduler, 50, least=5, guarantee="unique-tick"),
    "kill-notifier": Drill(notify.kill_notifier, 60, least=6, short=3, guarantee="settle-after", starts=False),
    "drain": Drill(kill.drain, 50, least=4, short=1, guarantee="hand-back"),
    "duplicates": Drill(queue_faults.duplicates, 10, least=1, short=1, guarantee="take-once,fencing"),
    "poison": Drill(queue_faults.poison, 10, least=1, short=1, guarantee="poison-limit", always="scanner-survives"),
    "malformed": Drill(queue_faults.malformed, 10, least=1, short=1, guarantee="dead-letters"),
    "paused-worker": Drill(pause.worker, 50, least=2, guarantee="fencing", starts=False),
    "paused-writer": Drill(pause.writer, 20, least=3, short=3, guarantee="takeover"),
    "paused-leader": Drill(pause.leader, 50, least=2, guarantee="fencing,unique-tick", starts=False),
    "clock-jumps": Drill(schedule.clock_jumps, 40, least=4, guarantee="monotonic", starts=False),
    "disk-full": Drill(resources.disk_full, 40, least=3, guarantee="refusal"),
    "failing-calls": Drill(failing.failing, 3200, least=60, short=24, guarantee="refusal", starts=False),
    "shared-pace": Drill(pace.shared, 5, least=1, short=1, guarantee="shared-pace", starts=False),
    "portfolio": Drill(schedule.portfolio, 1, least=1, guarantee="rescue"),
}
