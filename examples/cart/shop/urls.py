"""The pages that Django serves. Go has taken over /cart/, /login/, /logout/ and /account/."""

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import path
from django.views.generic import RedirectView

import views

urlpatterns = [
    path("", views.products, name="products"),
    path("shop/cart/add/", views.add_to_cart, name="add"),
    path("shop/cart/remove/", views.remove_from_cart, name="remove"),
    path("shop/order/", views.order, name="order"),
    path("password/", views.Password.as_view(), name="password"),
    path("shop/login/", LoginView.as_view(template_name="login.html"), name="login"),  # as it was before LOGIN_URL became Go's
    # The admin's own login page is not needed.
    path("admin/login/", RedirectView.as_view(url="/login/", query_string=True)),
    path("admin/", admin.site.urls),
]
