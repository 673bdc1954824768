"""Python's collector of cycles, for a process that plays a scenario."""

import gc

__all__ = ["spare_collector"]


def spare_collector() -> None:
    """Have the collector look seldom, and never at what there is by now: worlds are large and make no cycles, and
    looking for them as often as Python does costs up to a twentieth of all time. Call it once all is loaded.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
