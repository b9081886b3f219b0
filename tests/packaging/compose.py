# SPDX-License-Identifier: Apache-2.0
"""Do the compose files follow the specification's schema, and the rules of ours?

usage: compose.py SCHEMA VARIABLES FILE…     VARIABLES: a file with the variables that dss knows, one a line
"""
import json
import sys

import jsonschema
import yaml

passed = failed = 0


def check(name, problems):
    global passed, failed
    if problems:
        failed += 1
        print(f"FAILED {name}: " + "; ".join(problems[:5]))
    else:
        passed += 1


def environment_of(service):
    return service.get("environment") or {}


def rules(content, known):
    """What is wrong with each service, in our eyes."""
    for name, service in content["services"].items():
        if not service.get("deploy", {}).get("resources", {}).get("limits", {}).get("memory"):
            yield f"{name} has no limit of memory"
        if "healthcheck" not in service:
            yield f"{name} has no health check, nor says that it wants none"
        if "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name} may get new privileges"
        if service["image"].startswith("dss:") and not (service.get("read_only") and
                                                        service.get("cap_drop") == ["ALL"]):
            yield f"{name} may write to its image, or has capabilities"
        for port in service.get("ports", []):
            if not str(port).startswith("127.0.0.1:"):
                yield f"{name} is open to the network: {port}"
        for variable, value in environment_of(service).items():
            if variable.startswith("DSS_") and variable not in known:
                yield f"{name}: dss knows no {variable}"
            if "PASS" in variable and not variable.endswith("_FILE"):
                yield f"{name}: a password that is no file: {variable}"
            if "://" in str(value) and ":" in str(value).split("://")[1].split("@")[0] and "@" in str(value):
                yield f"{name}: a password in {variable}"
        for secret in service.get("secrets", []):
            source = secret if isinstance(secret, str) else secret["source"]
            if source not in content.get("secrets", {}):
                yield f"{name}: no secret {source}"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        validator = jsonschema.Draft7Validator(json.load(file))
    with open(sys.argv[2], encoding="utf-8") as file:
        known = set(file.read().split())
    for path in sys.argv[3:]:
        with open(path, encoding="utf-8") as file:
            content = yaml.safe_load(file)
        check(f"{path}, schema", [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
                                  for e in validator.iter_errors(content)])
        check(f"{path}, rules", list(rules(content, known)))
        # Can it fail?
        broken = json.loads(json.dumps(content))
        next(iter(broken["services"].values()))["imagee"] = "x"
        check(f"{path}, an unknown key", [] if list(validator.iter_errors(broken)) else ["was taken"])
        broken = json.loads(json.dumps(content))
        next(iter(broken["services"].values()))["environment"] = {"DB_PASSWORD": "x", "DSS_NO_SUCH": "1"}
        check(f"{path}, a plain password", [] if len(list(rules(broken, known))) >= 2 else ["was taken"])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
