"""The shop's pages."""

import django
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

import cart


def shop(request):
    """What every page shows (a context processor)."""
    # Asked first: a login that no longer holds takes its session, and the cart, with it.
    request.user.is_authenticated
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
