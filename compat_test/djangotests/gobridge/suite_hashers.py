"""The suite "hashers": Django's tests of password hashers, which take as long as all others."""
from gobridge.suite_logins import *  # noqa: F401, F403

NAME = "password hashers"
LABELS = ["auth_tests.test_hashers"]
