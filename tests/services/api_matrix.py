# SPDX-License-Identifier: Apache-2.0
"""The authorisation matrix: every route of openapi.json × every identity × the object's states.

A route without a row here fails. What each role may is written down a second time in this file, from
the reference of roles, so that a slip in the server's own tables shows.
"""
import itertools
import json
import sys
import time

from server import Cases, Server

V1 = "/api/v1"
cases = Cases()
server = None
number = 0
addresses = itertools.count(1)  # so that refused ones are not limited

READ, WRITE, ADMIN, AUDIT = "read", "write", "admin", "audit"
# What is needed, by role: readers read, operators write, admins administer, auditors see the trail.
MAY = {READ: {"viewer", "auditor", "operator", "admin"}, WRITE: {"operator", "admin"}, ADMIN: {"admin"},
       AUDIT: {"auditor", "admin"}}
REFUSED = ("none", "bad key", "revoked", "over")
ROLES = ("viewer", "auditor", "operator", "admin")


def ask(method, path, body=None, who="admin", **headers):
    tokens = {"none": None, "bad key": "Bearer dss_" + "a" * 43}
    headers["Authorization"] = tokens[who] if who in tokens else "Bearer " + server.secrets[who]
    headers.setdefault("X-Forwarded-For", f"2001:db8::{next(addresses):x}")
    return server.ask(method, path, body, headers)


def made(path, body, key="id", **headers):
    answer = ask("POST", V1 + path, body, **headers)
    if answer.status not in (201, 202):
        sys.exit(f"cannot make {path}: {answer.status} {answer.body!r}")
    return answer.json()[key]


def fresh():
    """A new name each time, so that what writes can be done again by the next identity."""
    global number
    number += 1
    return f"m{number}"


def domain():
    return made("/domains", {"name": fresh() + ".example"}, "name")


def scan():
    return made("/scans", {"name": fresh() + ".example"})


def batch():
    return made("/batches", {"names": [fresh() + ".example"]})


def schedule():
    return made("/schedules", {"name": fresh(), "cron": "@daily"})


def policy():
    return made("/policies", {"name": fresh()})


def key():
    return made("/keys", {"name": fresh()})


def user():
    return made("/users", {"name": fresh()})


def workspace():
    return made("/workspaces", {"name": fresh()}, "name")


def channel():
    return made("/channels", {"name": fresh(), "kind": "amqp"})


def channel_name():
    return made("/channels", {"name": fresh(), "kind": "amqp"}, "name")


def rule():
    return made("/rules", {"name": fresh(), "to": [channel_name()]})


def delivery():
    return made(f"/channels/{channel_name()}/test", None)


ANY = {"If-Match": "*"}
NO_ID = "01h455vb4pex5vsknk084sn02q"
# operationId: (what is needed, how to make its object or None, what of the path it fills, body, headers,
# status when all is well). A body that is a function is called each time.
ROWS = {
    "domains_list": (READ, None, "", None, {}, 200),
    "domains_add": (WRITE, None, "", lambda: {"name": fresh() + ".example"}, {}, 201),
    "domains_import": (WRITE, None, "", b"m.example\n", {"Content-Type": "text/plain"}, 200),
    "domains_validate": (READ, None, "", {"names": ["a.example"]}, {}, 200),
    "domains_get": (READ, domain, "name", None, {}, 200),
    "domains_update": (WRITE, domain, "name", {"owner": "x"}, ANY, 200),
    "domains_delete": (WRITE, domain, "name", None, {}, 204),
    "domains_proof": (WRITE, domain, "name", None, {}, 200),
    "domains_changes": (READ, domain, "name", None, {}, 200),
    "domains_history": (READ, domain, "name", None, {}, 200),
    "domains_observations": (READ, domain, "name", None, {}, 425),
    "domains_report": (READ, domain, "name", None, {}, 425),
    "reports": (READ, None, "", None, {}, 200),
    "tags_list": (READ, None, "", None, {}, 200),
    "stats_get": (READ, None, "", None, {}, 200),
    "scans_add": (WRITE, None, "", lambda: {"name": fresh() + ".example"}, {}, 202),
    "scans_list": (READ, None, "", None, {}, 200),
    "scans_get": (READ, scan, "id", None, {}, 200),
    "scans_cancel": (WRITE, scan, "id", None, {}, 202),
    "scans_results": (READ, scan, "id", None, {}, 200),
    "batches_add": (WRITE, None, "", lambda: {"names": [fresh() + ".example"]}, {}, 202),
    "batches_list": (READ, None, "", None, {}, 200),
    "batches_get": (READ, batch, "id", None, {}, 200),
    "batches_cancel": (WRITE, batch, "id", None, {}, 202),
    "findings_list": (READ, None, "", None, {}, 200),
    "findings_groups": (READ, None, "", None, {}, 200),
    "findings_get": (READ, None, "fnd", None, {}, 404),
    "findings_decide": (WRITE, None, "fnd", {"status": "accepted", "reason": "x"}, {}, 404),
    "findings_recheck": (WRITE, None, "fnd", None, {}, 404),
    "changes_list": (READ, None, "", None, {}, 200),
    "expiry_list": (READ, None, "", None, {}, 200),
    "apply": (WRITE, None, "", lambda: {"portfolio": {"domains": [fresh() + ".example"]}}, {}, 200),
    "policies_list": (READ, None, "", None, {}, 200),
    "policies_add": (WRITE, None, "", lambda: {"name": fresh()}, {}, 201),
    "policies_get": (READ, policy, "id", None, {}, 200),
    "policies_update": (WRITE, policy, "id", {"rules": {"checks": {"caa": "off"}}}, ANY, 200),
    "policies_delete": (WRITE, policy, "id", None, {}, 204),
    "schedules_list": (READ, None, "", None, {}, 200),
    "schedules_add": (WRITE, None, "", lambda: {"name": fresh(), "cron": "@daily"}, {}, 201),
    "schedules_get": (READ, schedule, "id", None, {}, 200),
    "schedules_update": (WRITE, schedule, "id", {"enabled": False}, ANY, 200),
    "schedules_delete": (WRITE, schedule, "id", None, {}, 204),
    "schedules_run": (WRITE, schedule, "id", None, {}, 202),
    "schedules_upcoming": (READ, schedule, "id", None, {}, 200),
    "channels_list": (READ, None, "", None, {}, 200),
    "channels_add": (WRITE, None, "", lambda: {"name": fresh(), "kind": "amqp"}, {}, 201),
    "channels_get": (READ, channel, "id", None, {}, 200),
    "channels_update": (WRITE, channel, "id", {"enabled": False}, ANY, 200),
    "channels_delete": (WRITE, channel, "id", None, {}, 204),
    "channels_test": (WRITE, channel, "id", None, {}, 202),
    "channels_deliveries": (READ, channel, "id", None, {}, 200),
    "rules_list": (READ, None, "", None, {}, 200),
    "rules_add": (WRITE, None, "", lambda: {"name": fresh(), "to": ["nobody"]}, {}, 422),
    "rules_try": (READ, None, "", {"events": "finding.*"}, {}, 200),
    "rules_get": (READ, rule, "id", None, {}, 200),
    "rules_update": (WRITE, rule, "id", {"enabled": False}, ANY, 200),
    "rules_delete": (WRITE, rule, "id", None, {}, 204),
    "rules_preview": (READ, rule, "id", None, {}, 200),
    "deliveries_list": (READ, None, "", None, {}, 200),
    "deliveries_get": (READ, delivery, "id", None, {}, 200),
    "deliveries_again": (WRITE, delivery, "id", None, {}, 409),
    "queue_get": (READ, None, "", None, {}, 200),
    "queue_dead": (READ, None, "", None, {}, 200),
    "queue_retry": (ADMIN, None, "17", None, {}, 404),
    "queue_discard": (ADMIN, None, "17", None, {}, 404),
    "events_list": (READ, None, "", None, {}, 200),
    "keys_list": (ADMIN, None, "", None, {}, 200),
    "keys_add": (ADMIN, None, "", lambda: {"name": fresh()}, {}, 201),
    "keys_get": (ADMIN, key, "id", None, {}, 200),
    "keys_revoke": (ADMIN, key, "id", None, {}, 204),
    "users_list": (ADMIN, None, "", None, {}, 200),
    "users_add": (ADMIN, None, "", lambda: {"name": fresh()}, {}, 201),
    "users_get": (ADMIN, user, "id", None, {}, 200),
    "users_update": (ADMIN, user, "id", {"role": "auditor"}, ANY, 200),
    "users_delete": (ADMIN, user, "id", None, {}, 204),
    "workspaces_list": (READ, None, "", None, {}, 200),
    "workspaces_add": (ADMIN, None, "", lambda: {"name": fresh()}, {}, 201),
    "workspaces_get": (READ, lambda: "default", "id", None, {}, 200),
    "workspaces_update": (ADMIN, workspace, "id", {"max_domains": 7}, ANY, 200),
    "workspaces_delete": (ADMIN, workspace, "id", None, {}, 204),
    "audit_list": (AUDIT, None, "", None, {}, 200),
}
PUBLIC = {"checks_list", "checks_get", "healthz", "readyz", "metrics", "openapi", "docs", "docs_style",
          "session_log_in"}
PERSONAL = {"session_get", "session_log_out", "session_password"}
# Another workspace's admin has no such object; of its own making these succeed there.
NOT_FOUND_ELSEWHERE = 404
# What only admins of the workspace default may, whatever their role elsewhere.
OF_DEFAULT = {"workspaces_add", "workspaces_update", "workspaces_delete", "queue_dead", "queue_retry", "queue_discard"}


def place_of(path, maker, fills):
    """The path with the object that it is about; one that is there, or an id that nobody has."""
    if "{" not in path:
        return path
    value = maker() if maker else f"fnd_{NO_ID}" if fills == "fnd" else fills
    name = path[path.index("{"):path.index("}") + 1]
    return path.replace(name, value)


def nowhere_of(path, fills):
    name = path[path.index("{"):path.index("}") + 1]
    return path.replace(name, {"name": "nowhere.example"}.get(fills, "scn_" + NO_ID if fills == "id" else "99"))


def body_of(body):
    return body() if callable(body) else body


def check_route(operation, method, path):
    needed, maker, fills, body, headers, wanted = ROWS[operation]
    for who in REFUSED:
        answer = ask(method, place_of(path, None, "x") if "{" in path else path, body_of(body), who, **headers)
        cases.same(f"{operation} by {who}", (401, "unauthenticated"), (answer.status, answer.slug()))
    for who in ROLES:
        answer = ask(method, place_of(path, maker, fills), body_of(body), who, **headers)
        status = wanted if who in MAY[needed] else 403
        if not cases.same(f"{operation} by {who}", status, answer.status):
            print("  ", answer.body[:300])
    if "{" in path:
        answer = ask(method, nowhere_of(path, fills), body_of(body), "admin", **headers)
        cases.same(f"{operation} of what is not there", 404, answer.status)
    check_other(operation, method, path, ROWS[operation])
    scoped = ask(method, place_of(path, maker, fills), body_of(body), "scoped", **headers)
    if operation not in ("domains_history", "domains_report") and operation.split("_")[0] in ("domains", "tags", "stats", "changes", "expiry") and needed == READ:
        cases.same(f"{operation} by a key with its scope", wanted, scoped.status)
    else:
        cases.same(f"{operation} by a key without its scope", 403, scoped.status)


def check_other(operation, method, path, row):
    """Another workspace's admin: objects of ours are not there, lists hold none of them."""
    _, maker, fills, body, headers, wanted = row
    ours = place_of(path, maker, fills)
    answer = ask(method, ours, body_of(body), "other", **headers)
    if operation in OF_DEFAULT:
        cases.true(f"{operation} by another workspace", answer.status in (403, 404), answer.status)
    elif "{" in path:
        cases.same(f"{operation} by another workspace", NOT_FOUND_ELSEWHERE, answer.status)
    else:
        cases.same(f"{operation} by another workspace, for itself", wanted, answer.status)
        if method == "get":
            cases.true(f"{operation}: nothing of ours", b"secretly-ours" not in answer.body)


def check_deleted():
    """Objects that were deleted are not there any more, for whoever."""
    name = domain()
    ask("DELETE", f"{V1}/domains/{name}")
    for operation, method, tail, body in (("get", "GET", "", None), ("update", "PATCH", "", {"owner": "x"}),
                                          ("delete", "DELETE", "", None), ("proof", "POST", "/proof", None),
                                          ("changes", "GET", "/changes", None), ("history", "GET", "/history", None),
                                          ("observations", "GET", "/observations", None)):
        for who in ("operator", "admin"):
            answer = ask(method, f"{V1}/domains/{name}{tail}", body, who, **ANY)
            cases.same(f"domains_{operation} of a deleted one by {who}", 404, answer.status)


def check_escalation():
    """Nobody gives more than they have, and fields that are not theirs are refused."""
    answer = ask("POST", V1 + "/keys", {"name": "x", "role": "admin"}, "operator")
    cases.same("an operator's key for an admin", 403, answer.status)
    for field in ("workspace", "id", "version", "secret", "hash", "created_by"):
        answer = ask("POST", V1 + "/keys", {"name": "x", field: "1"})
        cases.same(f"a key with {field}", (422, [(f"#/{field}", "unknown")]), (answer.status, answer.errors()))
    name = domain()
    for field in ("workspace", "id", "grade", "proven_at", "scan", "version"):
        answer = ask("PATCH", f"{V1}/domains/{name}", {field: "1"}, **ANY)
        cases.same(f"a domain's {field}", (422, [(f"#/{field}", "unknown")]), (answer.status, answer.errors()))


def check_guessing():
    """Wrong keys are limited by address, and say the same whatever is wrong with them."""
    told = {json.dumps({k: v for k, v in ask("GET", V1 + "/domains", None, who).json().items() if k != "request_id"})
            for who in ("bad key", "revoked", "over")}
    cases.same("the same words for all bad keys", 1, len(told)) or print(told)
    statuses = [server.get(V1 + "/domains", Authorization="Bearer dss_" + "a" * 43).status for _ in range(60)]
    cases.true("too many wrong keys", 429 in statuses, statuses)
    cases.same("good keys still work", 200, ask("GET", V1 + "/domains").status)


with Server("--request-rate", "0", "--behind-proxy") as server:
    made("/domains", {"name": "secretly-ours.example", "tags": ["secretly-ours"], "owner": "secretly-ours"}, "name")
    time.sleep(1.5)  # until the key "over" is
    spec = server.get("/openapi.json").json()
    operations = {operation["operationId"]: (method, path, operation)
                  for path, methods in spec["paths"].items() for method, operation in methods.items()}
    cases.same("every route has a row", set(operations), set(ROWS) | PUBLIC | PERSONAL)
    for operation, (method, path, about) in operations.items():
        cases.same(f"{operation} says whether it is public", operation in PUBLIC, about.get("security") == [])
        if operation in ROWS:
            check_route(operation, method.upper(), path)
    for operation in PERSONAL:
        method, path, _ = operations[operation]
        body = {"old_password": "x", "new_password": "0123456789"} if operation.endswith("password") else None
        cases.same(f"{operation} by nobody", 401, ask(method.upper(), path, body, "none").status)
        cases.same(f"{operation} by a key", 403, ask(method.upper(), path, body).status)
    check_deleted()
    check_escalation()
with Server("--request-rate", "0") as server:
    time.sleep(1.5)
    check_guessing()
cases.true("the server ended well", not server.is_broken)
sys.exit(cases.end())
