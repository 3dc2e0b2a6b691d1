"""The data types that histories are judged by, each a `Model`."""
