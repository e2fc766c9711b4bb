"""The product's settings on a data folder of the tests' own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

os.environ["MUSTER_DATA"] = tempfile.mkdtemp(prefix="muster-test-")
atexit.register(shutil.rmtree, os.environ["MUSTER_DATA"], ignore_errors=True)
os.environ["MUSTER_DATABASE_URL"] = os.environ.get("MUSTER_TEST_DATABASE_URL", "")

from muster.config.settings import *  # noqa: E402, F403

# A test that waits for an event looks again at once.
COUNTS_KEPT = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A test holds one connection for as long as it likes.
DATABASES["default"]["CONN_MAX_AGE"] = None  # noqa: F405
