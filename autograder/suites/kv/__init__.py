"""kv."""

MODULES: tuple[str, ...] = ()
