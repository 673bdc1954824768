"""The ziggurat: exponential and normal variates for little more than one uniform number each.

Marsaglia and Tsang, "The Ziggurat Method for Generating Random Variables", Journal of Statistical Software 5 (8),
2000. The area under a density is covered by 256 layers of one size; the lowest is the tail with the box beside it. A
uniform number picks a layer and a place across it, and nearly always the place lies where the layer is wholly
under the density: then it is the variate.

Layer and place come from different bits of the number, the first 8 (9 with the sign) and the other 45 (44), so that
they know nothing of each other (Doornik, "An Improved Ziggurat Method to Generate Normal Random Samples", 2005).

A stream takes the short way itself, since a call would cost as much again:

    value = random() * 256.0
    layer = floor(value)
    part = value - layer
    share, width = EXPONENTIAL[layer]
    variate = part * width if part < share else exponential_seldom(layer, part, random)

All shares are 0 at first: nothing takes the short way, and a process's first variate builds its table (about 1 ms).
"""

from collections.abc import Callable
from math import floor, sqrt

from pvws.sim.logarithm import exp, ln

__all__ = ["EXPONENTIAL", "NORMAL", "exponential_seldom", "normal_seldom"]

_LAYERS = 256
# Where the tail begins and how large each layer is. The only values for which 256 layers end at the density's top:
# computed with 50 digits, and a test looks whether they do.
_EXPONENTIAL_TAIL = 7.69711747013105
_EXPONENTIAL_AREA = 0.003949659822581557
_NORMAL_TAIL = 3.654152885361009
_NORMAL_AREA = 0.004928673233974655

EXPONENTIAL: list[tuple[float, float]] = [(0.0, 0.0)] * _LAYERS
"""Of each layer: which share of its width is wholly under the density, and its width."""

NORMAL: list[tuple[float, float]] = [(0.0, 0.0)] * (2 * _LAYERS)
"""The same for the normal density, each layer twice: to the right, and with a negative width to the left."""

_EXPONENTIAL_HEIGHTS: list[float] = []  # the density at the right edge of each layer, and at last its top, 1
_NORMAL_HEIGHTS: list[float] = []


def _bell(x: float) -> float:
    return exp(-0.5 * x * x)


def _layers(
    density: Callable[[float], float], inverse: Callable[[float], float], tail: float, area: float
) -> tuple[list[tuple[float, float]], list[float]]:
    """Shares and widths, and heights, from the lowest layer up."""
    edges = [area / density(tail), tail]  # as if the lowest layer were a box
    heights = [density(edge) for edge in edges]
    while len(edges) < _LAYERS:
        heights.append(heights[-1] + area / edges[-1])
        edges.append(inverse(heights[-1]))
    layers = [(inner / width, width) for width, inner in zip(edges, [*edges[1:], 0.0], strict=True)]
    return layers, [*heights, 1.0]


# Tables are filled in place, since streams hold on to them, and heights last: they say that all is there.
def _build_exponential() -> None:
    layers, heights = _layers(lambda x: exp(-x), lambda y: -ln(y), _EXPONENTIAL_TAIL, _EXPONENTIAL_AREA)
    EXPONENTIAL[:] = layers
    _EXPONENTIAL_HEIGHTS[:] = heights


def _build_normal() -> None:
    layers, heights = _layers(_bell, lambda y: sqrt(-2.0 * ln(y)), _NORMAL_TAIL, _NORMAL_AREA)
    NORMAL[:] = [side for share, width in layers for side in ((share, width), (share, -width))]
    _NORMAL_HEIGHTS[:] = heights


def exponential_seldom(layer: int, part: float, random: Callable[[], float]) -> float:
    """The exponential variate of mean 1 for a layer and a place that did not do for the short way."""
    if not _EXPONENTIAL_HEIGHTS:
        _build_exponential()
    while True:
        share, width = EXPONENTIAL[layer]
        x = part * width
        if part < share:
            return x
        if layer == 0:
            return _EXPONENTIAL_TAIL - ln(1.0 - random())  # the tail of an exponential density is one again
        low, high = _EXPONENTIAL_HEIGHTS[layer : layer + 2]
        if low + random() * (high - low) < exp(-x):
            return x
        value = random() * 256.0
        layer = floor(value)
        part = value - layer


def normal_seldom(layer: int, part: float, random: Callable[[], float]) -> float:
    """The normal variate around 0 with deviation 1 for a layer of `NORMAL` and a place that did not do."""
    if not _NORMAL_HEIGHTS:
        _build_normal()
    while True:
        share, width = NORMAL[layer]
        x = part * width
        if part < share:
            return x
        if layer < 2:
            tail = _normal_tail(random)
            return -tail if layer else tail
        low, high = _NORMAL_HEIGHTS[layer >> 1 : (layer >> 1) + 2]
        if low + random() * (high - low) < _bell(x):
            return x
        value = random() * 512.0
        layer = floor(value)
        part = value - layer


def _normal_tail(random: Callable[[], float]) -> float:
    """A normal variate beyond where the tail begins (Marsaglia, "Generating a Variable from the Tail", 1964)."""
    while True:
        beyond = -ln(1.0 - random()) / _NORMAL_TAIL
        height = -ln(1.0 - random())
        if height + height > beyond * beyond:
            return _NORMAL_TAIL + beyond
