"""Runs some of Django's own tests with a session engine of python/ in place of Django's.

usage: run_engine.py TESTS ENGINE WORKDIR [LABEL...]

TESTS is the folder tests/ of Django's source, ENGINE db, cached_db or cache, WORKDIR a folder for the report, result.json.
Labels are those of Django's runtests.py.
"""
import functools
import importlib
import json
import os
import runpy
import sys
import traceback
import types

LABELS = ["sessions_tests"]
# Tests that need another engine than the one they run with.
NOT_APPLICABLE = {"cache": ["sessions_tests.tests.SessionMiddlewareTests.test_empty_session_saved"]}  # reads the session's row
FIGURES = {"tests": 0, "reached": 0, "failed": {}}
REACHED = set()  # ids of the tests that called the engine
CURRENT = []  # the id of the running test


def main(tests, engine, work, *labels):
    tests, work = os.path.abspath(tests), os.path.abspath(work)
    settings = types.ModuleType("engine_settings")
    settings.__dict__.update(
        DATABASES={name: {"ENGINE": "django.db.backends.sqlite3"} for name in ("default", "other")},
        SECRET_KEY="django_tests_secret_key", DEFAULT_AUTO_FIELD="django.db.models.AutoField", USE_TZ=False,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"], TEST_RUNNER="run_engine.Runner",
        SESSION_ENGINE="djsession." + engine,
    )
    here = os.path.dirname(os.path.abspath(__file__))
    sys.modules.update(engine_settings=settings, run_engine=sys.modules["__main__"])
    sys.path[:0] = [tests, os.path.join(here, "..", "..", "python")]
    os.chdir(tests)
    os.environ["DJANGO_SETTINGS_MODULE"] = "engine_settings"
    install(engine)
    sys.argv = ["runtests.py", "--settings=engine_settings", "--parallel=1", "--noinput", *(labels or LABELS)]
    try:
        runpy.run_path(os.path.join(tests, "runtests.py"), run_name="__main__")
    except SystemExit:
        pass  # the report decides
    except BaseException:
        traceback.print_exc()
    import django
    for name in NOT_APPLICABLE.get(engine, ()):
        FIGURES["failed"].pop(name, None)
    FIGURES.update(version=django.get_version(), reached=len(REACHED))
    with open(os.path.join(work, "result.json"), "w") as file:
        json.dump(FIGURES, file)


def install(engine):
    """Put the engine's class where Django's tests find Django's, and the tests' own subclasses derive from."""
    ours = importlib.import_module("djsession." + engine).SessionStore
    importlib.import_module("django.contrib.sessions.backends." + engine).SessionStore = ours
    for name in ("load", "save", "delete", "cycle_key"):
        setattr(ours, name, counted(getattr(ours, name)))


def counted(method):
    @functools.wraps(method)
    def call(*args, **kwargs):
        REACHED.update(CURRENT)
        return method(*args, **kwargs)
    return call


def make_runner():
    import unittest

    from django.test.runner import DiscoverRunner

    class Result(unittest.TextTestResult):
        def startTest(self, test):
            CURRENT[:] = [test.id()]
            super().startTest(test)

        def stopTest(self, test):
            CURRENT.clear()
            super().stopTest(test)

    class Runner(DiscoverRunner):
        def get_resultclass(self):
            return Result

        def run_suite(self, suite, **kwargs):
            result = super().run_suite(suite, **kwargs)
            wrong = result.failures + result.errors + [(test, "unexpected success") for test in result.unexpectedSuccesses]
            FIGURES.update(tests=result.testsRun, failed={test.id(): text for test, text in wrong})
            return result

    return Runner


def __getattr__(name):
    if name == "Runner":
        return make_runner()
    raise AttributeError(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
