"""Hand-ins: a student's files, collected from whatever was handed in.

They come from `.py` files (`kv/server.py`, `server.py`, or in a subfolder), from the `%%writefile` cells of
notebooks, or from both. Everything in such a folder is hostile: no link is followed, nothing is run,
and what is looked at is bounded in number and in size.

`folder.py` looks around in the folder, `sources.py` finds the texts that there are of each file, `texts.py`
makes them plain, `choice.py` decides between them.
"""

from autograder.handin.choice import HandIn, collect, write

__all__ = ["HandIn", "collect", "write"]
