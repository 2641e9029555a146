"""Settings without django.contrib.sessions."""
SECRET_KEY = "a key for tests only"
INSTALLED_APPS = ["djsession"]
SESSION_ENGINE = "djsession.db"
USE_TZ = True
