"""The secret of a course, from which the seeds of a graded run are derived.

It is in the environment of the grader, or in a file that this names; nodes see neither. Without one the
seeds are the same for everybody, which is right for students and wrong for points.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

VARIABLE, FILE_VARIABLE = "AUTOGRADER_SECRET", "AUTOGRADER_SECRET_FILE"
PUBLIC = "course"  # what seeds are derived from where there is no secret
NO_SECRET = "public"  # its fingerprint
BITS = 256  # of a secret that is made here
FINGERPRINT = 12  # digits


def course_secret(environment: Mapping[str, str] = os.environ) -> str:
    """The secret; raises `OSError` for a file that cannot be read, `ValueError` for an empty one."""
    if named := environment.get(FILE_VARIABLE):
        secret = Path(named).read_text(encoding="utf-8").strip()
        if not secret:
            raise ValueError(
                f"{FILE_VARIABLE}: {named} is empty: write the course's secret into it"
            )
        return secret
    return environment.get(VARIABLE) or PUBLIC


def fingerprint(secret: str) -> str:
    """What tells secrets apart and says nothing of them; `NO_SECRET` for the one that all know."""
    if secret == PUBLIC:
        return NO_SECRET
    mac = hmac.new(secret.encode(), b"fingerprint of the course's secret", hashlib.sha256)
    return mac.hexdigest()[:FINGERPRINT]


def new_secret(file: Path) -> str:
    """Write a secret by chance into a new file that its owner alone can read; the secret's fingerprint.

    Raises `FileExistsError` rather than lose one that is there: its seeds could not be had again.
    """
    secret = secrets.token_hex(BITS // 8)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as opened:
        opened.write(f"{secret}\n")
        opened.flush()
        os.fsync(opened.fileno())
    return fingerprint(secret)
