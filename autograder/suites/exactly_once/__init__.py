"""exactly_once."""

MODULES: tuple[str, ...] = ()
