"""What people type as their names."""

import random
import unicodedata

_WHOLE = ["ann", "Ann", " ann ", "\tann\n", "\u00a0ann\u3000", "\x1cann\x1f", "\u200bann", "\ufeffann", "a\u0301nn", "\u00e1nn", "\u212b", "\ufb01sh",
          "\uff21\uff4e\uff4e", "\u2460\u00bd\u2167", "\u1e9b\u0323", "\u0344", "\uac01", "\u1100\u1161\u11a8", "\u3300", "\ufdfa", "\U0001d400nn",
          "a\u0315\u0300\u05aeb", "\u0958", "\u2126", "\u2003a\u2003b\u2003", "\u0085ann\u2028", "I\u0307", "\u0130", "\u017f", "ann\\", "'\";--"]


def typed_in(seed, count):
    """Names that the form's field takes: not empty, and without NULs."""
    # In Unicode since 3.2, so that every Python and Go agree on what they are.
    blocks = [range(0x20, 0x3400), range(0xAC00, 0xAD00), range(0xF900, 0xFFFE), range(0x1D400, 0x1D800), range(0x2F800, 0x2FA1E)]
    known = [chr(code) for block in blocks for code in block if unicodedata.ucd_3_2_0.category(chr(code)) not in ("Cn", "Co")]
    changed = [letter for letter in known if unicodedata.normalize("NFKC", letter) != letter]
    marks = [letter for letter in known if unicodedata.combining(letter)]
    chooser = random.Random(seed)
    names = list(_WHOLE)
    while len(names) < count:
        name = "".join(chooser.choice(chooser.choice([known, changed, marks, "abcdefghij ", "\u3000\x1d\x85 \u2009"]))
                       for _ in range(chooser.randrange(1, 25)))
        if name.strip():
            names.append(name)
    return names[:count]
