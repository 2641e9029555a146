"""Session engines for Django that lose no update when two requests change one session.

SESSION_ENGINE is "djsession.db", "djsession.cached_db" or "djsession.cache". They store what
Django's own engines of the same name store.
"""
import django

if django.VERSION < (3, 2):  # later ones find it by themselves
    default_app_config = "djsession.apps.DjsessionConfig"
