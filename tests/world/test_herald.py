"""The herald: what was not told yet, and when it happened."""

import pickle

from pvws.sim.kernel import Kernel
from pvws.world.herald import Herald


def test_what_happened_is_kept_in_order_until_somebody_tells_it() -> None:
    herald = Herald(Kernel(0))
    assert herald.outbox == []
    herald.outbox.append("first")
    herald.outbox.append("second")
    assert herald.outbox == ["first", "second"]


def test_a_cue_is_told_before_anything_else_happens() -> None:
    kernel = Kernel(0)
    herald = Herald(kernel)
    kernel.schedule(1, herald.outbox.append, "before")
    kernel.schedule(2, herald.cue, "cue")
    kernel.schedule(2, herald.outbox.append, "behind")
    kernel.run_on(9, herald.outbox, 100)
    assert herald.outbox == ["before", "cue"]


def test_now_is_the_kernels_to_the_millisecond() -> None:
    kernel = Kernel(1_704_067_200_000_999)
    herald = Herald(kernel)
    assert herald.now.text == "2024-01-01T00:00:00.000Z"
    kernel.run(1_704_067_200_001_000)
    assert herald.now.text == "2024-01-01T00:00:00.001Z"


def test_a_herald_is_pickled_with_its_kernel() -> None:
    kernel = Kernel(0)
    copy, herald = pickle.loads(pickle.dumps((kernel, Herald(kernel))))
    copy.run(5_000_000)
    assert herald.now.micros == 5_000_000
