"""Django's test runner for a suite: a module with LABELS, install, not_applicable and the functions that are called here."""
import unittest

from django.test import TestCase
from django.test.runner import DiscoverRunner

from gobridge.results import Result, count_calls
from gobridge.wire import BRIDGE


class Outcome:
    tests = {}  # results.Test by id
    missing = {}  # ids of tests that are not run, by what Go does not implement


OUTCOME = Outcome()
SUITE = None


def use(suite):
    global SUITE
    SUITE = suite
    count_calls()
    # Go is another process and sees only what is committed: no test runs in a transaction, and the data is removed
    # after each.
    TestCase._databases_support_transactions = classmethod(lambda cls: False)
    TestCase._fixture_teardown = lambda test: suite.remove_data()


class SuiteResult(Result):
    def startTest(self, test):
        BRIDGE.test, BRIDGE.guarded = test.id(), None
        BRIDGE.not_applicable = SUITE.runs_without_go(test.id())
        SUITE.start_test()
        super().startTest(test)


class Runner(DiscoverRunner):
    def build_suite(self, *args, **kwargs):
        SUITE.apps_loaded()
        suite = super().build_suite(*args, **kwargs)
        SUITE.tests_loaded()
        kept = []
        for test in tests_of(suite):
            what = SUITE.missing(test)
            if what:
                OUTCOME.missing.setdefault(what, []).append(test.id())
            else:
                kept.append(test)
        return type(suite)(kept)

    def setup_databases(self, **kwargs):
        old = super().setup_databases(**kwargs)
        SUITE.database_made()
        return old

    def get_resultclass(self):
        return SuiteResult

    def run_suite(self, suite, **kwargs):
        result = super().run_suite(suite, **kwargs)
        OUTCOME.tests = result.tests
        return result


def tests_of(suite):
    for t in suite:
        if isinstance(t, unittest.TestSuite):
            yield from tests_of(t)
        else:
            yield t
