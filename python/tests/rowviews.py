"""Views of the tests, for the whole way through Django's middleware."""
from django.http import HttpResponse
from django.urls import path


def change(request):
    """Set what the query names; on the way, another request does what the test wants."""
    request.session.get("anything")  # loaded
    meanwhile.pop()()
    for key, value in request.GET.items():
        request.session[key] = value
    return HttpResponse()


def count(request):
    def add(session):
        session["n"] = session.get("n", 0) + 1
        return session["n"]
    return HttpResponse(request.session.update_atomically(add))


def login(request):
    from django.contrib.auth import login as djangos
    from django.contrib.auth.models import User
    request.session.get("anything")  # loaded
    meanwhile.pop()()
    djangos(request, User.objects.get(username="ann"), "django.contrib.auth.backends.ModelBackend")
    return HttpResponse()


meanwhile = []
urlpatterns = [path("change", change), path("count", count), path("login", login)]
