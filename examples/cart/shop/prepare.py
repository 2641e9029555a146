#!/usr/bin/env python
"""Makes the shop's tables and its demo user: prepare.py [USERNAME PASSWORD]

The user may look at the users in the admin. What is there already stays as it is, the
user's password included if it is the same.
"""

import os
import sys

import django
from django.core.management import call_command


def main(username="demo", password="demo-shop"):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)

    from django.contrib.auth.models import Permission, User

    user, _ = User.objects.get_or_create(username=username)
    user.is_staff = True
    # A new hash would end the user's sessions, so only where it is needed.
    if not user.check_password(password):
        user.set_password(password)
    user.save()
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label="auth", codename="view_user"))
    print("Django %s: the shop is ready" % django.get_version())


if __name__ == "__main__":
    main(*sys.argv[1:])
