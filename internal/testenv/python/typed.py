"""Values with their types, as JSON that no reader can take for something else.

A value is a list of a type's name and its content:

    ["none"]  ["bool", true]  ["int", "-7"]  ["float", "1e+16"]  ["str", "caf\\u00e9"]
    ["list", [value, ...]]  ["dict", [[key, value], ...]]

An int is decimal; a float is Python's repr, "nan", "inf" and "-inf" included; a str, and
a dict's key, is what stands between the quotes in ASCII-only JSON, so that a lone
surrogate stays one. A dict's pairs are in its order. Four more types cannot come from
JSON: ["tuple", [...]], ["bytes", hex], ["datetime", ISO 8601], ["timedelta", seconds].
"""

import datetime
import json


def escape(text):
    return json.dumps(text)[1:-1]


def unescape(text):
    return json.loads('"' + text + '"')


def typed(value):
    if value is None:
        return ["none"]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int):
        return ["int", "%d" % value]
    if isinstance(value, float):
        return ["float", repr(value)]
    if isinstance(value, str):
        return ["str", escape(value)]
    if isinstance(value, list):
        return ["list", [typed(item) for item in value]]
    if isinstance(value, tuple):
        return ["tuple", [typed(item) for item in value]]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError("a dict's key is %s, not str" % type(key).__name__)
        return ["dict", [[escape(key), typed(item)] for key, item in value.items()]]
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, datetime.datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, datetime.timedelta):
        return ["timedelta", repr(value.total_seconds())]
    raise TypeError("no form for %s" % type(value).__name__)


def untyped(tree):
    kind = tree[0]
    if kind == "none":
        return None
    content = tree[1]
    if kind == "bool":
        return bool(content)
    if kind == "int":
        return int(content)
    if kind == "float":
        return float(content)
    if kind == "str":
        return unescape(content)
    if kind == "list":
        return [untyped(item) for item in content]
    if kind == "tuple":
        return tuple(untyped(item) for item in content)
    if kind == "dict":
        return {unescape(key): untyped(item) for key, item in content}
    if kind == "bytes":
        return bytes.fromhex(content)
    if kind == "datetime":
        return datetime.datetime.fromisoformat(content)
    if kind == "timedelta":
        return datetime.timedelta(seconds=float(content))
    raise ValueError("unknown type %r" % (kind,))
