"""A Django site as the Go program expects it to be described."""
import django
from django.conf import settings

from gobridge.wire import b64


def site_of(store_class, engine, cookie_age, **place):
    return {
        "engine": engine, "store_class": store_class, "version": "%d.%d" % django.VERSION[:2], **place,
        "SECRET_KEY": b64(settings.SECRET_KEY), "SECRET_KEY_FALLBACKS": [b64(k) for k in settings.SECRET_KEY_FALLBACKS],
        "SESSION_COOKIE_AGE": cookie_age,
        "SESSION_FILE_PATH": str(settings.SESSION_FILE_PATH or ""),
        **{n: getattr(settings, n) or "" for n in (
            "TIME_ZONE", "SESSION_SERIALIZER", "SESSION_CACHE_ALIAS", "SESSION_COOKIE_NAME", "SESSION_COOKIE_DOMAIN",
            "SESSION_COOKIE_PATH", "SESSION_COOKIE_SAMESITE")},
        **{n: bool(getattr(settings, n)) for n in (
            "USE_TZ", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_SAVE_EVERY_REQUEST",
            "SESSION_EXPIRE_AT_BROWSER_CLOSE")},
    }


def form_settings():
    """The settings of hosts, CSRF, passwords and logins."""
    from gobridge.hasher_options import entry, hashers_of_settings
    allowed = list(settings.ALLOWED_HOSTS)
    if settings.DEBUG and not allowed:
        allowed = [".localhost", "127.0.0.1", "[::1]"]
    age = settings.CSRF_COOKIE_AGE
    return {
        "ALLOWED_HOSTS": allowed,
        "SECURE_PROXY_SSL_HEADER": list(settings.SECURE_PROXY_SSL_HEADER or []),
        "AUTHENTICATION_BACKENDS": list(settings.AUTHENTICATION_BACKENDS),
        "PASSWORD_HASHERS": [entry(h) for h in hashers_of_settings()],
        "LOGIN_URL": path_of(settings.LOGIN_URL, "/accounts/login/"),
        "LOGIN_REDIRECT_URL": path_of(settings.LOGIN_REDIRECT_URL, "/accounts/profile/"),
        "CSRF_COOKIE_AGE": None if age is None else int(age),
        "CSRF_TRUSTED_ORIGINS": list(settings.CSRF_TRUSTED_ORIGINS),
        **{n: getattr(settings, n) or "" for n in (
            "CSRF_COOKIE_NAME", "CSRF_COOKIE_DOMAIN", "CSRF_COOKIE_PATH", "CSRF_COOKIE_SAMESITE", "CSRF_HEADER_NAME")},
        **{n: bool(getattr(settings, n, False)) for n in (
            "USE_X_FORWARDED_HOST", "USE_X_FORWARDED_PORT", "CSRF_USE_SESSIONS", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY",
            "CSRF_COOKIE_MASKED")},
    }


def path_of(url, default):
    """The path for a setting that may name a URL pattern: Go only takes paths."""
    if url is None:
        return default
    url = str(url)
    if "/" in url or "." in url:
        return url
    from django.shortcuts import resolve_url
    from django.urls import NoReverseMatch
    try:
        return str(resolve_url(url))
    except NoReverseMatch:
        return url


def base_site():
    """A site whose sessions have no store."""
    return site_of("SessionStore", "", settings.SESSION_COOKIE_AGE)
