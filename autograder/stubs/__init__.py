"""Stubs computed from solutions: `labs/<lab>/` is `solutions/<lab>/` less what a student writes.

In a Python file of `solutions/`, a region is the statements between two comment lines:

    async def get_task(self, request: GetTask) -> Task:
        '''Hand out a task, or say that there is none yet.'''
        # BEGIN SOLUTION: A task is idle, in progress or completed.
        ...
        # END SOLUTION

In a function, what takes its place raises NotImplementedError and names the function; in a class or
a module it is a comment. The hint after the colon becomes a comment, too. Whatever stands outside a
region is copied as it is, and so is every file without one.

`markers.py` finds the regions, `source.py` makes a stub of one file, `tree.py` keeps `labs/` true,
the notebooks among it, which `autograder.notebook.build` makes of the stubs.
"""

from autograder.stubs.markers import MarkerError, StubsError
from autograder.stubs.source import stub_source
from autograder.stubs.tree import Change, build, check

__all__ = ["Change", "MarkerError", "StubsError", "build", "check", "stub_source"]
