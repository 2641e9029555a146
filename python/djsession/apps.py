"""With "djsession" in INSTALLED_APPS, `manage.py check` checks the settings of the engines. They work without it, too."""
from django.apps import AppConfig
from django.core.checks import register

from .checks import check_settings
from .swap.checks import check_cache


class DjsessionConfig(AppConfig):
    name = "djsession"

    def ready(self):
        register(check_settings, "djsession")
        register(check_cache, "djsession")
