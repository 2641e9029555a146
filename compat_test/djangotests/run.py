"""Runs some of Django's own tests with this module's Go code doing the work.

usage: run.py SUITE TESTS BRIDGE WORKDIR [LABEL...]

SUITE is sessions, logins or hashers, TESTS the folder tests/ of Django's source, BRIDGE the program made of ./bridge, WORKDIR a
folder for the database and for the report, result.json. Labels are those of Django's runtests.py. README.md explains it.
"""
import importlib
import os
import runpy
import sys
import traceback
import types

from gobridge.wire import BRIDGE


def main(name, tests, program, work, *labels):
    tests, program, work = map(os.path.abspath, (tests, program, work))
    settings = types.ModuleType("bridge_settings")
    settings.__dict__.update(
        DATABASES={"default": {
            "ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(work, "db.sqlite3"), "OPTIONS": {"timeout": 30},
            "TEST": {"NAME": os.path.join(work, "test.sqlite3")}}, "other": {"ENGINE": "django.db.backends.sqlite3"}},
        SECRET_KEY="django_tests_secret_key", DEFAULT_AUTO_FIELD="django.db.models.AutoField", USE_TZ=False,
        CACHES={"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
                            "LOCATION": os.path.join(work, "cache"), "OPTIONS": {"MAX_ENTRIES": 100_000}}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"], TEST_RUNNER="gobridge.runner.Runner",
    )
    sys.modules["bridge_settings"] = settings
    sys.path.insert(0, tests)
    os.chdir(tests)
    BRIDGE.start(program)

    from gobridge import report, runner
    suite = importlib.import_module("gobridge.suite_" + name)
    suite.install()
    runner.use(suite)
    there = [label for label in suite.LABELS if exists(tests, label)]
    sys.argv = ["runtests.py", "--settings=bridge_settings", "--parallel=1", "--noinput", *(labels or there)]
    try:
        runpy.run_path(os.path.join(tests, "runtests.py"), run_name="__main__")
    except SystemExit:
        pass  # the report decides
    except BaseException:
        traceback.print_exc()
    good = report.write(suite, runner.OUTCOME, os.path.join(work, "result.json"))
    BRIDGE.close()
    sys.stdout.flush()
    os._exit(0 if good else 1)


def exists(tests, label):
    """Whether this Django has the tests."""
    path = os.path.join(tests, *label.split(".")[:2])
    return os.path.exists(path) or os.path.exists(path + ".py")


if __name__ == "__main__":
    main(*sys.argv[1:])
