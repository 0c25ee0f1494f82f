"""Long files are read by several processes: blocks go out, columns come back in shared memory.

`ahead` hands blocks to `decoders`, each of which runs `child` in a process of its own; `slots` is
the memory that both see.
"""

from karn_view.decoding.ahead import Reading

__all__ = ["Reading"]
