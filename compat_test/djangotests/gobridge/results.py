"""Test results, with how often each test called Go."""
import unittest

from gobridge.wire import BRIDGE


class Test:
    """What happened in one test."""

    wrong = ""  # why it failed or was skipped
    calls = 0  # operations that count, called by its body: setUp and clean-up do not count


class Result(unittest.TextTestResult):
    calls = 0  # of the last test body

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.tests = {}  # by id

    def startTest(self, test):
        super().startTest(test)
        self.tests[test.id()] = Test()
        BRIDGE.asked.clear()
        BRIDGE.disagreements.clear()

    def stopTest(self, test):
        self.tests[test.id()].calls, Result.calls = Result.calls, 0
        if BRIDGE.disagreements:
            self.failed(test, BRIDGE.disagreements[0])
        super().stopTest(test)

    def failed(self, test, text):
        entry = self.tests.setdefault(test.id(), Test())
        entry.wrong = entry.wrong or text or "failed"

    def addError(self, test, err):
        super().addError(test, err)
        self.failed(test, brief(err))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.failed(test, brief(err))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.failed(test, brief(err))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.failed(test, "skipped: " + reason)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.failed(test, "expected failure: " + brief(err))

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.failed(test, "unexpected success")


def brief(err):
    text = "".join(str(err[1]).splitlines()[:1])
    return "%s: %s" % (err[0].__name__, text[:300])


def count_calls():
    """Counts the calls of each test body for Result."""
    run = unittest.TestCase._callTestMethod

    def counted(self, method):
        BRIDGE.asked.clear()
        try:
            return run(self, method)
        finally:
            Result.calls = len(BRIDGE.asked)

    unittest.TestCase._callTestMethod = counted
