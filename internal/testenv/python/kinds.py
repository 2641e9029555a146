"""Random session dicts, of what an engine can hold: a kind each."""

import pickle

import pickled
import randomdict


class _Small(randomdict._Generator):
    """What fits into a cookie."""

    def session(self):
        return self.finished(self.dict(2, self.random.randrange(1, 6)))


class _Msgpack(randomdict._Generator):
    """Integers of 64 bits, and no lone surrogates."""

    def integer(self):
        number = super().integer()
        return number if -2**63 <= number < 2**64 else number % 2**63

    def text(self, longest=12):
        return super().text(longest).encode("utf-8", "replace").decode()


class _Pickled(pickled._Generator):
    """All that Python can pickle. Values share objects, but none in a cycle: Go refuses those."""

    def any(self, depth):
        if depth == 4:  # a value of the session
            self.made = []
        return super().any(depth)

    def session(self):
        while True:
            values = super().session()
            part = [self.moment(), {self.text(): self.integer()}]
            values.update({"part": part, "the part again": (part, part)})
            try:
                pickle.dumps(values, 4)
                return values
            except (TypeError, RecursionError, pickle.PicklingError):
                pass


_GENERATORS = {"json": randomdict._Generator, "small": _Small, "msgpack": _Msgpack, "pickle": _Pickled}


def dicts(kind, seed, count):
    """The same seed gives the same dicts. The kind is one of _GENERATORS."""
    generator = _GENERATORS[kind](seed)
    made = []
    while len(made) < count:
        made += [values for values in [generator.session()] if values]  # an empty one counts as not found
    return made


def difference(want, got):
    """What two session dicts differ in, or None. Objects need only be the same within one
    value of the session."""
    if list(want) != list(got):
        return "the session has other keys, or in another order"
    for name in want:
        found = pickled._Comparison().same(want[name], got[name], "a value")
        if found:
            return found
    return None
