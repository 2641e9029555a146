"""Password hashers as the Go program expects them to be described."""
import django
from django.contrib.auth import hashers

# The attributes of Django's hashers that are Parameters in Go.
ATTRIBUTES = {
    "pbkdf2_sha256": ["iterations"], "pbkdf2_sha1": ["iterations"], "argon2": ["time_cost", "memory_cost", "parallelism"],
    "bcrypt_sha256": ["rounds"], "bcrypt": ["rounds"], "scrypt": ["work_factor", "block_size", "parallelism", "maxmem"],
}


def hashers_of_settings():
    return [h for h in hashers.get_hashers() if h.algorithm != "crypt"]


def own_class(hasher):
    """The class of Django's that a hasher derives from."""
    return next(c for c in type(hasher).__mro__ if c.__module__ == "django.contrib.auth.hashers")


def entry(hasher):
    """A hasher's entry in Go's PASSWORD_HASHERS: its path, or its algorithm for a subclass of the tests that has no
    parameters in Go."""
    if type(hasher) is own_class(hasher) or hasher.algorithm in ATTRIBUTES:
        return "%s.%s" % (type(hasher).__module__, type(hasher).__qualname__)
    return hasher.algorithm


def parameters(hasher):
    """The attributes in which a hasher differs from Django's class."""
    own = own_class(hasher)
    return {a: getattr(hasher, a) for a in ATTRIBUTES[hasher.algorithm] if getattr(hasher, a) != getattr(own, a)}


def hashing(preferred=None, only=False, explicit=False):
    """Options for Go's hashers. With explicit, the preferred hasher has an entry in Parameters even if it has none."""
    all_ = hashers_of_settings()
    preferred = preferred or all_[0]
    listed = [preferred] if only else [preferred] + [h for h in all_ if h is not preferred]
    spec = {"version": "%d.%d" % django.VERSION[:2], "hashers": [entry(h) for h in listed], "parameters": {}}
    for h in listed:
        if h.algorithm in ATTRIBUTES:
            p = parameters(h)
            if p or type(h) is not own_class(h) or explicit and h is preferred:
                spec["parameters"].setdefault(entry(h), {"algorithm": h.algorithm, **p})
    return spec
