# SPDX-License-Identifier: Apache-2.0
"""Is the dashboard what Grafana's schema says? Grafana publishes the schema as typed Python classes, made from
its own: what they do not know is lost when a dashboard goes through them, and every value has a type there.

usage: dashboard.py FILE; dashboard.problems(text) for others
"""
import enum
import json
import sys
import types
import typing

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

register_default_plugins()


def lost(want, got, where):
    """What stands in want and not in got."""
    if isinstance(want, dict) and isinstance(got, dict):
        for key, value in want.items():
            if key in got:
                yield from lost(value, got[key], f"{where}/{key}")
            elif value is not None:
                yield f"{where}/{key}: Grafana's schema has no such member"
    elif isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        for number, (left, right) in enumerate(zip(want, got)):
            yield from lost(left, right, f"{where}/{number}")
    elif want != got:
        yield f"{where}: {want!r} became {got!r}"


def is_of(value, kind, names):
    origin, words = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, (str, typing.ForwardRef)):
        kind = names.get(kind if isinstance(kind, str) else kind.__forward_arg__, object)
    if kind in (typing.Any, object) or isinstance(kind, typing.TypeVar):
        return True
    if origin in (typing.Union, types.UnionType):
        return any(is_of(value, word, names) for word in words)
    if origin is typing.Literal:
        return value in words
    if origin in (list, dict):
        return isinstance(value, origin)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return isinstance(value, kind) or value in [member.value for member in kind]
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return not isinstance(kind, type) or isinstance(value, kind)


def mistyped(item, where):
    """Members of the schema's classes whose value is of another type than the class says."""
    if isinstance(item, (list, tuple)):
        for number, each in enumerate(item):
            yield from mistyped(each, f"{where}/{number}")
    elif isinstance(item, dict):
        for key, each in item.items():
            yield from mistyped(each, f"{where}/{key}")
    elif type(item).__module__.startswith("grafana_foundation_sdk") and not isinstance(item, enum.Enum):
        names = vars(sys.modules[type(item).__module__])
        for name, kind in getattr(type(item), "__annotations__", {}).items():
            value = getattr(item, name, None)
            if value is not None and not is_of(value, kind, names):
                yield f"{where}/{name}: {value!r} is no {kind}"
            yield from mistyped(value, f"{where}/{name}")


def problems(text):
    want = json.loads(text)
    try:
        dashboard = Dashboard.from_json(want)
        got = json.loads(JSONEncoder(sort_keys=True).encode(dashboard))
    except Exception as error:  # the classes raise whatever the value makes them raise
        return [f"Grafana's classes refuse it: {error!r}"]
    return [*lost(want, got, ""), *mistyped(dashboard, "")]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        found = problems(file.read())
    print("\n".join(found))
    sys.exit(1 if found else 0)
