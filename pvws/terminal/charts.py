"""Sparklines and bars made of letters. Pure."""

from collections.abc import Sequence

__all__ = ["bar", "sparkline"]

_HEIGHTS = "▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉"


def sparkline(values: Sequence[float], width: int) -> str:
    """The last `width` values, each a letter as high as its share of the highest among them; right-aligned.

    None at all is a blank, so that nothing and a little can be told apart.
    """
    if width <= 0:
        return ""
    shown = values[-width:]
    top = max(shown, default=0.0)
    letters = [" " if value <= 0 else _HEIGHTS[min(int(value / top * 8), 7)] for value in shown]
    return "".join(letters).rjust(width)


def bar(share: float, width: int) -> tuple[str, str]:
    """A bar that is filled by a share of 0 to 1, to an eighth of a letter; what is filled, and the rest in blanks."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    whole, part = divmod(eighths, 8)
    filled = "█" * whole + (_EIGHTHS[part] if part else "")
    return filled, " " * (width - len(filled))
