# SPDX-License-Identifier: Apache-2.0
"""dss serve with a secret of a channel, where core files of any size may be written: no process below it may write one,
and a role that is aborted leaves none behind. Run by cores.sh."""
import glob
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import DSS as PROGRAM, Cases, free_port  # noqa: E402

DSS = os.path.abspath(PROGRAM)
CANARY = b"canary-core-6b31d0"
WAIT_SECONDS = 60
cases = Cases()


def unlimited():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def limits_of(pid):
    """Soft and hard limit of core files."""
    with open(f"/proc/{pid}/limits", encoding="ascii") as file:
        return next(line.split()[4:6] for line in file if line.startswith("Max core file size"))


def descendants(pid):
    found = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")
            found.setdefault(int(fields[2].split()[1]), []).append(int(path.split("/")[2]))
        except OSError:
            pass
    below, left = [], [pid]
    while left:
        children = found.get(left.pop(), [])
        below += children
        left += children
    return below


def words_of(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return os.path.basename(file.read().replace(b"\0", b" ").decode().strip().partition(" --")[0])


def start(folder, words, environment):
    return subprocess.Popen(words, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=open(os.path.join(folder, "log"), "ab"), preexec_fn=unlimited)


def ready(folder, event):
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        with open(os.path.join(folder, "log"), encoding="utf-8", errors="replace") as file:
            if f'"event":"{event}"' in file.read():
                return True
        time.sleep(0.1)
    return False


def check_all(folder, environment):
    serve = start(folder, [DSS, "serve"], environment)
    cases.true("dss serve is ready", ready(folder, "serve.ready"))
    for pid in [serve.pid, *descendants(serve.pid)]:
        cases.same(f"{words_of(pid)}: core files", ["0", "0"], limits_of(pid))
    cases.true("the roles are among them", {"dss api", "dss worker", "dss scheduler", "dss notifier"} <=
               {words_of(pid) for pid in descendants(serve.pid)}, [words_of(pid) for pid in descendants(serve.pid)])
    serve.send_signal(signal.SIGTERM)
    serve.wait(60)


def check_abort(folder, environment):
    control = start(folder, ["sleep", "60"], environment)
    cases.same("the control may write core files of any size", ["unlimited"] * 2, limits_of(control.pid))
    control.kill()
    control.wait()
    os.unlink(os.path.join(folder, "log"))
    notifier = start(folder, [DSS, "notifier"], environment)
    cases.true("dss notifier has begun", ready(folder, "notifier.ready"))
    notifier.send_signal(signal.SIGABRT)
    _, status = os.waitpid(notifier.pid, 0)
    notifier.returncode = status
    cases.same("it was aborted, and dumped nothing", (True, signal.SIGABRT, False),
               (os.WIFSIGNALED(status), os.WTERMSIG(status), os.WCOREDUMP(status)))
    for path in glob.glob(os.path.join(folder, "**"), recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                cases.true(f"{os.path.basename(path)} does not hold the secret", CANARY not in file.read())


with tempfile.TemporaryDirectory(prefix="dss-cores.") as folder:
    # The sanitizers would see to core files themselves.
    sanitizer = os.environ.get("ASAN_OPTIONS", "")
    environment = dict(os.environ, DSS_DATA=os.path.join(folder, "data"), DSS_LOG_FORMAT="json", DSS_CONFIG="/dev/null",
                       DSS_SERVER_LISTEN=f"127.0.0.1:{free_port()}", ASAN_OPTIONS=f"{sanitizer}:disable_coredump=0")
    made = subprocess.run([DSS, "notify", "add", "hook", "--url", f"https://hooks.example/{CANARY.decode()}"],
                          env=environment, capture_output=True, check=False)
    cases.same("a channel is added", 0, made.returncode) or print(made.stderr)
    check_all(folder, environment)
    check_abort(folder, environment)
sys.exit(cases.end())
