"""The shop's pages."""

import json

import django
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

import cart


def shop(request):
    """What every page shows (a context processor)."""
    # Asked first: a login that is no longer valid ends the session, and the cart with it.
    request.user.is_authenticated
    lines, total = cart.lines(request.session)
    count = sum(line["quantity"] for line in lines)
    return {"cart": lines, "count": count, "total": total, "session": shown_session(request.session), "django_version": django.get_version()}


def shown_session(session):
    """The session's row, for the panel on every page. The key and the hash of the password are cut short."""
    session.items()  # a key that names no session is forgotten when it is loaded
    if not session.session_key:
        return {}
    members = []
    for name, value in session.items():
        text = json.dumps(value, separators=(",", ":"))
        if name == "_auth_user_hash":
            text = text[:9] + '…"'
        members.append('\n  "%s": %s' % (name, text))
    return {
        "key": session.session_key[:6] + "…",
        "written_by": session.get("written_by"),
        "json": "{%s\n}" % ",".join(members),
    }


def products(request):
    catalog = [{**product, "price": cart.money(product["price"])} for product in cart.CATALOG]
    return render(request, "products.html", {"products": catalog})


@require_POST
def add_to_cart(request):
    sku = request.POST.get("sku")
    if sku not in cart.PRODUCTS:
        raise Http404("no such product")
    cart.add(request.session, sku)
    return redirect("products")


@require_POST
def remove_from_cart(request):
    cart.remove(request.session, request.POST.get("sku"))
    return redirect("products")


def forbidden(request, reason=""):
    """Answers a form that the CSRF check refuses."""
    return render(request, "403.html", status=403)


@login_required
def order(request):
    """Takes the order that a form on Go's cart page sends. Who had to log in first comes
    back with a GET, and is shown that form again."""
    lines, total = cart.lines(request.session)
    if request.method != "POST" or not lines:
        return redirect("/cart/")
    request.session.pop("cart")
    messages.success(request, "Thank you, %s: your order for € %s is on its way." % (request.user.get_username(), total))
    return redirect("products")


class Password(SuccessMessageMixin, PasswordChangeView):
    template_name = "password.html"
    success_url = "/account/"  # Go's page, which shows the message
    success_message = "Your password is changed."
