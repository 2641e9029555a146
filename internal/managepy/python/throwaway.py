"""What a project that exists only for tests needs."""

import atexit
import importlib
import os
import shutil

from django.core.management import call_command
from django.db import connections

from djsession_worker import method


@method
def migrate(apps=()):
    """Makes the migrations of new apps, and applies all."""
    for app in apps:
        call_command("makemigrations", app, verbosity=0, interactive=False)
    importlib.invalidate_caches()  # a migration may be younger than its directory's cached list
    call_command("migrate", verbosity=0, interactive=False)


@method
def remove_at_exit(path):
    """Removes a directory when this process ends."""

    def remove():
        connections.close_all()
        os.chdir(os.path.dirname(path))
        shutil.rmtree(path, ignore_errors=True)

    atexit.register(remove)
