"""Give memory that nobody uses any more back to the machine."""

import ctypes
import sys

import pyarrow as pa


def give_back() -> None:
    """Give back what allocators keep of finished work.

    Threads that counted leave heaps of their own behind, which nobody else fills: some hundred megabytes that the next
    stage would come on top of.
    """
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        # Only glibc keeps heaps, and knows the call.
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
