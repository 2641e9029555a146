"""Requests as the Go program gets them, and their host and scheme with Go doing the work."""
import urllib.parse

from django.conf import settings
from django.http import HttpRequest, QueryDict

from gobridge.reference import as_reference, bridged, djangos_outcome, method
from gobridge.sites import base_site
from gobridge.wire import BRIDGE, b64, header64


@as_reference
def http_of(request, method=None, body=True, without=()):
    """The request as a Go program gets it."""
    meta = request.META
    method = method or request.method or ""
    secure = request._get_scheme() == "https" if settings.SECURE_PROXY_SSL_HEADER else request.is_secure()
    host = meta.get("HTTP_HOST")
    if host is None:  # the browser sends the server's name
        host = meta.get("SERVER_NAME", "")
        port = request.get_port() if "SERVER_PORT" in meta else ""
        if host and port and port != ("443" if secure else "80"):
            host += ":" + port
    headers = [[b64(n[5:].replace("_", "-")), header64(v)] for n, v in meta.items()
               if n.startswith("HTTP_") and n not in ("HTTP_HOST", "HTTP_COOKIE", *without)]
    args = {"method": method, "url": "/" + request.get_full_path().lstrip("/"), "host": host, "header_list": headers,
            "tls": secure, "port": str(meta.get("SERVER_PORT", "")), "cookies": []}
    if body and method == "POST":
        args["header_list"].append([b64("Content-Type"), b64("application/x-www-form-urlencoded")])
        try:
            post = request.POST
            text = post.urlencode() if isinstance(post, QueryDict) else urllib.parse.urlencode(post)
            args["body"] = b64(text)
        except OSError as e:  # UnreadablePostError is one
            args["body_error"] = str(e) or "broken"
    return args


def ask(self, what):
    return BRIDGE.call("origin." + what, {"http": http_of(self, body=False)}, base_site())


def get_host(self):
    django, raised = djangos_outcome(lambda: host(self))
    go = ask(self, "host")
    if (raised is None) != go["ok"] or raised is None and go["host"] != django:
        BRIDGE.disagree("host: Go: %r; Django: %r" % (go, raised or django))
    if raised:
        raise raised
    return go["host"]


def get_port(self):
    django, raised = djangos_outcome(lambda: port(self))
    if isinstance(raised, KeyError):
        raise raised  # a request without a server
    go = ask(self, "port")
    if raised or go != django:
        BRIDGE.disagree("port: Go: %r; Django: %r" % (go, raised or django))
    return go


def get_scheme(self):
    django, raised = djangos_outcome(lambda: scheme(self))
    if raised:
        raise raised  # an invalid setting
    go = ask(self, "scheme")
    if go != django:
        BRIDGE.disagree("scheme: Go: %r; Django: %r" % (go, django))
    return go


def install():
    global host, port, scheme
    host, port = method(HttpRequest, "get_host", get_host), method(HttpRequest, "get_port", get_port)
    scheme = HttpRequest.scheme.fget
    HttpRequest.scheme = property(bridged(scheme)(get_scheme))
