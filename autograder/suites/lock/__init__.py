"""lock."""

MODULES: tuple[str, ...] = ()
