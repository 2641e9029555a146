"""The shop's pages."""

import django
from django.contrib.auth import logout
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

import cart


def shop(request):
    """What every page shows (a context processor)."""
    lines, total = cart.lines(request.session)
    return {"cart": lines, "total": total, "django_version": django.get_version()}


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


@require_http_methods(["GET", "POST"])
def log_out(request):
    """Asks first: the links to this page on Go's side cannot post to Django."""
    if request.method == "GET":
        return render(request, "logout.html")
    logout(request)
    return redirect("products")
