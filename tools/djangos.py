"""Sets up a virtual environment for each Django pinned in compat_test/djangos.json.

tools/setup runs this, with any Python from 3.8 on. An environment that is complete is
left as it is; one that is not is built afresh. What was set up, and what was left out
for want of a Python, is written to .cache/djangos.json.
"""

import argparse
import concurrent.futures
import fcntl
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PINS = os.path.join(ROOT, "compat_test", "djangos.json")
STATE = os.path.join(ROOT, ".cache", "djangos.json")
STAMP = "djsession.json"

# Run by a candidate Python: proves that it works and can make an environment.
PROBE = """
import importlib.util, json, sys
lacks = [module for module in ("_ssl", "zlib", "_sqlite3", "venv", "ensurepip") if not importlib.util.find_spec(module)]
print(json.dumps({"python": sys.executable, "version": "%d.%d.%d" % sys.version_info[:3], "lacks": lacks}))
"""

# Run inside a finished environment: proves that Django, the drivers and what password hashers need load.
INSPECT = """
import json, sys, sqlite3, django
drivers = {}
if sys.argv[1] == "full":
    import argon2, bcrypt, django_redis
    import MySQLdb
    drivers["mysqlclient"] = ".".join(str(part) for part in MySQLdb.version_info[:3])
    try:
        import psycopg
        drivers["psycopg"] = psycopg.__version__
    except ImportError:
        import psycopg2
        drivers["psycopg2"] = psycopg2.__version__.split()[0]
print(json.dumps({"version": django.get_version(), "python_version": "%d.%d.%d" % sys.version_info[:3],
                  "sqlite": sqlite3.sqlite_version, "drivers": drivers}))
"""

# Run inside an environment: compiles Django once, and not in each of the tests' processes that come first to a module.
COMPILE = "import compileall, django; compileall.compile_dir(django.__path__[0], quiet=2)"

# What pip says when it cannot reach the package index.
NO_NETWORK = re.compile(r"from versions: none|NewConnectionError|ConnectTimeout|ProxyError|Temporary failure in name")


class SetupError(Exception):
    """Something that the user can put right; the message says how."""


def say(message):
    print("setup: " + message, file=sys.stderr, flush=True)


def cache_dir():
    given = os.environ.get("DJSESSION_CACHE")
    if given:
        return os.path.abspath(given)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "djsession")


def output_of(command, timeout=30):
    """The command's stdout, or None if it failed in any way."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=timeout)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None


# ---- Finding Pythons

def pyenv_root():
    for root in (os.environ.get("PYENV_ROOT"), os.path.expanduser("~/.pyenv")):
        if root and os.path.isdir(root):
            return root
    return output_of(["pyenv", "root"]) if shutil.which("pyenv") else None


def candidates(minor):
    """Paths that may be Python `minor` ("3.12"), likeliest first."""
    pyenv = pyenv_root()
    shims = os.path.join(pyenv, "shims") if pyenv else None
    for directory in os.environ.get("PATH", os.defpath).split(os.pathsep) + ["/usr/bin"]:
        # A pyenv shim answers for a version that is installed but not selected with
        # an error; the versions themselves are looked at below.
        if directory and directory != shims:
            yield os.path.join(directory, "python" + minor)
    if pyenv:
        installed = glob.glob(os.path.join(glob.escape(pyenv), "versions", minor + ".*", "bin", "python"))
        for path in sorted(installed, key=lambda p: [int(n) for n in re.findall(r"\d+", p)], reverse=True):
            yield path
    for name in ("python3", "python"):
        found = shutil.which(name)
        if found:
            yield found
    uv = shutil.which("uv")
    if uv:
        found = output_of(["env", "UV_PYTHON_DOWNLOADS=never", uv, "python", "find", minor])
        if found:
            yield found


class Pythons:
    """The Pythons of this machine, each asked once."""

    def __init__(self):
        self.probed = {}
        self.unfit = {}

    def probe(self, path):
        if path not in self.probed:
            answer = output_of([path, "-I", "-c", PROBE]) if os.access(path, os.X_OK) else None
            try:
                self.probed[path] = json.loads(answer) if answer else None
            except ValueError:
                self.probed[path] = None
        return self.probed[path]

    def find(self, minors):
        """The first usable Python of these minor versions, in their order, or None."""
        for minor in minors:
            for path in candidates(minor):
                found = self.probe(path)
                if not found or not found["version"].startswith(minor + "."):
                    continue
                if not found["lacks"]:
                    return found
                self.unfit[minor] = "%s lacks %s" % (path, ", ".join(found["lacks"]))
        return None

    def reason(self, minors):
        """Why find returned None."""
        looked = "no Python %s on PATH, in pyenv or through uv" % " or ".join(minors)
        unfit = [self.unfit[minor] for minor in minors if minor in self.unfit]
        if unfit:
            looked += " that can make a virtual environment (%s; Debian: install python3-venv)" % "; ".join(unfit)
        return looked


# ---- Building environments

class Environment:
    """One Django's virtual environment: a full one has the drivers of databases and caches, what the password hashers
    need, and, for one Django, the session engines of other packages."""

    def __init__(self, pin, python, full):
        self.pin = pin
        self.full = full
        self.base_python = python["python"]
        self.tools = list(pin["build"]) if full else []
        self.requirements = list(pin["requirements"])
        if full:
            self.requirements += pin["drivers"] + pin["hashers"] + pin["caches"] + pin.get("sessions", [])
        identity = json.dumps([self.tools, self.requirements, python["version"], self.base_python])
        name = "%s-%s" % (pin["name"], hashlib.sha256(identity.encode()).hexdigest()[:12])
        self.path = os.path.join(cache_dir(), "venvs", name)
        self.python = os.path.join(self.path, "bin", "python")

    def ready(self):
        """What the finished environment holds, or None if it has to be built."""
        try:
            with open(os.path.join(self.path, STAMP)) as stamp:
                facts = json.load(stamp)
        except (OSError, ValueError):
            return None
        return facts if output_of([self.python, "-I", "-S", "-c", "print('works')"]) == "works" else None

    def make(self):
        facts = self.ready()
        if facts is None:
            say("building the environment of Django %s" % self.pin["version"])
            facts = self.build()
        return facts

    def build(self):
        shutil.rmtree(self.path, ignore_errors=True)
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        log_path = self.path + ".log"
        with open(log_path, "wb") as log:
            self.run(log, [self.base_python, "-I", "-m", "venv", self.path])
            pip = [self.python, "-I", "-m", "pip", "--no-input", "--disable-pip-version-check"]
            install = pip + ["install", "--no-deps", "--no-compile", "--progress-bar", "off"]
            if self.tools:
                self.run(log, install + self.tools)
            self.run(log, install + ["--no-build-isolation"] + sorted(set(self.requirements)))
            self.run(log, pip + ["check"])
            self.run(log, [self.python, "-I", "-c", COMPILE])
            printed = self.run(log, [self.python, "-I", "-c", INSPECT, "full" if self.full else "plain"])
        facts = json.loads(printed.splitlines()[-1])
        if facts["version"] != self.pin["version"]:
            raise SetupError("Django %s is pinned, but %s was installed: correct compat_test/djangos.json"
                             % (self.pin["version"], facts["version"]))
        # The stamp comes last and at once: without it the environment counts as unfinished.
        write_json(os.path.join(self.path, STAMP), facts)
        os.remove(log_path)
        return facts

    def run(self, log, command):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("PYTHON") and name not in ("PIP_USER", "PIP_TARGET", "PIP_PREFIX")}
        environment["LC_ALL"] = "C.UTF-8"
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=environment)
        log.write(done.stdout)
        log.flush()
        if done.returncode == 0:
            return done.stdout.decode("utf-8", "replace")
        output = done.stdout.decode("utf-8", "replace")
        if NO_NETWORK.search(output):
            raise SetupError("Django %s could not be downloaded: the package index was not reached; is the network there?"
                             % self.pin["version"])
        print("\n".join("    " + line for line in output.splitlines()[-15:]), file=sys.stderr)
        raise SetupError("Django %s could not be set up: the lines above say why (all of it: %s)"
                         % (self.pin["version"], log.name))


class OwnTests:
    """The folder tests/ of a Django's source, for compat_test/djangotests. Pins with source_sha256 have one."""

    def __init__(self, environment):
        self.environment = environment
        self.pin = environment.pin
        name = "%s-%s" % (self.pin["name"], self.pin["source_sha256"][:12])
        self.path = os.path.join(cache_dir(), "sources", name)

    def make(self):
        """The path of tests/, which is downloaded if it is not there."""
        tests = os.path.join(self.path, "tests")
        if not os.path.isdir(tests):
            say("downloading the tests of Django %s" % self.pin["version"])
            self.download()
        return tests

    def download(self):
        unfinished = self.path + ".unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        os.makedirs(unfinished)
        with open(self.path + ".log", "wb") as log:
            self.environment.run(log, [
                self.environment.python, "-I", "-m", "pip", "--no-input", "--disable-pip-version-check", "download",
                "--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--progress-bar", "off", "-d", unfinished,
                "Django==" + self.pin["version"]])
        [archive] = glob.glob(os.path.join(glob.escape(unfinished), "*.tar.gz"))
        with open(archive, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        if digest != self.pin["source_sha256"]:
            raise SetupError("the source of Django %s has the SHA-256 %s, which is not source_sha256 in compat_test/djangos.json"
                             % (self.pin["version"], digest))
        with tarfile.open(archive) as tar:
            for member in tar:
                name = member.name.partition("/")[2]  # without django-5.2.19/
                if member.isfile() and name.startswith("tests/"):
                    path = os.path.join(unfinished, name)
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with open(path, "wb") as file:
                        shutil.copyfileobj(tar.extractfile(member), file)
        os.remove(archive)
        os.replace(unfinished, self.path)
        os.remove(self.path + ".log")


def write_json(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    unfinished = "%s.%d" % (path, os.getpid())
    with open(unfinished, "w") as file:
        json.dump(value, file, indent=2)
        file.write("\n")
    os.replace(unfinished, path)


class Lock:
    """Keeps two runs from building in the same cache at once."""

    def __enter__(self):
        os.makedirs(cache_dir(), exist_ok=True)
        self.file = open(os.path.join(cache_dir(), "lock"), "w")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("waiting for another run of tools/setup")
            fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *exception):
        self.file.close()


# ---- What was asked for

def set_up_newest(pins):
    """Prints the path of a Python that has the newest Django this machine can run."""
    pythons = Pythons()
    for pin in reversed(pins["djangos"]):
        python = pythons.find(pin["pythons"])
        if python:
            full = Environment(pin, python, full=True)
            chosen = full if full.ready() else Environment(pin, python, full=False)
            with Lock():
                facts = chosen.make()
            say("Django %s on Python %s" % (facts["version"], facts["python_version"]))
            print(chosen.python)
            return
    newest = pins["djangos"][-1]
    raise SetupError("cannot run Django: " + pythons.reason(newest["pythons"]))


def set_up_all(pins, pins_digest, require_all):
    pythons = Pythons()
    states, environments = [], {}
    for pin in pins["djangos"]:
        state = {"name": pin["name"], "version": pin["version"]}
        states.append(state)
        python = pythons.find(pin["pythons"])
        if python:
            environments[pin["name"]] = Environment(pin, python, full=True)
        else:
            state["missing"] = pythons.reason(pin["pythons"])

    failures = []
    with Lock(), concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        running = {name: pool.submit(environment.make) for name, environment in environments.items()}
        for state in states:
            if state["name"] not in running:
                continue
            try:
                facts = running[state["name"]].result()
                state["python"] = environments[state["name"]].python
                state.update(facts)
                if "source_sha256" in environments[state["name"]].pin:
                    state["tests"] = OwnTests(environments[state["name"]]).make()
            except SetupError as failure:
                failures.append(str(failure))
    if failures:
        raise SetupError("\nsetup: ".join(failures))

    write_json(STATE, {"pins": pins_digest, "djangos": states})
    left_out = [state for state in states if "missing" in state]
    for state in states:
        if "missing" in state:
            say("Django %s left out: %s" % (state["version"], state["missing"]))
        else:
            say("Django %s on Python %s" % (state["version"], state["python_version"]))
    if len(left_out) == len(states):
        raise SetupError("no Django can run here: install one of the Pythons named above")
    if left_out and require_all:
        raise SetupError("all Djangos are required, and %d of %d were left out" % (len(left_out), len(states)))


def main():
    parser = argparse.ArgumentParser(prog="tools/setup")
    parser.add_argument("--require", choices=["all"])
    parser.add_argument("--newest", action="store_true")
    options = parser.parse_args()
    with open(PINS, "rb") as file:
        text = file.read()
    pins = json.loads(text)
    try:
        if options.newest:
            set_up_newest(pins)
        else:
            set_up_all(pins, hashlib.sha256(text).hexdigest(), options.require == "all")
    except SetupError as failure:
        say(str(failure))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


main()
