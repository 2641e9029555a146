"""The pages that Django serves. /cart/ is not among them: Go has taken it over."""

from django.contrib.auth.views import LoginView
from django.urls import path

import views

urlpatterns = [
    path("", views.products, name="products"),
    path("shop/cart/add/", views.add_to_cart, name="add"),
    path("shop/cart/remove/", views.remove_from_cart, name="remove"),
    path("login/", LoginView.as_view(template_name="login.html"), name="login"),
    path("logout/", views.log_out, name="logout"),
]
