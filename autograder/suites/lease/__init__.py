"""lease."""

MODULES: tuple[str, ...] = ()
