"""The calls about django.contrib.messages."""

from django.contrib import messages
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.messages.storage import base
from django.contrib.messages.utils import get_level_tags
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.utils.safestring import mark_safe

from methods import method


@method
def visit_page(args):
    """{"settings", "cookie" (the header's text), "program", "status"}: visits a page of a site
    with sessions and messages. The program's steps are ["add", level, text, extra_tags, safe],
    ["get"], ["keep"] and ["level", n]. Gives {"status", "shown": of each get [level, text,
    extra_tags, tags, whether it is safe], "headers" with one Set-Cookie for each cookie}."""
    changes = dict(args.get("settings") or {})
    if "MESSAGE_TAGS" in changes:
        changes["MESSAGE_TAGS"] = {int(level): tag for level, tag in changes["MESSAGE_TAGS"].items()}
    with override_settings(**changes):
        base.LEVEL_TAGS = get_level_tags()
        return _visit(args)


def _visit(args):
    shown = []

    def view(request):
        for step in args["program"]:
            _do(request, step, shown)
        return HttpResponse(status=args.get("status") or 200)

    inner = convert_exception_to_response(MessageMiddleware(view))
    handler = convert_exception_to_response(SessionMiddleware(inner))
    extra = {"HTTP_COOKIE": args["cookie"]} if args.get("cookie") else {}
    response = handler(RequestFactory().get("/", **extra))
    headers = [[name, value] for name, value in response.items()]
    headers += [["Set-Cookie", cookie.OutputString()] for cookie in response.cookies.values()]
    return {"status": response.status_code, "shown": shown, "headers": headers}


def _do(request, step, shown):
    storage = messages.get_messages(request)
    if step[0] == "add":
        _, level, text, tags, safe = step
        messages.add_message(request, level, mark_safe(text) if safe else text, extra_tags=tags)
    elif step[0] == "get":
        shown.append([[m.level, m.message, m.extra_tags or "", m.tags, hasattr(m.message, "__html__")] for m in storage])
    elif step[0] == "keep":
        storage.used = False
    elif step[0] == "level":
        messages.set_level(request, step[1])
    else:
        raise ValueError("unknown step %r" % step[0])
