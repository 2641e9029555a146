"""CSRF tokens with Go doing the work."""
import re
import urllib.parse

from django.conf import settings
from django.middleware import csrf

from gobridge.csrf_requests import COOKIE, call_at, from_cookie, old, once, seed, stored, with_live
from gobridge.reference import replace
from gobridge.wire import BRIDGE, b64, header64

# Go exports none of Django's functions for tokens. They are bridged by requests.


def _unmask_cipher_token(token):
    token = str(token)
    secret = from_cookie(once({"cookies": [[settings.CSRF_COOKIE_NAME, token]], "doing": ["token"]}, COOKIE))
    if secret != old._unmask_cipher_token(token):
        BRIDGE.disagree("Go's secret of %s is %s; Django's: %s" % (token, secret, old._unmask_cipher_token(token)))
    return secret


def _mask_cipher_secret(secret):
    (token,) = once({"cookies": [[settings.CSRF_COOKIE_NAME, secret]], "doing": ["token"]}, COOKIE)["tokens"]
    if old._unmask_cipher_token(token) != secret:
        BRIDGE.disagree("Go's token %s is not one of %s" % (token, secret))
    return token


def reason_against(secret, token, field):
    """Go's reason to reject a request with this token and this secret, or None."""
    args = {"method": "POST", "cookies": [[settings.CSRF_COOKIE_NAME, secret]], "exempt": False, "header_list": []}
    if field:
        args["header_list"].append([b64("Content-Type"), b64("application/x-www-form-urlencoded")])
        args["body"] = b64(urllib.parse.urlencode({"csrfmiddlewaretoken": token}))
    else:
        args["header_list"].append([b64(settings.CSRF_HEADER_NAME[5:].replace("_", "-")), header64(token)])
    refused = once(args, COOKIE)["refused"]
    return refused and refused["text"]


def format_of(token):
    good = 32 * "a"
    words = set()
    for text in (reason_against(token, good, False), reason_against(good, token, False), reason_against(good, token, True)):
        m = re.search(r" (has incorrect length|has invalid characters)\.$", text or "")
        words.add(m and m[1])
    if len(words) != 1:
        BRIDGE.disagree("Go's reasons for %r as a cookie, a header and a field: %s" % (token, words))
    return words.pop()


def as_cookie(secret):
    """A new secret as Django sends it: masked under CSRF_COOKIE_MASKED of Django 4.1 and 4.2."""
    return _mask_cipher_secret(secret) if getattr(settings, "CSRF_COOKIE_MASKED", False) else secret


def _check_token_format(token):
    problem = format_of(token)
    try:
        old._check_token_format(token)
        django = None
    except old.InvalidTokenFormat as e:
        django = e.reason
    if problem != django:
        BRIDGE.disagree("Go: %r; Django: %r" % (problem, django))
    if problem:
        raise csrf.InvalidTokenFormat(problem)


def _does_token_match(request_csrf_token, csrf_secret):
    verdicts = {reason_against(csrf_secret, request_csrf_token, field) for field in (True, False)}
    kinds = {None if v is None else v.rsplit(" ", 1)[-1] if v.endswith(" incorrect.") else v.split("HTTP header ")[-1].split(
        "from POST ")[-1] for v in verdicts}
    if len(kinds) != 1:
        BRIDGE.disagree("Go's verdicts are %s" % verdicts)
    (kind,) = kinds
    try:
        django = old._does_token_match(request_csrf_token, csrf_secret)
    except AssertionError:
        if kind != "has incorrect length.":
            BRIDGE.disagree("Go: %r; Django: AssertionError" % kind)
        raise
    if kind not in (None, "incorrect.") or (kind is None) != django:
        BRIDGE.disagree("Go: %r; Django: %r" % (kind, django))
    return kind is None


def get_token(request):
    s = with_live(request)
    had = request.META.get("CSRF_COOKIE")
    token = call_at(s, "csrf.token", {"live": s.live})
    s.touched = True
    secret = _unmask_cipher_token(token)
    was = old._unmask_cipher_token(had) if had is not None and len(had) == 64 else had
    if was is not None and was != secret:
        BRIDGE.disagree("Go's token is of the secret %s; Django's would be of %s" % (secret, had))
    s.secret = as_cookie(secret) if had is None else secret
    # Another request shows whether asking for the token sends it.
    value, wrote = stored(once({**seed(had), "doing": ["token"]}))
    request.META["CSRF_COOKIE"] = s.secret
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = wrote or settings.CSRF_USE_SESSIONS and value == secret
    return token


def rotate_token(request):
    had = request.META.get("CSRF_COOKIE")
    s = with_live(request)
    call_at(s, "csrf.rotate", {"live": s.live})
    s.touched = True
    value, wrote = stored(once({**seed(had), "doing": ["rotate"]}))
    if not wrote or value == had or old.invalid_token_chars_re.search(value) or len(value) != len(as_cookie(32 * "a")):
        BRIDGE.disagree("Go rotates %s to %s (sent: %s)" % (had, value, wrote))
    update_meta(request, s)


def update_meta(request, s):
    """Writes the new secret to META."""
    s.secret = as_cookie(_unmask_cipher_token(call_at(s, "csrf.token", {"live": s.live})))
    request.META.update({"CSRF_COOKIE": s.secret, "CSRF_COOKIE_NEEDS_UPDATE": True})


def install():
    replace(csrf, get_token=get_token, rotate_token=rotate_token, _mask_cipher_secret=_mask_cipher_secret,
            _unmask_cipher_token=_unmask_cipher_token, _check_token_format=_check_token_format,
            _does_token_match=_does_token_match)
