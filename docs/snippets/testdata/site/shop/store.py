from django.contrib.sessions.backends.db import SessionStore as DBStore


class SessionStore(DBStore):
    @classmethod
    def get_model_class(cls):
        from shop.models import Visit

        return Visit

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.account_id = data.get("account", "nobody")
        return row
