"""The Go program and the calls to it: one JSON object per line in each direction."""
import base64
import datetime
import json
import logging
import subprocess
import threading
import time

LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARN": logging.WARNING, "ERROR": logging.ERROR}


class GoError(Exception):
    """An error that Go returned."""

    def __init__(self, kind, message, result=None):
        super().__init__("%s (%s)" % (message, kind))
        self.kind, self.result = kind, result


class Disagreement(AssertionError):
    """Go and Django give different answers."""


class Bridge:
    """The Go program, and what it was asked during the current test."""

    def __init__(self):
        self.process = None
        self.lock = threading.RLock()
        self.last = 0
        self.asked = []  # the operations that count, since the list was last emptied
        self.disagreements = []
        self.notes = set()
        self.answers = []  # functions that answer what Go asks, those of the innermost call last
        self.counts = lambda op: True  # whether an operation says that the test reached Go
        self.more_settings = dict  # returns settings that every site gets
        self.test = ""  # the id of the current test
        self.not_applicable = False  # the current test runs with Django's own code
        self.guarded = None  # the request that user_passes_test turned away

    def start(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def write(self, message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def call(self, op, args=None, site=None, now=None, answers=None, settings=None):
        """Calls Go. settings are added to those of the site."""
        if site is not None:
            site = {**site, **self.more_settings(), **(settings or {})}
        with self.lock:
            self.last += 1
            if self.counts(op):
                self.asked.append(op)
            self.answers.append(answers or {})
            try:
                self.write({"id": self.last, "op": op, "now": instant(time.time() if now is None else now),
                            "site": site, "args": args})
                return self.read(self.last)
            finally:
                self.answers.pop()

    def read(self, number):
        mistake = None
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise GoError("bridge", "the Go program has ended")
            message = json.loads(line)
            if "ask" in message:
                answer = next(a[message["ask"]] for a in reversed(self.answers) if message["ask"] in a)
                try:
                    self.write({"return": answer(**message["args"])})
                except Exception as e:
                    mistake = e
                    self.write({"return": {"raised": True}})
                continue
            assert message["id"] == number, message
            for text in message.get("logs") or ():
                level, _, text = text.partition(" ")
                logging.getLogger("django.security.SuspiciousSession").log(LEVELS[level], text)
            if mistake:
                raise mistake
            if message.get("kind"):
                raise GoError(message["kind"], message["message"], message["result"])
            return message["result"]

    def disagree(self, text):
        """Fails the test, even if it catches the exception."""
        self.disagreements.append(text)
        raise Disagreement(text)

    def only_if_not_applicable(self, what):
        """Called where Django's own code answers the test: fails a test that counts."""
        if not self.not_applicable:
            raise NotImplementedError("not bridged: %s" % what)

    def note(self, text):
        """Adds to the report something that Go does only in part."""
        self.notes.add(text)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


BRIDGE = Bridge()


def instant(t):
    """A time as seconds and nanoseconds."""
    if isinstance(t, datetime.datetime):
        t = as_aware(t)
        return [int(t.replace(microsecond=0).timestamp()), t.microsecond * 1000]
    return [int(t // 1), int(t % 1 * 1e9)]


def as_aware(t):
    from django.utils import timezone
    return timezone.make_aware(t, timezone.get_default_timezone()) if timezone.is_naive(t) else t


def b64(value):
    from django.utils.encoding import force_bytes
    return base64.b64encode(force_bytes(value)).decode()


def un64(text):
    return base64.b64decode(text or "").decode()


def header64(text):
    """A value of META as it was sent."""
    text = str(text)
    try:
        return base64.b64encode(text.encode("latin-1")).decode()
    except UnicodeEncodeError:
        return b64(text)


def to_json(value):
    return json.dumps(value, separators=(",", ":"))
