"""The suites: one folder for each lab, one test for each behaviour.

A test is a coroutine that takes the `cluster`; its docstring is the promise that a student reads when
it fails; `@points` says what it is worth. It runs over several seeds, and passes if all of them do.
"""
