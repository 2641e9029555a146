"""The asynchronous methods, which Django has from 5.1."""
import inspect

from django.contrib.sessions.backends.base import SessionBase

try:
    from asgiref.sync import async_to_sync, sync_to_async
except ImportError:  # Django 2.2
    pass


class Async:
    """A mixin whose methods call the synchronous ones in a thread, as Django does for whatever needs a transaction."""

    async def aload(self):
        return await sync_to_async(self.load)()

    async def asave(self, must_create=False):
        return await sync_to_async(self.save)(must_create)

    async def adelete(self, session_key=None):
        return await sync_to_async(self.delete)(session_key)

    async def acycle_key(self):
        return await sync_to_async(self.cycle_key)()

    # Once the session is loaded, the synchronous ones need no thread.

    async def aset(self, key, value):
        await self._aget_session()
        self[key] = value

    async def aupdate(self, dict_):
        await self._aget_session()
        self.update(dict_)

    async def apop(self, key, *args, **kwargs):
        await self._aget_session()
        return self.pop(key, *args, **kwargs)

    async def adelete_test_cookie(self):
        await self._aget_session()
        self.delete_test_cookie()

    async def aupdate_atomically(self, f):
        """See update_atomically(). f is a function or a coroutine function."""
        if inspect.iscoroutinefunction(f):
            f = async_to_sync(f)
        return await sync_to_async(self.update_atomically)(f)


if not hasattr(SessionBase, "asave"):
    class Async:  # noqa: F811
        """Nothing: this Django has no asynchronous sessions."""
