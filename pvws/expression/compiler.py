"""Syntax trees as functions: each node that the language has becomes a closure, every other one an error."""

import ast
import re
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from math import isfinite
from typing import Any, TypeAlias

from pvws.expression.arithmetic import OPERATIONS, negative
from pvws.expression.comparison import ORDERS
from pvws.expression.functions import FUNCTIONS, Function
from pvws.expression.source import Source, quoted
from pvws.expression.trouble import ExpressionError
from pvws.expression.values import MISSING, PLAIN, item, member, number_of, plain, truth
from pvws.limits import EXPRESSION_DEPTH_MAX, EXPRESSION_INTEGER_MAX

__all__ = ["Compiler", "Roots", "Run"]

Roots: TypeAlias = Callable[[str], object]
"""Gives what a first name stands for, or raises KeyError."""

Run: TypeAlias = Callable[[Roots], Any]
"""Gives the value of a part of an expression, `MISSING` where there is none. Raises nothing of its own."""

_Below: TypeAlias = Mapping[str, Any] | None

_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, which no message can carry
_WORDS = {"null": None, "true": True, "false": False}

_ORDERS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_OPERATIONS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
}
# Operators of Python that this language hasn't, and what is meant instead.
_REFUSED_OPERATORS: dict[type[ast.operator] | type[ast.cmpop], tuple[str, str]] = {
    ast.BitAnd: ("&", '"and"'),
    ast.BitOr: ("|", '"or"'),
    ast.Is: ("is", '"=="'),
    ast.IsNot: ("is", '"!="'),
    ast.Pow: ("**", "one of + - * / // %"),
    ast.BitXor: ("^", "one of + - * / // %"),
    ast.MatMult: ("@", "one of + - * / // %"),
    ast.LShift: ("<<", "one of < <= > >="),
    ast.RShift: (">>", "one of < <= > >="),
}
_REFUSED: dict[type[ast.expr], str] = {
    ast.Lambda: "no lambda",
    ast.Tuple: "a list in square brackets",
    ast.Dict: "no mapping",
    ast.Set: "a list in square brackets",
    ast.JoinedStr: "a text without f",
    ast.NamedExpr: '"=="',
    ast.Slice: "one index",
    ast.Starred: 'no "*"',
    ast.ListComp: "no comprehension",
    ast.SetComp: "no comprehension",
    ast.DictComp: "no comprehension",
    ast.GeneratorExp: "no comprehension",
}

_INEQUALITIES = ("<", "<=", ">", ">=")
_LIKE_A_QUANTITY = re.compile(r"\s*\d+(?:\.\d+)?\s*[A-Za-z]+\s*", re.ASCII)
_QUANTITY = "a number, or a quantity such as '1 MiB', '250ms' or '92%'"


class Compiler:
    """Compiles one expression. `names` are the dotted names that it reads, in order, with what reads each.

    `known` are the first names that there are, None if that is not known; of a mapping, also what there is below
    each: a mapping like it, in which `*` is any other name, or None where that is not known.
    """

    def __init__(self, source: Source, known: Collection[str] | None = None) -> None:
        self._source = source
        self._known = known
        self.names: dict[str, Run] = {}

    def compile(self, tree: ast.expr, depth: int = 0) -> Run:
        """What a tree evaluates to. Raises ExpressionError for the first thing in it that the language hasn't."""
        if depth > EXPRESSION_DEPTH_MAX:
            raise self._refused(tree, f"at most {EXPRESSION_DEPTH_MAX} levels of nesting", "more")
        match tree:
            case ast.Constant():
                return _always(self._constant(tree))
            case ast.Name(id=name) if name in _WORDS:
                return _always(_WORDS[name])
            case ast.Name() | ast.Attribute() | ast.Subscript():
                run, dotted, _ = self._path(tree, depth)
                if dotted is not None:
                    self.names.setdefault(dotted, run)
                return run
            case ast.BoolOp(op=operator, values=values):
                parts = [self.compile(value, depth + 1) for value in values]
                return _all(parts) if isinstance(operator, ast.And) else _any(parts)
            case ast.UnaryOp(op=operator, operand=operand):
                return self._unary(tree, operator, self.compile(operand, depth + 1))
            case ast.BinOp():
                return self._binary(tree, depth)
            case ast.Compare():
                return self._comparison(tree, depth)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                first, condition = self.compile(body, depth + 1), self.compile(test, depth + 1)
                return _choice(condition, first, self.compile(orelse, depth + 1))
            case ast.List(elts=items):
                return _list([self.compile(each, depth + 1) for each in items])
            case ast.Call():
                return self._call(tree, depth)
            case _:
                raise self._refused(tree, _REFUSED.get(type(tree), "a value, an operator or a function"))

    def _refused(
        self, tree: ast.expr, expected: str, found: str | None = None, hint: str | None = None
    ) -> ExpressionError:
        return ExpressionError(self._source.column(tree), expected, found or self._source.excerpt(tree), hint)

    def _constant(self, tree: ast.Constant) -> Any:
        value = tree.value
        if type(value) not in PLAIN:
            raise self._refused(tree, "a number, a text, true, false or null")
        if type(value) is int and value > EXPRESSION_INTEGER_MAX:
            raise self._refused(tree, "a whole number below 2^63")
        if type(value) is float and not isfinite(value):
            raise self._refused(tree, "a number that a double can hold")
        if type(value) is str and _SURROGATE.search(value):
            raise self._refused(tree, "whole characters")
        return value

    def _path(self, tree: ast.expr, depth: int) -> tuple[Run, str | None, _Below]:
        """What reads a name, a member or an item; its dotted name, if names alone lead there; and what is below it,
        if that is known.
        """
        if depth > EXPRESSION_DEPTH_MAX:
            raise self._refused(tree, f"at most {EXPRESSION_DEPTH_MAX} levels of nesting", "more")
        match tree:
            case ast.Name(id=name) if name not in _WORDS:
                self._check_known(tree, name)
                return _root(name), name, self._known.get(name) if isinstance(self._known, Mapping) else None
            case (
                ast.Attribute(value=owner, attr=name) | ast.Subscript(value=owner, slice=ast.Constant(value=str(name)))
            ):
                outer, dotted, below = self._path(owner, depth + 1)
                if below is not None and dotted is not None:
                    self._check_member(tree, dotted, name, below)
                    below = below.get(name, below.get("*"))
                return _member(outer, name), None if dotted is None else f"{dotted}.{name}", below
            case ast.Subscript(value=owner, slice=index):
                return _item(self.compile(owner, depth + 1), self.compile(index, depth + 1)), None, None
            case _:
                return self.compile(tree, depth), None, None

    def _unary(self, tree: ast.expr, operator: ast.unaryop, operand: Run) -> Run:
        match operator:
            case ast.Not():
                return lambda roots: not truth(operand(roots))
            case ast.USub():
                return _applied(negative, [operand], MISSING)
            case _:
                raise self._refused(tree, '"not"' if isinstance(operator, ast.Invert) else 'no sign "+"')

    def _binary(self, tree: ast.BinOp, depth: int) -> Run:
        symbol = _OPERATIONS.get(type(tree.op))
        if symbol is None:
            raise self._refused_operator(tree.op, tree.left, tree.right)
        for side in (tree.left, tree.right):
            if symbol != "+" and _text(side) is not None and number_of(_text(side)) is None:
                raise self._refused(side, _QUANTITY)
        parts = [self.compile(tree.left, depth + 1), self.compile(tree.right, depth + 1)]
        return _applied(OPERATIONS[symbol], parts, MISSING)

    def _refused_operator(self, operator: ast.operator | ast.cmpop, left: ast.expr, right: ast.expr) -> ExpressionError:
        symbol, expected = _REFUSED_OPERATORS[type(operator)]
        return ExpressionError(self._source.column_between(left, right, symbol), expected, quoted(symbol))

    def _comparison(self, tree: ast.Compare, depth: int) -> Run:
        operands = [tree.left, *tree.comparators]
        tests = []
        for place, operator in enumerate(tree.ops):
            symbol = _ORDERS.get(type(operator))
            if symbol is None:
                raise self._refused_operator(operator, operands[place], operands[place + 1])
            tests.append(ORDERS[symbol])
            if symbol in _INEQUALITIES:
                self._check_quantity(operands[place])
                self._check_quantity(operands[place + 1])
        parts = [self.compile(operand, depth + 1) for operand in operands]
        if len(tests) == 1:
            return _compared(tests[0], parts[0], parts[1])
        return _chained(tests, parts)

    def _check_quantity(self, tree: ast.expr) -> None:
        """Raise ExpressionError for `'1 Mib'` and `'5 sec'`, with which every comparison of a number would be false."""
        text = _text(tree)
        if text is not None and _LIKE_A_QUANTITY.fullmatch(text) and number_of(text) is None:
            raise self._refused(tree, _QUANTITY, hint=f"text('{text}') if it is a text")

    def _call(self, tree: ast.Call, depth: int) -> Run:
        name = tree.func.id if isinstance(tree.func, ast.Name) else ""
        function = FUNCTIONS.get(name)
        if function is None:
            meant = tree.func.attr if isinstance(tree.func, ast.Attribute) else name
            raise self._refused(tree.func, f"one of {', '.join(FUNCTIONS)}", hint=_nearest(meant, FUNCTIONS))
        if tree.keywords:
            raise self._refused(tree.keywords[0].value, f"{function.form} without a name for an argument")
        self._check_count(tree, function)
        if name == "has" and not isinstance(tree.args[0], ast.Name | ast.Attribute | ast.Subscript):
            raise self._refused(tree.args[0], "a name, such as has(data.size)")
        parts = [self.compile(argument, depth + 1) for argument in tree.args]
        return _applied(function.run, parts, function.of_missing)

    def _check_count(self, tree: ast.Call, function: Function) -> None:
        count, most = len(tree.args), function.most
        if count < function.least or (most is not None and count > most):
            least = function.least
            wanted = f"{least}" if least == most else f"{least} to {most}" if most else f"{least} or more"
            expected = f"{wanted} argument{'' if wanted == '1' else 's'} in {function.form}"
            raise self._refused(tree, expected, str(count))

    def _check_known(self, tree: ast.Name, name: str) -> None:
        if self._known is None or name in self._known:
            return
        words = sorted(set(self._known))
        hint = _nearest(name, words) or f"a text is written in quotes: '{name}'"
        raise self._refused(tree, f"one of {', '.join(words)}" if words else "no name", quoted(name), hint)

    def _check_member(self, tree: ast.expr, owner: str, name: str, below: Mapping[str, Any]) -> None:
        if name in below or "*" in below:
            return
        column = self._source.end(tree) - len(name) if isinstance(tree, ast.Attribute) else self._source.column(tree)
        expected = f"one of {', '.join(sorted(below))} behind {owner}." if below else f'nothing behind "{owner}"'
        raise ExpressionError(column, expected, quoted(name), _nearest(name, tuple(below)))


def _text(tree: ast.expr) -> str | None:
    """The text of a literal; None of anything else."""
    return tree.value if isinstance(tree, ast.Constant) and isinstance(tree.value, str) else None


def _nearest(word: str, words: Collection[str]) -> str | None:
    near = get_close_matches(word, words, 1)
    return f'did you mean "{near[0]}"?' if near else None


def _always(value: Any) -> Run:
    return lambda roots: value


def _root(name: str) -> Run:
    def run(roots: Roots) -> Any:
        try:
            value = roots(name)
        except KeyError:
            return MISSING
        return value if type(value) in PLAIN else plain(value)

    return run


def _member(outer: Run, name: str) -> Run:
    def run(roots: Roots) -> Any:
        owner = outer(roots)
        if type(owner) is dict:  # as `member` has it, without the call: this is what filters do most
            value = owner.get(name, MISSING)
            return value if type(value) in PLAIN or value is MISSING else plain(value)
        return member(owner, name)

    return run


def _item(outer: Run, index: Run) -> Run:
    return lambda roots: item(outer(roots), index(roots))


def _all(parts: list[Run]) -> Run:
    """The first value that counts as false, else the last one."""

    def run(roots: Roots) -> Any:
        value = None
        for part in parts:
            value = part(roots)
            if not truth(value):
                break
        return value

    return run


def _any(parts: list[Run]) -> Run:
    """The first value that counts as true, else the last one."""

    def run(roots: Roots) -> Any:
        value = None
        for part in parts:
            value = part(roots)
            if truth(value):
                break
        return value

    return run


def _choice(condition: Run, first: Run, second: Run) -> Run:
    return lambda roots: first(roots) if truth(condition(roots)) else second(roots)


def _list(parts: list[Run]) -> Run:
    def run(roots: Roots) -> Any:
        values = [part(roots) for part in parts]
        return MISSING if any(value is MISSING for value in values) else values

    return run


def _compared(test: Callable[[Any, Any], bool], left: Run, right: Run) -> Run:
    def run(roots: Roots) -> bool:
        one = left(roots)
        if one is MISSING:
            return False
        other = right(roots)
        return other is not MISSING and test(one, other)

    return run


def _chained(tests: list[Callable[[Any, Any], bool]], parts: list[Run]) -> Run:
    """`a < b < c`: each pair must hold, and each operand is evaluated once."""

    def run(roots: Roots) -> bool:
        one = parts[0](roots)
        for test, part in zip(tests, parts[1:], strict=True):
            other = part(roots)
            if one is MISSING or other is MISSING or not test(one, other):
                return False
            one = other
        return True

    return run


def _applied(function: Callable[..., Any], parts: list[Run], of_missing: Any) -> Run:
    """What a function makes of values, or what stands for that if one is missing."""

    def run(roots: Roots) -> Any:
        values = []
        for part in parts:
            value = part(roots)
            if value is MISSING:
                return of_missing
            values.append(value)
        return function(*values)

    return run
