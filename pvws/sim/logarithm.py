"""Logarithm and exponential by + − × ÷ alone, the same to the last bit on every platform.

The C library's may differ there, and one bit is enough for two runs to part. What else is used is exact by
IEEE 754: `sqrt`, `frexp`, `ldexp`, `floor`.
"""

from math import floor, frexp, ldexp, sqrt

__all__ = ["exp", "ln"]

_LN2 = 0.6931471805599453
_SQRT_HALF = 0.7071067811865476

# ln 2 / 64 in two parts. The first ends in so many zeros that its product with any step below 2^17 is exact.
_STEPS_PER_UNIT = 64 / _LN2
_STEP_HIGH = 6.93147180369123816490e-01 / 64
_STEP_LOW = 1.90821492927058770002e-10 / 64


def ln(x: float) -> float:
    """The natural logarithm of a positive number (relative error below 1e-14)."""
    assert x > 0.0, "only positive numbers have a logarithm"
    mantissa, exponent = frexp(x)
    if mantissa < _SQRT_HALF:
        mantissa += mantissa
        exponent -= 1
    s = (mantissa - 1.0) / (mantissa + 1.0)  # |s| < 0.172; ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …)
    z = s * s
    series = 1 / 9 + z * (1 / 11 + z * (1 / 13 + z * (1 / 15 + z / 17)))
    series = 1.0 + z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z * series)))
    return 2.0 * s * series + exponent * _LN2


def _powers() -> tuple[float, ...]:
    """2 to the powers of 0/64, 1/64, … 63/64: products of roots, which `sqrt` rounds rightly."""
    powers, root = [1.0], 2.0
    for _ in range(6):
        root = sqrt(root)
        powers = [value for power in powers for value in (power, power * root)]
    return tuple(powers)


_POWERS = _powers()


def exp(x: float) -> float:
    """e to the power of x, for |x| ≤ 700 (relative error below 1e-13, in fact below 1e-15)."""
    assert -700.0 <= x <= 700.0, "outside the range that a double can hold"
    step = floor(x * _STEPS_PER_UNIT + 0.5)
    rest = x - step * _STEP_HIGH - step * _STEP_LOW  # |rest| < 0.0055: five terms of the series are enough
    series = 1.0 + rest * (1.0 + rest * (0.5 + rest * (1 / 6 + rest * (1 / 24 + rest * (1 / 120)))))
    return ldexp(_POWERS[step & 63] * series, step >> 6)
