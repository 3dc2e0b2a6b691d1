"""storage."""

MODULES: tuple[str, ...] = ()
