"""The cart, as it lies in the session: what ../cart.go is to Go.

    session["cart"] == [{"sku": "coffee", "quantity": 2}, {"sku": "mug", "quantity": 1}]

A list, because its order is what the visitor sees. An empty cart is no cart at all.
"""

import json
from pathlib import Path

CATALOG = json.loads(Path(__file__).with_name("catalog.json").read_text(encoding="utf-8"))
PRODUCTS = {product["sku"]: product for product in CATALOG}

MOST = 99  # of one product


def add(session, sku):
    """Puts one more of a product into the cart."""
    cart = session.get("cart", [])
    for line in cart:
        if line["sku"] == sku:
            line["quantity"] = min(line["quantity"] + 1, MOST)
            break
    else:
        cart.append({"sku": sku, "quantity": 1})
    session["cart"] = cart


def remove(session, sku):
    """Takes a product out of the cart, however many there were."""
    cart = [line for line in session.get("cart", []) if line["sku"] != sku]
    if cart:
        session["cart"] = cart
    else:
        session.pop("cart", None)


def lines(session):
    """The cart as a page shows it, and what it costs."""
    shown, total = [], 0
    for line in session.get("cart", []):
        # A product that the shop no longer sells still lies in somebody's cart.
        product = PRODUCTS.get(line["sku"], {"name": line["sku"], "price": 0})
        cost = product["price"] * line["quantity"]
        total += cost
        shown.append({**line, "name": product["name"], "cost": money(cost)})
    return shown, money(total)


def money(cents):
    return "%d.%02d" % divmod(cents, 100)
