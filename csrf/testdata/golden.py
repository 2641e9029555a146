"""Write golden-<Django version>.json: what this Django's CsrfViewMiddleware does with requests.

    python golden.py

Run it once under each Django that a file is wanted for. The output is the same every time: it says of what is random only
what it is a secret or a token of.

A case is a request, without what is as in BASE, and what became of it. Texts that stand for secrets are named, by VALUES.
"""

import base64
import json
import os
from urllib.parse import urlencode

import django
import django.http.response
from django.conf import settings

settings.configure(SECRET_KEY="unused", ALLOWED_HOSTS=["example.com", ".shop.example", "[::1]"], ROOT_URLCONF=__name__)
django.setup()

from django.http import HttpResponse, HttpResponseForbidden  # noqa: E402
from django.middleware import csrf  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402

urlpatterns = []


class Clock:
    def time(self):
        return 1700000000


django.http.response.time = Clock()

CHARS = csrf.CSRF_ALLOWED_CHARS


def masked(secret, mask):
    return mask + "".join(CHARS[(CHARS.index(a) + CHARS.index(b)) % len(CHARS)] for a, b in zip(secret, mask))


def secret_of(text):
    """The secret of a text that is one or is a token of one, or None."""
    if len(text) not in (32, 64) or any(c not in CHARS for c in text):
        return None
    if len(text) == 32:
        return text
    return "".join(CHARS[CHARS.index(a) - CHARS.index(b)] for a, b in zip(text[32:], text[:32]))


SECRET, OTHER = "aZ9" + "kM4" * 9 + "zA", "0bY" + "tR7" * 9 + "9a"
VALUES = {
    "secret": SECRET,
    "masked": masked(SECRET, "Q1w2E3r4" * 4),
    "masked2": masked(SECRET, "99zzZZaa" * 4),
    "other": OTHER,
    "other masked": masked(OTHER, "mN8bV7cX" * 4),
    "short": SECRET[:31],
    "long": masked(SECRET, "Q1w2E3r4" * 4) + "a",
    "dash": SECRET[:31] + "-",
    "masked dash": masked(SECRET, "Q1w2E3r4" * 4)[:63] + "-",
    "accent": SECRET[:31] + "\u00e9",
    "empty": "",
    "quoted": '"%s"' % SECRET,
    "number": 5,
    "null": None,
}
BASE = {"method": "POST", "host": "example.com", "held": ["masked"], "view": "plain"}
COOKIES = ["secret", "masked", "other masked", "short", "long", "dash", "masked dash", "accent", "empty", "quoted"]
TOKENS = ["secret", "masked", "masked2", "other", "other masked", "short", "long", "dash", "masked dash", "accent", "empty", "quoted"]
DOMAIN = {"CSRF_COOKIE_DOMAIN": ".example.com"}
PROXY = {"SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"], "USE_X_FORWARDED_HOST": True, "USE_X_FORWARDED_PORT": True}
TRUSTED = ["https://trusted.example", "http://plain.example", "https://*.wild.example", "https://*.Upper.example:444"]
if django.VERSION < (4, 0):
    TRUSTED = [o.split("://")[1].lstrip("*") for o in TRUSTED]
SETTINGS = {
    "": {},
    "sessions": {"CSRF_USE_SESSIONS": True},
    "session domain": {"CSRF_USE_SESSIONS": True, "SESSION_COOKIE_DOMAIN": ".example.com", "CSRF_COOKIE_DOMAIN": ".shop.example"},
    "domain": DOMAIN,
    "trusted": {"CSRF_TRUSTED_ORIGINS": TRUSTED},
    "proxy": PROXY,
    "proxy and domain": dict(PROXY, **DOMAIN),
    "header": {"CSRF_HEADER_NAME": "HTTP_X_FORM_TOKEN"},
    "cookie": {"CSRF_COOKIE_NAME": "form", "CSRF_COOKIE_AGE": 600, "CSRF_COOKIE_PATH": "/shop/"},
    "strict": {"CSRF_COOKIE_DOMAIN": ".example.com", "CSRF_COOKIE_SECURE": True, "CSRF_COOKIE_HTTPONLY": True, "CSRF_COOKIE_SAMESITE": "Strict"},
    "until close": {"CSRF_COOKIE_AGE": None, "CSRF_COOKIE_SAMESITE": None},
    "long": {"CSRF_COOKIE_AGE": 9999999999},
    "transitional": {"CSRF_COOKIE_MASKED": True},
    "transitional sessions": {"CSRF_COOKIE_MASKED": True, "CSRF_USE_SESSIONS": True},
}


def tokens():
    for held in [[]] + [[c] for c in COOKIES]:
        yield dict(held=held)
        few = ["masked2", "short"] if held and held[0] not in ("secret", "masked") else TOKENS
        for token in few:
            yield dict(held=held, field=[token])
            if held == ["masked"] or held and token == "masked2":
                yield dict(held=held, header=[token])
    yield dict(held=["other", "secret"], field=["masked"])
    yield dict(held=["secret", "other"], field=["masked"])
    for held in [[], ["secret"], ["masked"], ["short"], ["masked dash"], ["empty"], ["number"], ["null"]]:
        yield dict(held=held, settings="sessions")
        for token in ["secret", "masked2", "other masked", "short"]:
            yield dict(held=held, field=[token], settings="sessions")
    yield dict(header=["masked2"], settings="sessions")


def places():
    for method in ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "ODD"]:
        yield dict(method=method)
        yield dict(method=method, field=["masked2"])
        yield dict(method=method, header=["masked2"])
    yield dict(field=["masked2"], header=["other"])
    yield dict(field=["other"], header=["masked2"])
    yield dict(field=["empty"], header=["masked2"])
    yield dict(field=["masked2"], header=["empty"])
    yield dict(field=["other", "masked2"])
    yield dict(field=["masked2", "other"])
    yield dict(header=["masked2", "masked2"])
    yield dict(query="masked2")
    yield dict(query="masked2", field=["other"])
    yield dict(query="other", field=["masked2"])
    for kind in ["multipart/form-data", "text/plain", "application/json", ""]:
        yield dict(type=kind, field=["masked2"])
        yield dict(type=kind, field=["other", "masked2"])
        yield dict(type=kind, field=["other"], header=["masked2"])
    yield dict(settings="header", header=["masked2"])
    yield dict(settings="header", header=["short"])
    yield dict(settings="cookie", header=["masked2"])


ORIGINS = ["https://example.com", "http://example.com", "null", "", "https://example.com:443", "https://EXAMPLE.com", "example.com",
           "https://example.com/", "https://evil.example", "https://trusted.example", "http://trusted.example", "https://a.trusted.example",
           "https://wild.example", "https://a.b.wild.example", "http://a.wild.example", "https://awild.example", "https://a.wild.example:1",
           "HTTPS://a.wild.example", "https://A.wild.example", "https://a.wild.example/path", "https://x@a.wild.example", "https://[", "https://]a.wild.example",
           "https://a.upper.example:444", "//a.wild.example"]
REFERERS = ["https://example.com/", "https://example.com", "https://example.com:443/", "https://EXAMPLE.com/", "http://example.com/",
            "HTTPS://example.com/", "https://x@example.com/", "https://example.com@evil.example/", "https://evil.example/path?secret#f",
            "https://a.example.com/", "https://shop.example/", "https://a.shop.example/", "https://trusted.example/", "https://plain.example/",
            "https://a.wild.example/", "https://wild.example/", "https://a.upper.example:444/", "https://Trusted.example/", "", "/form",
            "//example.com/", "https:///", "example.com", "https://example.com\\@evil.example/", "about:blank"]


def sources():
    for origin in ORIGINS:
        yield dict(secure=True, origin=origin, settings="trusted")
    for origin in ["http://example.com", "https://example.com", "http://trusted.example"]:
        yield dict(origin=origin, settings="trusted")
    for referer in [None] + REFERERS:
        yield dict(secure=True, referer=referer, settings="trusted")
    yield dict(secure=True, origin="https://evil.example", referer="https://example.com/")
    yield dict(secure=True, origin="https://example.com", referer="https://evil.example/")
    for host in ["shop.example", "evil.example", "example.com:8443", "EXAMPLE.com", "[::1]:8443", "exa_mple.com", "example.com."]:
        yield dict(secure=True, host=host, origin="https://" + host)
        yield dict(secure=True, host=host, referer="https://" + host + "/")
    for where in ["domain", "session domain"]:
        for referer in ["https://a.example.com/", "https://example.com/", "https://shop.example/", "https://a.example.com:8443/"]:
            for port in ["443", "80", "8443"]:
                yield dict(secure=True, port=port, host="a.shop.example", referer=referer, settings=where)
    for where in ["", "proxy", "proxy and domain"]:
        for sent in [{"origin": "https://a.shop.example"}, {"referer": "https://a.shop.example/"}, {"referer": "https://a.example.com:8443/"}, {}]:
            yield dict(sent, port="8000", forwarded=True, settings=where)


def right(cases):
    """The cases with a token, as only their source matters."""
    return [dict(case, field=["masked2"]) for case in cases]


def responses():
    for view in ["plain", "token", "rotate", "rotate token", "token rotate"]:
        for held in [[]] + [[c] for c in COOKIES]:
            if view in ("plain", "token") or held in ([], ["secret"], ["masked"]):
                yield dict(method="GET", held=held, view=view)
        for held in [[], ["secret"], ["masked"], ["short"], ["null"]]:
            if view in ("plain", "token", "rotate") or held == ["masked"]:
                yield dict(method="GET", held=held, view=view, settings="sessions")
    yield dict(field=["masked2"], view="token")
    yield dict(field=["masked2"], view="rotate token", settings="sessions")
    yield dict(view="plain exempt")
    yield dict(view="token exempt", held=["short"])
    for vary in ["Accept-Language", "cookie", "Accept, COOKIE"]:
        yield dict(method="GET", view="token", vary=vary)
    for where in ["cookie", "strict", "until close", "long"]:
        yield dict(method="GET", view="token", settings=where)
    for where in ["transitional", "transitional sessions"]:
        for view in ["plain", "token", "rotate", "rotate token"]:
            for held in [[], ["secret"], ["masked"], ["short"]]:
                yield dict(method="GET", held=held, view=view, settings=where)
        for held in [["secret"], ["masked"]]:
            yield dict(held=held, field=["masked2"], settings=where)


URLENCODED = "application/x-www-form-urlencoded"
URLENCODED_TYPES = [
    URLENCODED, URLENCODED.upper(), "Application/x-www-form-urlencoded", URLENCODED + ";", URLENCODED + " ;", " " + URLENCODED, URLENCODED + ";;",
    URLENCODED + "; charset=utf-8", URLENCODED + "; charset=UTF-8; charset=UTF-8", URLENCODED + ";charset", URLENCODED + "; charset=", URLENCODED + '; charset="utf-8',
    URLENCODED + "; charset=no-such", URLENCODED + "; charset=latin-1", URLENCODED + "; a=b=c", URLENCODED + "; a b", URLENCODED + ", text/plain", URLENCODED + "=", URLENCODED + "=a; b", '"' + URLENCODED + '"',
    URLENCODED + "/x", "x-www-form-urlencoded", "application / x-www-form-urlencoded", "; " + URLENCODED, URLENCODED + "\t; a=b", URLENCODED + "; \u00e9=\u00e9",
    'a";"; b', URLENCODED + '";"',
]
URLENCODED_BODIES = [
    "csrfmiddlewaretoken={masked2}", "a=1&csrfmiddlewaretoken={masked2}&b=2", "&&csrfmiddlewaretoken={masked2}&", "csrfmiddlewaretoken={masked2};a=1", "a=1;csrfmiddlewaretoken={masked2}",
    "csrfmiddlewaretoken={masked2}&a=%zz", "%63srfmiddlewaretoken={masked2}", "csrfmiddlewaretoken={other}&csrfmiddlewaretoken={masked2}", "csrfmiddlewaretoken={masked2}&csrfmiddlewaretoken={other}",
    "csrfmiddlewaretoken={masked2}&csrfmiddlewaretoken", "csrfmiddlewaretoken", "csrfmiddlewaretoken={masked2}=", "csrfmiddlewaretoken={masked2}%", "csrfmiddlewaretoken={masked2}%zz",
    "csrfmiddlewaretoken=+{masked2}", "csrfmiddlewaretoken ={masked2}", "CSRFmiddlewaretoken={masked2}", "csrfmiddlewaretoken={masked2}\r\n", "csrfmiddlewaretoken={masked2}%00",
    "csrfmiddlewaretoken={masked2}%C3%A9", "csrfmiddlewaretoken={secret}%FF", "\u00e9=\u00e9&csrfmiddlewaretoken={masked2}", "csrfmiddlewaretoken[]={masked2}", "",
]
MULTIPART = "multipart/form-data"
BOUNDARIES = {
    "limit": [
        MULTIPART + "; boundary=limit", MULTIPART + ";boundary=limit", MULTIPART + ' ; boundary = "limit" ', MULTIPART + "; BOUNDARY=limit", MULTIPART + ";; boundary=limit", MULTIPART + "; boundary=limit;",
        MULTIPART + "; charset=utf-8; charset=utf-8; boundary=limit", MULTIPART + "; boundary=limit; charset=UTF-8", MULTIPART + "; boundary=limit; a=b=c", MULTIPART + "; a b; boundary=limit",
        MULTIPART + "; boundary=other; boundary=limit", MULTIPART + "; boundary=limit; boundary=other", MULTIPART + "; boundary=limit; boundary", MULTIPART + "; boundary='limit'", MULTIPART + '; boundary="limit',
        MULTIPART + "; boundary=<limit>", MULTIPART + '; boundary="<limit>"', MULTIPART + '; boundary="li\\mit"', MULTIPART + '; boundary="\\limit"', MULTIPART + "; boundary=limit, x", MULTIPART + ", " + MULTIPART + "; boundary=limit",
        MULTIPART.upper() + "; boundary=limit", "Multipart/Form-Data; boundary=limit", "multipart/mixed; boundary=limit", MULTIPART, MULTIPART + "; boundary", MULTIPART + "; boundary=", MULTIPART + '; boundary=""',
        MULTIPART + "; boundary*=utf-8''limit", MULTIPART + "; boundary*=utf-8''li%6dit", MULTIPART + "; boundary*=limit", MULTIPART + "; boundary*0=li; boundary*1=mit", MULTIPART + "; boundary*1=mit; boundary*0*=utf-8''l%69",
        MULTIPART + "; boundary*=\"utf-8''limit\"", MULTIPART + "; boundary=other; boundary*=utf-8''limit", MULTIPART + '; a="x;y"; boundary=limit', MULTIPART + '; a="x\\";y"; boundary=limit', MULTIPART + '; a="x\\\\"; boundary=limit',
        MULTIPART + "; a=\u00e9; boundary=limit", MULTIPART + "=a; boundary=limit", MULTIPART + " a; boundary=limit", MULTIPART + "\t;\tboundary=limit", MULTIPART + "; =a; boundary=limit", MULTIPART + "; boundary=limit ; ",
    ],
    "a=b": [MULTIPART + "; boundary=a=b", MULTIPART + '; boundary="a=b"', MULTIPART + "; boundary=a=b; charset=utf-8"],
    "----=_Part_1_2.3": [MULTIPART + "; boundary=----=_Part_1_2.3", MULTIPART + '; boundary="----=_Part_1_2.3"'],
    "a b": [MULTIPART + "; boundary=a b", MULTIPART + '; boundary="a b"'],
    "a;b": [MULTIPART + "; boundary=a;b", MULTIPART + '; boundary="a;b"'],
    "a(b)/c:d?@,[e]": [MULTIPART + "; boundary=a(b)/c:d?@,[e]", MULTIPART + '; boundary="a(b)/c:d?@,[e]"'],
    'a"b': [MULTIPART + '; boundary="a\\"b"', MULTIPART + '; boundary=a"b'],
    "a\\b": [MULTIPART + '; boundary="a\\\\b"', MULTIPART + "; boundary=a\\b"],
    "a ": [MULTIPART + '; boundary="a "'],
    "a\u00e9": [MULTIPART + "; boundary=a\u00e9"],
    "x" * 201: [MULTIPART + "; boundary=" + "x" * 201],
    "x" * 202: [MULTIPART + "; boundary=" + "x" * 202],
    "-": [MULTIPART + "; boundary=-"],
}
NAME = 'Content-Disposition: form-data; name="csrfmiddlewaretoken"'
BASE64 = "\r\nContent-Transfer-Encoding: base64"
END = "\r\n--limit--\r\n"
BODIES = [
    # What surrounds the part.
    "--limit\r\n" + NAME + "\r\n\r\n{masked2}" + end for end in [END, "\r\n--limit--", "\r\n--limit", "\r\n--limi", "\r\n", "", "\n--limit--", "\r--limit--", "--limit--", "\r\n\r\n--limit--", "\n\n--limit--", "\r\n --limit--", "\r\n-limit--"]
] + [
    before + NAME + "\r\n\r\n{masked2}" + END for before in ["", "\r\n", "preamble\r\n--limit\r\n", "\r\n\r\n--limit\r\n", "--limit \r\n", "--limit\n", "--limit--\r\n", "--limit", "--limitless\r\n", "x" * 2000 + "--limit\r\n", "--limit\r\n\r\n", "x" * 1100 + "\r\n\r\n--limit\r\n"]
] + [
    # The part's header.
    "--limit\r\n" + header + "\r\n\r\n{masked2}" + END for header in [
        "content-disposition: form-data; name=csrfmiddlewaretoken", "CONTENT-DISPOSITION: FORM-DATA; NAME=csrfmiddlewaretoken", "Content-Disposition: form-data; name='csrfmiddlewaretoken'",
        "Content-Disposition:form-data;name=csrfmiddlewaretoken", "Content-Disposition : form-data; name=csrfmiddlewaretoken", " Content-Disposition: form-data; name=csrfmiddlewaretoken", "Content-Disposition: form-data; name = csrfmiddlewaretoken",
        'Content-Disposition: form-data; name=" csrfmiddlewaretoken "', "Content-Disposition: attachment; name=csrfmiddlewaretoken", "Content-Disposition: name=csrfmiddlewaretoken", "Content-Disposition: ; name=csrfmiddlewaretoken",
        "Content-Disposition; name=csrfmiddlewaretoken", NAME + "; name=other", 'Content-Disposition: form-data; name=other; name="csrfmiddlewaretoken"', NAME + '; filename=""', NAME + "; filename=", NAME + "; filename", NAME + "; filename=f",
        NAME + '; filename="f"', NAME + "; filename*=utf-8''f", NAME + "; a=b=c", NAME + ";;", NAME + '; a="', NAME + "\r\nContent-Type: text/plain; charset=utf-8; charset=utf-8", NAME + "\r\nno header", NAME + "\nContent-Type: text/plain", "X: y\r\n" + NAME,
        "Content-Disposition: form-data; name=other\r\n" + NAME, NAME + "\r\nContent-Disposition: form-data; name=other", NAME + "\r\nContent-Disposition: form-data", NAME + "\r\n folded: line", NAME + ";\r\n a=b", "Content-Disposition: form-data",
        "Content-Disposition: form-data; name=csrfmiddlewaretoke%6e", "Content-Disposition: form-data; name*=utf-8''csrfmiddlewaretoke%6e", "Content-Disposition: form-data; name*0=csrfmiddle; name*1=waretoken", "Content-Disposition: form-data; name=<csrfmiddlewaretoken>",
        "Content-Disposition: form-data; name=CSRFmiddlewaretoken", "\u00e9: x\r\n" + NAME, NAME + "; filename=\u00e9", NAME + "\r\nX: " + "y" * 900, NAME + "\r\nX: " + "y" * 1100, NAME + "\r\nX: " + "y" * (1024 - 4 - len(NAME) - 5), NAME + "\r\nX: " + "y" * (1024 - 4 - len(NAME) - 4),
        "Content-Type: text/plain", "Content-Transfer-Encoding: 8bit\r\n" + NAME, NAME + "\r\nContent-Transfer-Encoding: quoted-printable",
    ]
] + [
    # In base64.
    "--limit\r\n" + NAME + header + "\r\n\r\n" + value + END for header in [BASE64, BASE64.upper(), BASE64 + " ", BASE64 + "; a=b", "\r\nContent-Transfer-Encoding:base64", "\r\nContent-Transfer-Encoding: \"base64\""] for value in ["{base64}", "{masked2}"]
] + [
    "--limit\r\n" + NAME + BASE64 + "\r\n\r\n" + value + END for value in ["{base64 lines}", "{base64}\r\n", " {base64}", "{base64}!", "{base64}=", "{base64}=AAAA", "{base64 open}", "{secret base64}", "", "!{base64}", "{base64 open}=", "{base64 url}"]
] + [
    # Several parts.
    "--limit\r\n" + ("\r\n--limit\r\n").join(parts) + END for parts in [
        [NAME + "\r\n\r\n{other}", NAME + "\r\n\r\n{masked2}"], [NAME + "\r\n\r\n{masked2}", NAME + "\r\n\r\n{other}"], [NAME + "\r\n\r\n{masked2}", NAME + "; filename=f\r\n\r\n{other}"],
        ["Content-Disposition: form-data; name=f; filename=f\r\n\r\n{padding}", NAME + "\r\n\r\n{masked2}"], [NAME + "\r\n\r\n{masked2}", "Content-Disposition: form-data; name=f; filename=f\r\n\r\n" + "y\r\n" * 300],
        ["\r\n\r\n", NAME + "\r\n\r\n{masked2}"], ["", NAME + "\r\n\r\n{masked2}"], ["no header", NAME + "\r\n\r\n{masked2}"], [NAME + "\r\n\r\n{masked2}", NAME + "\r\n\r\n"], [NAME + "\r\n\r\n{masked2}", NAME],
        [NAME + "\r\n\r\n{masked2}", "x" * 1023], [NAME + "\r\n\r\n{masked2}", "x" * 1024], [NAME + "\r\n\r\n--{masked2}"], [NAME + "\r\n\r\n{masked2}\r\n"], [NAME + "\r\n\r\n{masked2}\n"], [NAME + "\r\n\r\n\u00e9"],
    ]
]


def forms():
    """Bodies as they are on the wire, and types of all kinds, without a token in the header."""
    for kind in URLENCODED_TYPES:
        yield dict(type=kind, raw=URLENCODED_BODIES[0])
    for body in URLENCODED_BODIES:
        yield dict(type=URLENCODED, raw=body)
    for boundary, kinds in BOUNDARIES.items():
        for kind in kinds:
            yield dict(type=kind, raw=BODIES[0].replace("limit", boundary))
    for body in BODIES:
        yield dict(type=MULTIPART + "; boundary=limit", raw=body)


def request(case):
    meta = {"HTTP_HOST": case["host"]}
    if case.get("port"):
        meta["SERVER_PORT"] = case["port"]
    for name, key in [("HTTP_ORIGIN", "origin"), ("HTTP_REFERER", "referer")]:
        if case.get(key) is not None:
            meta[name] = case[key]
    if case.get("forwarded"):
        meta.update(HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_HOST="a.shop.example", HTTP_X_FORWARDED_PORT="8443")
    if "header" in case:
        meta[settings.CSRF_HEADER_NAME] = wire(",".join(VALUES[v] for v in case["header"]))
    if not settings.CSRF_USE_SESSIONS and case["held"]:
        meta["HTTP_COOKIE"] = wire("; ".join("%s=%s" % (settings.CSRF_COOKIE_NAME, VALUES[v]) for v in case["held"]))
    path = "/form" + ("?" + urlencode({"csrfmiddlewaretoken": VALUES[case["query"]]}) if "query" in case else "")
    fields = [("csrfmiddlewaretoken", VALUES[v]) for v in case.get("field", [])]
    kind = case.get("type", "application/x-www-form-urlencoded")
    body = urlencode(fields)
    if "raw" in case:
        body = expand(case["raw"])
        kind = wire(kind)
    elif kind == "multipart/form-data":
        body = "".join('--limit\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % f for f in fields) + "--limit--\r\n"
        kind += "; boundary=limit"
    r = RequestFactory().generic(case["method"], path, body, content_type=kind, secure=case.get("secure", False), **meta)
    r.session = {}
    if settings.CSRF_USE_SESSIONS and case["held"]:
        r.session["_csrftoken"] = VALUES[case["held"][-1]]
    return r


def expand(raw):
    token = VALUES["masked2"].encode()
    texts = {"base64": base64.b64encode(token), "base64 open": base64.b64encode(token).rstrip(b"="), "base64 lines": base64.encodebytes(token), "base64 url": base64.b64encode(token) + b"-_",
             "secret base64": base64.b64encode(SECRET.encode()), "padding": b"x" * 70000}
    for name, value in VALUES.items():
        texts[name] = str(value).encode()
    body = raw.encode()
    for name, value in texts.items():
        body = body.replace(b"{%s}" % name.encode(), value)
    return body


def wire(text):
    return text.encode().decode("latin-1")  # as WSGI has it


def described(text):
    for name, value in VALUES.items():
        if text == value and type(text) is type(value):
            return name
    secret = secret_of(text)
    if secret is None:
        return "broken"
    return "%s %s" % ("bare" if len(text) == 32 else "masked", {SECRET: "secret", OTHER: "other"}.get(secret, "new"))


def refuse(request, reason=""):
    response = HttpResponseForbidden()
    response.refused_for = reason
    return response


def view(name):
    def call(request):
        response = HttpResponse()
        for step in name.split():
            if step == "token":
                response.token = csrf.get_token(request)
            elif step == "rotate":
                csrf.rotate_token(request)
        return response

    call.csrf_exempt = name.endswith("exempt")
    return call


def outcome(case):
    with override_settings(CSRF_FAILURE_VIEW=refuse, **SETTINGS[case.get("settings", "")]):
        middleware = csrf.CsrfViewMiddleware(lambda request: None)
        try:
            r, call = request(case), view(case["view"])
            middleware.process_request(r)
            response = middleware.process_view(r, call, (), {}) or call(r)
            if case.get("vary"):
                response["Vary"] = case["vary"]
            response = middleware.process_response(r, response)
        except Exception as e:
            return {"raises": type(e).__name__}
        said = {}
        if response.status_code == 403:
            said["reason"] = response.refused_for
        if getattr(response, "token", None):
            said["token"] = described(response.token)
        for name, cookie in response.cookies.items():
            said["cookie"] = described(cookie.value)
            attributes = cookie.OutputString()[len("%s=%s" % (name, cookie.coded_value)):]
            if attributes != DEFAULT_ATTRIBUTES:
                said["attributes"] = attributes
        if response.get("Vary", case.get("vary")) != ("Cookie" if "cookie" in said else None):
            said["varies"] = response.get("Vary")
        if settings.CSRF_USE_SESSIONS:
            after = r.session.get("_csrftoken", "absent")
            said["session"] = "absent" if after == "absent" else described(after)
        return said


DEFAULT_ATTRIBUTES = "; expires=Tue, 12 Nov 2024 22:13:20 GMT; Max-Age=31449600; Path=/; SameSite=Lax"


def main():
    version = ".".join(map(str, django.VERSION[:3]))
    cases = list(tokens()) + list(places()) + right(sources()) + list(responses()) + list(forms())
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden-%s.json" % version)
    with open(path, "w") as f:
        f.write('{"django": %s, "attributes": %s,\n"values": %s,\n' % tuple(map(json.dumps, [version, DEFAULT_ATTRIBUTES, VALUES])))
        f.write('"settings": %s,\n"base": %s,\n"cases": [\n' % (json.dumps(SETTINGS), json.dumps(BASE)))
        f.write(",\n".join(json.dumps([case, outcome(dict(BASE, **case))], separators=(",", ":")) for case in cases))
        f.write("]}\n")


main()
