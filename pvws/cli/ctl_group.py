"""The shape of `pvws ctl`'s command line: what says which server is meant may stand anywhere."""

from typing import Any

from typer.core import TyperGroup

from pvws.client.control.address import looks_like_address

__all__ = ["CtlGroup", "arranged"]

_WITH_A_VALUE = ("--url", "--world", "--token")
_ALONE = ("--json",)


class CtlGroup(TyperGroup):
    """A group whose own options may stand behind the command as well, and an address before it needs no option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put what belongs to the group before the command."""
        return super().parse_args(ctx, arranged(args, frozenset(self.commands)))


def arranged(arguments: list[str], commands: frozenset[str]) -> list[str]:
    """The arguments, those of the group first. What follows `--` stays where it is."""
    ours, rest = list[str](), list[str]()
    left = iter(arguments)
    for argument in left:
        if argument == "--":
            rest += [argument, *left]
        elif argument in _WITH_A_VALUE:
            ours += [argument, *([value] if (value := next(left, None)) is not None else [])]
        elif argument in _ALONE or argument.startswith(tuple(f"{name}=" for name in _WITH_A_VALUE)):
            ours.append(argument)
        elif not rest and argument not in commands and looks_like_address(argument):
            ours += ["--url", argument]
        else:
            rest.append(argument)
    return ours + rest
