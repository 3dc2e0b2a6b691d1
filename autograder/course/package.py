"""The zip for Gradescope: the files that judge, and the two scripts that Gradescope runs."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from autograder.catalog import REPOSITORY, Lab
from autograder.course.export import judging_files
from autograder.course.gradescope import PLAN, SECRET, Plan
from autograder.course.settings import CourseSettings
from autograder.secret import PUBLIC, course_secret

MOMENT = (1980, 1, 1, 0, 0, 0)  # the first that a zip can say: the same files give the same bytes
EXECUTABLE, PLAIN, PRIVATE = 0o100755, 0o100644, 0o100600

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, as it makes the image: a Python that will do, and the libraries.
set -euo pipefail
home=${AUTOGRADER_HOME:-/autograder}
cd "$home/source"

fits() {
    "$1" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null
}

choose() {
    for python in python3 python3.13 python3.12 python3.11 python3.14; do
        if fits "$python"; then echo "$python"; return; fi
    done
}

if [ -z "$(choose)" ]; then
    apt-get update
    apt-get install -y python3.12 python3.12-venv || apt-get install -y python3.11 python3.11-venv
fi
"$(choose)" -m venv "$home/venv"
"$home/venv/bin/pip" install --constraint requirements.txt setuptools
"$home/venv/bin/pip" install --constraint requirements.txt --no-build-isolation -e .
if [ -f secret ]; then chmod 600 secret; fi
"""

RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for each submission; it leaves results/results.json.
set -euo pipefail
home=${AUTOGRADER_HOME:-/autograder}
cd "$home/source"
exec "${AUTOGRADER_PYTHON:-$home/venv/bin/python}" -m autograder.course.gradescope "$home"
"""

README = (
    "What grades one lab on Gradescope. It may hold the course's secret: give it to nobody else.\n"
)


def pack(lab: Lab, settings: CourseSettings, file: Path) -> bool:
    """Write the zip in one step; whether the course's secret is in it. Raises `Refused`."""
    terms = settings.terms(lab)
    terms.check_secret()
    secret = course_secret(terms.environment())
    entries = list(contents(plan_of(lab, settings, secret), secret))
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".new-") as folder:
        made = Path(folder, "zip")
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as package:
            for name, mode, data in sorted(entries):
                info = zipfile.ZipInfo(name, MOMENT)
                info.external_attr = mode << 16
                info.create_system = 3  # where files have modes
                package.writestr(info, data)
        made.chmod(0o600)
        os.replace(made, file)
    return secret != PUBLIC


def plan_of(lab: Lab, settings: CourseSettings, secret: str) -> Plan:
    """What the package is told of the course: this lab alone, and where it has the secret."""
    own = {name: said for name, said in settings.labs.items() if name == lab.name}
    kept = {name: msgspec.structs.replace(said, secret_file=None) for name, said in own.items()}
    file = SECRET if secret != PUBLIC else None
    return Plan(
        lab.name, msgspec.structs.replace(settings, secret_file=file, folder=".", labs=kept)
    )


def contents(plan: Plan, secret: str) -> Iterator[tuple[str, int, bytes]]:
    """Names, modes and contents."""
    for path in judging_files():
        yield path.as_posix(), PLAIN, (REPOSITORY / path).read_bytes()
    yield "README.md", PLAIN, README.encode()
    yield "setup.sh", EXECUTABLE, SETUP.encode()
    yield "run_autograder", EXECUTABLE, RUN.encode()
    yield PLAN, PLAIN, msgspec.json.format(msgspec.json.encode(plan)) + b"\n"
    if plan.settings.secret_file:
        yield SECRET, PRIVATE, f"{secret}\n".encode()
