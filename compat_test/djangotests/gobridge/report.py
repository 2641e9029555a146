"""The report of a run."""
import json
import os
import re

import django

from gobridge.wire import BRIDGE


def write(suite, outcome, path):
    """Prints the report, writes its figures as JSON, and returns whether every test passed that applies."""
    figures = judge(suite, outcome)
    for why, names in sorted(figures.pop("not_applicable_by_reason").items()):
        print("not applicable: %s:" % why)
        for name in sorted(names):
            wrong = outcome.tests[name].wrong
            print("    %s%s" % (name, "; it fails: " + wrong if wrong else ""))
    for what, names in sorted(outcome.missing.items()):
        print("not implemented in Go: %s: %d tests" % (what, len(names)))
    if os.environ.get("CALLS"):
        for name, test in outcome.tests.items():
            print("%4d calls: %s" % (test.calls, name))
    for note in sorted(BRIDGE.notes):
        print("in part: %s" % note)
    for name, (where, wrong) in figures.pop("declared").items():
        print("differs as declared (%s): %s: %s" % (where, name, wrong))
    for name in figures["idle"]:
        print("no call reached Go: %s" % name)
    for name, why in figures["failed"].items():
        print("fails: %s: %s" % (name, why))
    print("Django %(version)s, %(suite)s: %(passed)d of %(applicable)d tests pass with Go underneath (%(reached)d reached "
          "Go, %(differ)d differ as declared, %(not_applicable)d not applicable, %(missing)d of what Go does not implement)"
          % figures)
    with open(path, "w") as file:
        json.dump(figures, file)
    return figures["applicable"] > 0 and figures["passed"] == figures["applicable"]


def judge(suite, outcome):
    """The figures. A test passes if nothing is wrong and its body called Go."""
    reasons, declared, failed, idle = {}, {}, {}, []
    passed = reached = 0
    for name, test in outcome.tests.items():
        why = suite.not_applicable(name)
        if why:
            reasons.setdefault(why, []).append(name)
            continue
        reached += test.calls > 0
        if name in suite.DECLARED:
            pattern, where = suite.DECLARED[name]
            if test.wrong and test.calls and re.search(pattern, test.wrong, re.S):
                declared[name] = (where, test.wrong)
            else:
                failed[name] = "declared as a difference that it did not show: %s" % (test.wrong or "it passed")
        elif test.wrong:
            failed[name] = test.wrong
        elif test.calls:
            passed += 1
        else:
            idle.append(name)
    not_applicable = sum(map(len, reasons.values()))
    return {
        "suite": suite.NAME, "version": django.get_version(), "passed": passed, "reached": reached,
        "applicable": len(outcome.tests) - not_applicable - len(declared), "differ": len(declared),
        "not_applicable": not_applicable, "missing": sum(map(len, outcome.missing.values())),
        "failed": failed, "idle": idle, "not_applicable_by_reason": reasons, "declared": declared,
    }
