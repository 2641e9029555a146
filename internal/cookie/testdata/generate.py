"""Writes what a real Django finds in Cookie headers, for the Go tests beside it.

    pip install "django==6.1.3" && python generate.py

Python 3.13. Makes parse.json in the directory of this script: the header's bytes,
and the value of the cookie "sessionid", null if there is none.
"""

import json
import pathlib
import random

from django.core.handlers.wsgi import get_str_from_wsgi
from django.http import parse_cookie

HEADERS = [
    "", ";", "=", "==", "; ;", "sessionid", "sessionid=", "=sessionid", "sessionid==a", "sessionid=a=b",
    "sessionid=a; sessionid=b", "sessionid=a; sessionid=", "sessionid=a; sessionid", "sessionid=a, sessionid=b",
    "Sessionid=a", "sessionid =a", " sessionid = a ; x=1", "\tsessionid\t=\ta\t", "xsessionid=a", "sessionid=a;x",
    "a b; sessionid=c", "sessionid=a\x00b", "\x00sessionid=a", "sessionid=a\x01", "sessionid=\x1ca\x1f", "\x1dsessionid\x1e=a",
    "sessionid=\x85a\xa0", "sessionid=\u2003a\u2003", "sessionid=\u200ba", "\ufeffsessionid=a", "sessionid=a\r\nb", "sessionid=a\nsessionid=b",
    'sessionid="a"', 'sessionid="a', 'sessionid=a"', 'sessionid="', 'sessionid=""', 'sessionid="""', 'sessionid="a"b"',
    'sessionid="a;b"', 'sessionid="a; sessionid=b"', r'sessionid="\""', r'sessionid="\\"', r'sessionid="\"', r'sessionid="a\"',
    r'sessionid="\101"', r'sessionid="\377"', r'sessionid="\400"', r'sessionid="\08"', r'sessionid="\1"', r'sessionid="\12"',
    r'sessionid="\1234"', r'sessionid="\073"', r'sessionid="\000"', r'sessionid="\é"', r'sessionid="\ 12"', r'sessionid="\+12"',
    r'sessionid="\_12"', r"sessionid=\101", 'sessionid="\\\n"', 'sessionid=é', 'sessionid="\\303\\251"', "séssionid=a; sessionid=b",
    "sessionid=" + "a" * 300, "sessionid=%61", "sessionid=a+b", "$Version=1; sessionid=a; $Path=/", "sessionid[]=a",
]


def main():
    r = random.Random(1)
    pieces = ["sessionid", "=", ";", " ", '"', "\\", "a", "0", "1", "3", "7", "8", "\t", "\x00", "\x1c", "\x7f", "é", "\xa0", ",", "x="]
    headers = HEADERS + ["".join(r.choices(pieces, k=r.randint(1, 14))) for _ in range(150)]
    headers += ["sessionid=" + "".join(r.choices(pieces, k=r.randint(1, 14))) for _ in range(250)]
    headers += ['sessionid="' + "".join(r.choices(pieces[4:13], k=r.randint(1, 10))) + '"' for _ in range(100)]
    cases = []
    for header in headers:
        environ = {"HTTP_COOKIE": header.encode().decode("latin-1")}
        cookies = parse_cookie(get_str_from_wsgi(environ, "HTTP_COOKIE", ""))
        cases.append({"header": header, "value": cookies.get("sessionid")})
    path = pathlib.Path(__file__).parent / "parse.json"
    path.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")


main()
