"""The ziggurat: layers of one size that end at the top, and variates that are what they are called."""

import importlib.util
import math
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import pytest

from pvws.sim import ziggurat
from pvws.sim.chance import Stream
from tests.sim.fit import fits

DRAWS = 100_000


def fresh_module() -> ModuleType:
    """The module as a process has it that has drawn nothing yet, interpreted."""
    source = Path(ziggurat.__file__).with_name("ziggurat.py")
    spec = importlib.util.spec_from_file_location("fresh_ziggurat", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def tables() -> None:
    stream = Stream(0, "any")
    stream.exponential(1.0)
    stream.normal(0.0, 1.0)


def scripted(*numbers: float) -> Callable[[], float]:
    """A `random` that gives these numbers and then fails."""
    return iter(numbers).__next__


def exponential(x: float) -> float:
    return 1 - math.exp(-x)


def normal(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def test_exponential_layers_are_of_one_size_and_end_at_the_top() -> None:
    edges = [width for _, width in ziggurat.EXPONENTIAL]
    heights = [*(math.exp(-edge) for edge in edges), 1.0]
    lowest = edges[1] * heights[1] + math.exp(-edges[1])
    assert edges[0] * heights[1] == pytest.approx(lowest, rel=1e-13)
    for layer in range(1, 256):
        assert edges[layer] * (heights[layer + 1] - heights[layer]) == pytest.approx(lowest, rel=1e-11)


def test_normal_layers_are_of_one_size_and_end_at_the_top() -> None:
    edges = [width for _, width in ziggurat.NORMAL[::2]]
    heights = [*(math.exp(-edge * edge / 2) for edge in edges), 1.0]
    lowest = edges[1] * heights[1] + math.sqrt(math.pi / 2) * math.erfc(edges[1] / math.sqrt(2))
    assert edges[0] * heights[1] == pytest.approx(lowest, rel=1e-13)
    for layer in range(1, 256):
        assert edges[layer] * (heights[layer + 1] - heights[layer]) == pytest.approx(lowest, rel=1e-11)


@pytest.mark.parametrize("layers", [ziggurat.EXPONENTIAL, ziggurat.NORMAL[::2]], ids=["exponential", "normal"])
def test_a_share_is_what_lies_under_the_next_layer_too(layers: list[tuple[float, float]]) -> None:
    for (share, width), (_, above) in zip(layers, [*layers[1:], (0.0, 0.0)], strict=True):
        assert share * width == pytest.approx(above, rel=1e-15)
        assert 0 <= share < 1


def test_a_normal_layer_has_a_mirror_image() -> None:
    assert len(ziggurat.NORMAL) == 512
    for right, left in zip(ziggurat.NORMAL[::2], ziggurat.NORMAL[1::2], strict=True):
        assert left == (right[0], -right[1])


def test_tables_have_the_same_bits_as_ever() -> None:
    # If this fails, every scenario in the world plays differently: that is a new major version.
    tables = [ziggurat.EXPONENTIAL, ziggurat.NORMAL]
    text = "\n".join(number.hex() for table in tables for layer in table for number in layer)
    assert sha256(text.encode()).hexdigest() == "ddd5e6f6bc33b0cc035b7740167f9e8c05be836a2805f28b18cbaba00a22d4da"


def test_nothing_is_built_before_the_first_variate_which_is_the_same_as_any() -> None:
    module = fresh_module()
    assert set(module.EXPONENTIAL) == set(module.NORMAL) == {(0.0, 0.0)}
    held = module.EXPONENTIAL, module.NORMAL
    share, width = ziggurat.EXPONENTIAL[7]
    assert module.exponential_seldom(7, share / 2, scripted()) == share / 2 * width
    share, width = ziggurat.NORMAL[7]
    assert module.normal_seldom(7, share / 2, scripted()) == share / 2 * width < 0
    assert (module.EXPONENTIAL, module.NORMAL) == (ziggurat.EXPONENTIAL, ziggurat.NORMAL)
    assert held[0] is module.EXPONENTIAL, "who imported the table has it"
    assert held[1] is module.NORMAL


def test_exponential_variates_are_exponential() -> None:
    stream = Stream(1, "exponential")
    assert fits((stream.exponential(1.0) for _ in range(DRAWS)), exponential)


def test_normal_variates_are_normal() -> None:
    stream = Stream(1, "normal")
    assert fits((stream.normal(0.0, 1.0) for _ in range(DRAWS)), normal)


def seldom(draw: Callable[[int, float, Callable[[], float]], float], layer: int) -> Iterator[float]:
    """Variates of which the first number fell on the edge of a layer."""
    stream = Stream(2, f"layer {layer}")
    table = ziggurat.EXPONENTIAL if draw is ziggurat.exponential_seldom else ziggurat.NORMAL
    share = table[layer][0]
    for _ in range(20_000):
        part = share + (1 - share) * stream.random()
        asked = 0

        def random() -> float:
            nonlocal asked
            asked += 1
            return stream.random()

        value = draw(layer, part, random)
        if asked == 1:  # else it was rejected, and the value is from anywhere
            yield value


@pytest.mark.parametrize("layer", [1, 2, 100, 254, 255])
def test_on_the_edge_of_a_layer_an_exponential_variate_has_the_density_above_the_layer(layer: int) -> None:
    low = ziggurat.EXPONENTIAL[layer + 1][1] if layer < 255 else 0.0
    high = ziggurat.EXPONENTIAL[layer][1]
    floor = math.exp(-high)

    def share(x: float) -> float:
        return (math.exp(-low) - math.exp(-x) - floor * (x - low)) / (math.exp(-low) - floor - floor * (high - low))

    values = list(seldom(ziggurat.exponential_seldom, layer))
    assert len(values) > 5_000
    assert all(low <= value <= high for value in values)
    assert fits(values, share)


@pytest.mark.parametrize("layer", [1, 2, 100, 254, 255])
@pytest.mark.parametrize("side", [1, -1])
def test_on_the_edge_of_a_layer_a_normal_variate_has_the_density_above_the_layer(layer: int, side: int) -> None:
    low = ziggurat.NORMAL[2 * layer + 2][1] if layer < 255 else 0.0
    high = ziggurat.NORMAL[2 * layer][1]
    floor = math.exp(-high * high / 2)

    def area(x: float) -> float:
        return math.sqrt(2 * math.pi) * (normal(x) - normal(low)) - floor * (x - low)

    values = [side * value for value in seldom(ziggurat.normal_seldom, 2 * layer + (side < 0))]
    assert len(values) > 5_000
    assert all(low <= value <= high for value in values)
    assert fits(values, lambda x: area(x) / area(high))


def test_the_exponential_tail_is_exponential() -> None:
    tail = ziggurat.EXPONENTIAL[1][1]
    stream = Stream(3, "tail")
    values = [ziggurat.exponential_seldom(0, 0.99, stream.random) for _ in range(20_000)]
    assert fits(values, lambda x: exponential(x - tail))


@pytest.mark.parametrize("side", [0, 1])
def test_the_normal_tail_is_normal_on_both_sides(side: int) -> None:
    tail = ziggurat.NORMAL[2][1]
    stream = Stream(3, "tail")
    values = [ziggurat.normal_seldom(side, 0.99, stream.random) for _ in range(20_000)]
    assert all((value < 0) == bool(side) for value in values)
    assert fits(map(abs, values), lambda x: 1 - normal(-x) / normal(-tail))


def test_the_farthest_variates_are_finite() -> None:
    nearly_1 = 1 - 2**-53
    tail = ziggurat.EXPONENTIAL[1][1]
    farthest = ziggurat.exponential_seldom(0, 0.99, scripted(nearly_1))
    assert farthest == pytest.approx(tail + 53 * math.log(2))
    tail = ziggurat.NORMAL[2][1]
    too_far = (nearly_1, nearly_1)
    farthest = ziggurat.normal_seldom(1, 0.99, scripted(*too_far, 1 - 2**-40, nearly_1))
    assert farthest == pytest.approx(-tail - 40 * math.log(2) / tail)


def test_a_place_beyond_the_density_is_drawn_again() -> None:
    share, width = ziggurat.EXPONENTIAL[9]
    again = 9.25 / 256
    assert ziggurat.exponential_seldom(9, 0.999, scripted(0.999, again)) == 0.25 * width
    share, width = ziggurat.NORMAL[9]
    assert ziggurat.normal_seldom(9, 0.999, scripted(0.999, 9.25 / 512)) == 0.25 * width
    assert share > 0.25
