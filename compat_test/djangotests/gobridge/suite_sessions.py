"""The suite "sessions": Django's tests of sessions, signing and signed cookies."""
from gobridge import session_middleware, sessions, signed_cookies, signing
from gobridge.not_applicable import SESSIONS

NAME = "sessions, signing and signed cookies"
LABELS = ["sessions_tests", "signing", "signed_cookies_tests"]
DECLARED = {}


def install():
    signing.install()
    signed_cookies.install()
    sessions.install()
    session_middleware.install()


def not_applicable(name):
    return SESSIONS.get(name)


def runs_without_go(name):
    return False  # what does not apply here runs with Go as well


def missing(test):
    return None


def apps_loaded():
    pass


def tests_loaded():
    import sessions_tests.tests
    if hasattr(sessions_tests.tests, "SessionBase"):
        sessions_tests.tests.SessionBase = sessions.GoBase


def database_made():
    pass


def start_test():
    pass


def remove_data():
    from django.apps import apps
    from django.contrib.sessions.base_session import AbstractBaseSession
    for model in apps.get_models():
        if issubclass(model, AbstractBaseSession):
            model.objects.all().delete()
