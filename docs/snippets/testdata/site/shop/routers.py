SESSIONS = {"sessions", "shop"}


class Routed:
    """Keeps the sessions, and nothing else, in a database of their own."""

    reads = "sessions"

    def db_for_read(self, model, **hints):
        return self.reads if model._meta.app_label in SESSIONS else None

    def db_for_write(self, model, **hints):
        return "sessions" if model._meta.app_label in SESSIONS else None

    def allow_migrate(self, database, app_label, **hints):
        return (app_label in SESSIONS) == (database != "default")


class Replicated(Routed):
    """Reads them from a replica, which here never learns of a change."""

    reads = "replica"
