"""Write golden-<Django version>.json: what this Django says of the address that a request was made for.

    python golden.py

Run it once under each Django that a file is wanted for. The output is the same every time.
"""

import json
import os
from urllib.parse import urlsplit

import django
from django.conf import settings

settings.configure(SECRET_KEY="unused", DEBUG=False)
django.setup()

from django.core.exceptions import DisallowedHost  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.test import override_settings  # noqa: E402

HOSTS = [
    "example.com", "example.com:80", "example.com:8000", "EXAMPLE.com", "Example.Com:443", "example.com.", "example.com.:80",
    "example.com..", ".", "..", ".example.com", "www.example.com", "www.example.com.", "a.b.example.com:1", "notexample.com",
    "example.com.evil.org", "localhost", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000", "[::1].", "[::1]x", "[::]",
    "[:]", "[1:]", "[:1", ":1]", "::1", "[2001:DB8::1]", "[2001:db8::1]:443", "[::ffff:127.0.0.1]", "[::g]", "[g::1]", "[fe80::1%25eth0]",
    "[]", "[", "]", "[]:80", "", ":", ":80", "example.com:", "example.com:x", "example.com:80x", "example.com:80:80",
    "example.com:-1", "example.com:99999", "example.com:+80", "ex ample.com", "example.com ", "example_.com", "user@example.com",
    "example.com/path", "example.com?q", "example.com#f", "example.com\\x", "example.com,evil.org", "xn--bcher-kva.example",
    "b\u00fccher.example", "\u00e2\u0084\u00aa.example", "example.com:\u00b2", "a\tb", "a\x00b", "-", "a-b.c-d", "*", "*.example.com",
]
ALLOWED = [
    ["*"], [], ["example.com"], [".example.com"], ["EXAMPLE.COM", "[::1]"], [""], ["."], ["evil.org", ".Example.com"],
    ["example.com:8000"], ["*.example.com"], ["b\u00fccher.example"],
]
FORWARDED = ["example.com", "www.example.com:8443", "evil.org", "example.com, proxy.example.com", ""]
URLS = [
    "https://example.com/path?q#f", "https://example.com", "https://example.com:8000/", "HTTPS://Example.COM/", "//example.com/x",
    "https:/example.com", "https:example.com", "https:///x", "https://", "example.com", "/path", "", "null", "https://user:pass@example.com/",
    "https://a@b@c/", "https://example.com?x", "https://example.com#x", "https://example.com\\x", "https://[::1]:8000/", "https://[::1",
    "https://::1]/", "ftp://example.com", "ht+tp-1.x://example.com", "h ttp://example.com", "://example.com",
    "ht\ttps://exam\tple.com/", "javascript:alert(1)", "about:blank", "https://b\u00fccher.example/", "https://*.example.com", "https://example.com,https://evil.org",
]


def request(**meta):
    r = HttpRequest()
    r._get_scheme = lambda: meta.get("scheme", "http")
    r.META = {"SERVER_NAME": "server.example.com", "SERVER_PORT": "8080"}
    r.META.update((k, v) for k, v in meta.items() if k != "scheme")
    return r


def host(r):
    try:
        return r.get_host()
    except DisallowedHost:
        return None


def hosts():
    for allowed in ALLOWED:
        with override_settings(ALLOWED_HOSTS=allowed):
            yield {"allowed": allowed, "taken": [h for h in HOSTS if host(request(HTTP_HOST=h)) is not None]}


def forwarded():
    for use in [False, True]:
        for value in [None] + FORWARDED:
            meta = {} if value is None else {"HTTP_X_FORWARDED_HOST": value}
            with override_settings(ALLOWED_HOSTS=["own.example.com", ".example.com"], USE_X_FORWARDED_HOST=use):
                yield {"use": use, "forwarded": value, "host": host(request(HTTP_HOST="own.example.com:81", **meta))}


def ports():
    for use in [False, True]:
        for value in [None, "443", "8443", ""]:
            meta = {} if value is None else {"HTTP_X_FORWARDED_PORT": value}
            with override_settings(USE_X_FORWARDED_PORT=use):
                yield {"use": use, "forwarded": value, "port": request(**meta).get_port()}


def schemes():
    """Each: the setting, the header sent and its value, whether over TLS, whether that is secure."""
    proto, other = ("HTTP_X_FORWARDED_PROTO", "https"), ("HTTP_FRONT_END_HTTPS", "on")
    cases = [(None, proto[0], "https"), (other, proto[0], "https"), (proto, other[0], "on"), (other, other[0], "on")]
    cases += [(proto, proto[0], v) for v in [None, "https", "http", "HTTPS", "", "https,http", "http,https", "https , https"]]
    for header, name, value in cases:
        for scheme in ["http", "https"]:
            meta = {} if value is None else {name: value}
            with override_settings(SECURE_PROXY_SSL_HEADER=header):
                yield [header, name, value, scheme == "https", request(scheme=scheme, **meta).is_secure()]


def urls():
    for url in URLS:
        try:
            parts = urlsplit(url)
            yield [url, parts.scheme, parts.netloc]
        except ValueError:
            yield [url]


def lines(items):
    return "[\n" + ",\n".join(json.dumps(i) for i in items) + "\n]"


def main():
    version = ".".join(map(str, django.VERSION[:3]))
    parts = [
        '"django": %s' % json.dumps(version),
        '"hosts": %s' % json.dumps(HOSTS),
        '"taken": %s' % lines(hosts()),
        '"forwarded": %s' % lines(forwarded()),
        '"ports": %s' % lines(ports()),
        '"schemes": %s' % lines(schemes()),
        '"urls": %s' % lines(urls()),
    ]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden-%s.json" % version)
    with open(path, "w") as f:
        f.write("{" + ",\n".join(parts) + "}\n")


main()
