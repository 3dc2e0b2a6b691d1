"""What nbgrader reads in this folder: `nbgrader autograde LAB` grades by the suites, without a kernel."""

import sys
from pathlib import Path

COURSE = Path(__file__).resolve().parent
sys.path.insert(0, str(COURSE))  # for a clone that is not installed

from autograder.nbgrading.settings import configure  # noqa: E402

configure(get_config(), COURSE)  # type: ignore[name-defined]  # noqa: F821
