# SPDX-License-Identifier: Apache-2.0
"""Requests to dss api over loopback: wrk asks from one core, the server answers on the others."""
import os
import re
import sys
import tempfile
import time

BUILD = sys.argv[1]
os.environ["DSS_BUILD"] = BUILD
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "services"))
from server import Server  # noqa: E402
import subprocess  # noqa: E402

V1 = "/api/v1"
STORE = os.environ.get("DSS_TEST_POSTGRES")  # else SQLite; bench/postgres.sh sets it
SUFFIX = "-postgres" if STORE else ""
DOMAINS, IMPORTED, SECONDS = 10000, 50000, 4
POST = """
local number = 0
local prefix = tostring({}):sub(-6)
request = function()
  number = number + 1
  local body = string.format('{"name":"%s%d.bench.example","priority":"bulk"}', prefix, number)
  return wrk.format("POST", "/api/v1/scans", {["Content-Type"] = "application/json",
    ["Authorization"] = wrk.headers["Authorization"]}, body)
end
"""


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_kib(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1))


def report(what, ops, wall, cpu, server):
    print(f"{what}{SUFFIX}  {ops}  {wall:.2f}  {1000 * cpu / max(ops, 1):.4f}  {peak_kib(server.process.pid)}", flush=True)


def wrk(server, what, path, connections, script=None):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-H",
               "Authorization: Bearer " + server.token]
    if os.cpu_count() > 1:
        command = ["taskset", "-c", str(os.cpu_count() - 1)] + command
    if script:
        command += ["-s", script]
    before = cpu_seconds(server.process.pid)
    text = subprocess.run(command + [server.url + path], stdout=subprocess.PIPE, check=True).stdout.decode()
    cpu = cpu_seconds(server.process.pid) - before
    ops = int(re.search(r"(\d+) requests in", text).group(1))
    report(what, ops, SECONDS, cpu, server)
    tail = {line.split()[0]: line.split()[1] for line in text.splitlines() if re.match(r"\s+\d+%", line)}
    print(f"# {what}{SUFFIX}: {ops / SECONDS:.0f}/s, p50 {tail['50%']}, p99 {tail['99%']}, {connections} connections")
    if "Non-2xx" in text or "Socket errors" in text:
        sys.exit(text)


def imported(server):
    body = "".join(f"imported{i}.bench.example\n" for i in range(IMPORTED))
    before, begun = cpu_seconds(server.process.pid), time.monotonic()
    rss = peak_kib(server.process.pid)
    answer = server.ask("POST", V1 + "/domains/import", body, {"Content-Type": "text/plain"})
    wall = time.monotonic() - begun
    if answer.body.count(b'"added"') < IMPORTED:
        sys.exit(answer.body[:500])
    report("api-import-row", IMPORTED, wall, cpu_seconds(server.process.pid) - before, server)
    print(f"# api-import-row: {IMPORTED / wall:.0f} rows/s, {peak_kib(server.process.pid) - rss} KiB more at the peak")


with tempfile.TemporaryDirectory(prefix="bench-api.") as folder, Server("--request-rate", "0", level="info", store=STORE) as server:
    print("# server without rate limit; each accepted scan is synced to the disk of the data folder")
    server.ask("POST", V1 + "/domains/import", "".join(f"d{i}.bench.example\n" for i in range(DOMAINS)),
               {"Content-Type": "text/plain"})
    wrk(server, "api-health", "/healthz", 16)
    wrk(server, "api-get-domain", V1 + "/domains/d77.bench.example", 16)
    wrk(server, "api-list-100", V1 + "/domains?limit=100", 16)
    script = os.path.join(folder, "post.lua")
    open(script, "w").write(POST)
    wrk(server, "api-post-scan", V1 + "/scans", 64, script)
    imported(server)
