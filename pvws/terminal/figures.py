"""Figures for people: three digits and a unit. Pure."""

__all__ = ["number_text", "seconds_text"]


def number_text(value: float) -> str:
    """Three digits and what stands before the point: `12.3`, `1,234`, `0.05`."""
    if 100 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def seconds_text(value: float) -> str:
    """A time in seconds: `5.85 ms`, `1.2 s`."""
    return f"{number_text(value * 1000)} ms" if abs(value) < 1 else f"{number_text(value)} s"
