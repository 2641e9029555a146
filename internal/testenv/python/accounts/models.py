"""User models of a site's own."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, Permission, PermissionsMixin
from django.db import models


class Account(AbstractBaseUser, PermissionsMixin):
    """A UUID as its key and an e-mail address as its username, under names of its own, and no is_staff."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_column="account_no")
    email = models.EmailField(unique=True, db_column="mail")
    password = models.CharField(max_length=128, db_column="secret")
    is_active = models.BooleanField(default=True, db_column="enabled")
    groups = models.ManyToManyField(Group, related_name="accounts", related_query_name="account")
    user_permissions = models.ManyToManyField(Permission, related_name="accounts", related_query_name="account")

    objects = BaseUserManager()
    USERNAME_FIELD = "email"

    class Meta:
        db_table = "shop_customer"


class Member(AbstractBaseUser):
    """Text as its key; without is_active, and without permissions."""

    code = models.CharField(max_length=40, primary_key=True)
    username = models.CharField(max_length=150, unique=True)

    objects = BaseUserManager()
    USERNAME_FIELD = "username"
