"""Compare and swap in the table of DatabaseCache, by an UPDATE under the condition that the old value is there."""

import base64
import pickle
from datetime import datetime
from datetime import timezone as zones

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.utils import timezone

from . import Swap as Base
from . import readable


class DatabaseSwap(Base):
    """The Swap of DatabaseCache. The token is the text in the column value."""

    def __init__(self, cache):
        super().__init__(cache)
        if self.connection.vendor == "oracle":  # cannot compare a CLOB
            raise ImproperlyConfigured(
                "djsession: DatabaseCache on Oracle cannot compare and swap: use SESSION_ENGINE = 'djsession.db'"
            )

    @property
    def connection(self):
        return connections[router.db_for_write(self.cache.cache_model_class)]

    def read(self, key, again=False):
        condition, params = self.found(key)
        if again and self.connection.vendor == "mysql" and not self.connection.get_autocommit():
            condition += " FOR UPDATE"  # else the transaction's snapshot repeats the old row
        row, _ = self.execute("SELECT {value} FROM {table} WHERE " + condition, params)
        if row is None:
            return None, None
        return readable(lambda text: pickle.loads(base64.b64decode(text.encode())), row[0]), row[0]

    def swap(self, key, token, value, timeout):
        condition, params = self.found(key, token)
        text = base64.b64encode(pickle.dumps(value, self.cache.pickle_protocol)).decode("latin1")
        return self.write("UPDATE {table} SET {value} = %s, {expires} = %s WHERE " + condition, [text, self.until(timeout)] + params)

    def remove(self, key, token):
        condition, params = self.found(key, token)
        return self.write("DELETE FROM {table} WHERE " + condition, params)

    def found(self, key, token=None):
        """Return the condition that finds a row that has not expired, with the value token, and its parameters."""
        key, equal = self.full_key(key), "{} = %s"
        condition, params = "{cache_key} = %s", [key]
        if self.connection.vendor == "mysql":  # whose collations ignore case
            equal = "CAST(CONVERT({} USING utf8mb4) AS BINARY) = CAST(CONVERT(%s USING utf8mb4) AS BINARY)"
            condition, params = condition + " AND " + equal.format("{cache_key}"), params + [key]
        if token is not None:
            condition, params = condition + " AND " + equal.format("{value}"), params + [token]
        now = self.connection.ops.adapt_datetimefield_value(timezone.now())
        return condition + " AND {expires} >= %s", params + [now]

    def until(self, timeout):
        """Return when a value expires, as DatabaseCache stores it."""
        timestamp = self.cache.get_backend_timeout(timeout)
        if timestamp is None:
            until = datetime.max
        elif settings.USE_TZ and django.VERSION < (4,):
            until = datetime.utcfromtimestamp(timestamp)
        else:
            until = datetime.fromtimestamp(timestamp, tz=zones.utc if settings.USE_TZ else None)
        return self.connection.ops.adapt_datetimefield_value(until.replace(microsecond=0))

    def write(self, sql, params):
        _, count = self.execute(sql, params)
        return count > 0

    def execute(self, sql, params):
        """Execute a statement. Return the first row, or None, and how many rows there were."""
        quote = self.connection.ops.quote_name
        names = {name: quote(name) for name in ("cache_key", "value", "expires")}
        with self.connection.cursor() as cursor:
            cursor.execute(sql.format(table=quote(self.cache._table), **names), params)
            return (cursor.fetchone() if cursor.description else None), cursor.rowcount
