# SPDX-License-Identifier: Apache-2.0
"""openapi.json is valid OpenAPI 3.1 without union types; schemathesis finds no 5xx and no violation."""
import json
import os
import subprocess
import sys
import tempfile

from openapi_spec_validator import OpenAPIV31SpecValidator

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import Cases, Server  # noqa: E402

EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "3")
CHECKS = ("not_a_server_error,status_code_conformance,content_type_conformance,"
          "response_schema_conformance,unsupported_method")
cases = Cases()


def unions(node, path="#"):
    """Where a schema says that a value may be of several types."""
    if isinstance(node, dict):
        if isinstance(node.get("type"), list) or "anyOf" in node or "oneOf" in node:
            yield path
        for key, value in node.items():
            yield from unions(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from unions(value, f"{path}/{index}")


def schemathesis(server, token):
    scratch = tempfile.mkdtemp(prefix="schemathesis.")
    command = [os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run",
               f"{server.url}/openapi.json", "--checks", CHECKS, "--max-examples", EXAMPLES,
               "--seed", "1", "--phases", "examples,coverage,fuzzing", "--workers", "1",
               "--exclude-path-regex", "^/(metrics|docs|openapi)",
               "--exclude-operation-id", "scans_results",  # follow=true waits; api_resources.py has it
               "--request-timeout", "20", "--generation-database", "none", "--suppress-health-check", "all", "--no-color"]
    if token:
        command += ["--header", f"Authorization: Bearer {token}"]
    done = subprocess.run(command, cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = done.stdout.decode("utf-8", "replace")
    cases.same("schemathesis finds nothing", 0, done.returncode)
    if done.returncode:
        print(text[-8000:])
    return text


with Server("--request-rate", "0") as server:
    spec = server.get("/openapi.json").json()
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}"
              for e in OpenAPIV31SpecValidator(spec).iter_errors()]
    cases.same("openapi.json is valid", [], errors)
    cases.same("it has no union types", [], list(unions(spec)))
    broken = json.loads(json.dumps(spec))
    del broken["info"]["title"]
    cases.true("the validator sees what is wrong",
               list(OpenAPIV31SpecValidator(broken).iter_errors()))
    schemathesis(server, server.token)
    cases.same("after all of it", 200, server.get("/healthz").status)
cases.true("the server ended well", not server.is_broken)
sys.exit(cases.end())
