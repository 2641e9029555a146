"""What djsession doctor asks the project."""

from django.http import HttpRequest

from djsession_worker import method


@method
def request_origin(host, headers):
    """Gives the scheme and the host that Django takes a request for which a proxy passed on
    over HTTP. headers has lists of values by name."""
    request = HttpRequest()
    request.META.update({"SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": host})
    for name, values in headers.items():
        request.META["HTTP_" + name.upper().replace("-", "_")] = ",".join(values)
    try:
        return {"scheme": request.scheme, "host": request.get_host(), "error": ""}
    except Exception as e:
        return {"scheme": "", "host": "", "error": type(e).__name__}
