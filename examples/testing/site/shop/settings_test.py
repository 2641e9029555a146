import os
import tempfile

from shop.settings import *

directory = tempfile.TemporaryDirectory()
DATABASES["default"]["NAME"] = os.path.join(directory.name, "test.sqlite3")
