"""The text of an expression: its syntax tree, where in it something stands, and the mistakes that people make."""

import ast
import re
import warnings
from keyword import iskeyword

from pvws.expression.trouble import ExpressionError
from pvws.limits import EXCERPT_CHARACTERS_MAX, EXPRESSION_CHARACTERS_MAX, EXPRESSION_DEPTH_MAX

__all__ = ["Source", "behind_text", "quoted"]

# What stands in quotes, by the quotes. Behind a backslash anything goes, even in r"", where it stays.
_TEXTS = {
    quotes: re.compile(
        rf"{quotes}(?:[^\\]|\\.)*?{quotes}" if len(quotes) == 3 else rf"{quotes}(?:[^\\{quotes}]|\\.)*{quotes}",
        re.DOTALL,
    )
    for quotes in ("'''", '"""', "'", '"')
}
_ESCAPE = re.compile(r"\\(?P<letter>.)", re.DOTALL)
_ESCAPED = frozenset("\\'\"abfnrtvxuUN01234567")  # what may stand behind a backslash
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_NEVER_IN_A_TEXT = re.compile("[\r\n\0\ud800-\udfff]")

# What other languages write, and what is written here.
_MISTAKES = {
    "=>": '">="',
    "=<": '"<="',
    "===": '"=="',
    "!==": '"!="',
    "<>": '"!="',
    "=~": "matches(text, glob)",
    "&&": '"and"',
    "||": '"or"',
    "=": '"=="',
    "!": '"not"',
    "?": '"a if condition else b"',
    "$": "a name without $",
    **dict.fromkeys("`´‘’“”„«»", "a text in plain quotes"),
}
_MISTAKE = re.compile(r"===|!==|=>|=<|=~|<>|&&|\|\||(?<![=!<>:])=(?!=)|!(?!=)|[?$`´‘’“”„«»]")
_QUANTITY = re.compile(
    r"(?<![\w.])\d[\d.]*\s*(?:(?:[KMGTP]?i?B|ns|us|µs|ms|s|m|h)(?!\w)|%(?=\s*(?:$|[)\],]|(?:and|or|if|else)\b)))"
)
_TOKEN = re.compile(
    r"""(?P<text>"+)|(?P<number>\.?\d[\w.]*)|(?P<word>[^\W\d]\w*(?:\.[^\W\d]\w*)*)|(?P<member>\.\s*[^\W\d]\w*)"""
    r"|(?P<open>[(\[])|(?P<close>[)\]])|(?P<comma>,)|(?P<sign>[-+])|(?P<symbol>[*/%<>=!&|^~@]+)|(?P<other>\S)"
)
_BETWEEN = ("and", "or", "in", "if", "else", "is")


def quoted(text: str) -> str:
    """What was found, as an error quotes it: not too long, on one line, and unable to steer a terminal."""
    cut = text[:EXCERPT_CHARACTERS_MAX] + ("…" if len(text) > EXCERPT_CHARACTERS_MAX else "")
    return f'"{cut}"' if cut.isprintable() else f'"{cut.encode("unicode_escape").decode("ascii")}"'


def behind_text(text: str, at: int) -> int:
    """The place behind the literal that begins with the quote at a place; -1 if it never ends."""
    quotes = text[at : at + 3] if text[at : at + 3] in _TEXTS else text[at]
    match = _TEXTS[quotes].match(text, at)
    return -1 if match is None else match.end()


class Source:
    """An expression as it was written. Raises ExpressionError if it is too long, or lacks a quote or a bracket."""

    __slots__ = ("_bare", "_code", "_indent", "text")

    def __init__(self, text: str) -> None:
        if len(text) > EXPRESSION_CHARACTERS_MAX:
            raise ExpressionError(
                EXPRESSION_CHARACTERS_MAX + 1, f"at most {EXPRESSION_CHARACTERS_MAX} characters", str(len(text))
            )
        self.text = text
        self._bare = _bare(text)
        """The text with `"` for each character in quotes and one kind of white space: places are the same."""
        self._code = "".join(own if blank == '"' else blank for own, blank in zip(text, self._bare, strict=True))
        """The text with one kind of white space, but in quotes: on one line, and fit to be encoded."""
        self._indent = len(text) - len(self._bare.lstrip())
        _check_brackets(self._bare)

    def tree(self) -> ast.expr:
        """The syntax tree, which may still hold what this language hasn't. Raises ExpressionError."""
        if not self._bare.strip():
            raise ExpressionError(1, "an expression", "nothing")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # "\d": an error in a later Python, and a mistake in any
                return ast.parse(self._code[self._indent :], mode="eval").body
        except SyntaxError as error:
            raise self._mistake(error) from None
        except (MemoryError, RecursionError, ValueError, OverflowError, Warning):
            raise ExpressionError(1, "a simpler expression", quoted(self.text)) from None

    def column(self, node: ast.expr) -> int:
        """Where a node begins, in characters from 1."""
        return self._place(node.col_offset) + 1

    def end(self, node: ast.expr) -> int:
        """Where what follows a node begins, in characters from 1."""
        return self._place(node.end_col_offset) + 1

    def excerpt(self, node: ast.expr) -> str:
        """What a node was written as, quoted."""
        return quoted(self.text[self._place(node.col_offset) : self._place(node.end_col_offset)])

    def column_between(self, left: ast.expr, right: ast.expr, symbol: str) -> int:
        """Where the operator between two nodes stands, from 1."""
        return self._bare.index(symbol, self._place(left.end_col_offset), self._place(right.col_offset)) + 1

    def _place(self, offset: int | None) -> int:
        """The place in the text of an offset in the bytes of the code, as trees have it."""
        assert offset is not None, "a parsed node knows where it ends"
        return self._indent + len(self._code[self._indent :].encode()[:offset].decode())

    def _mistake(self, error: SyntaxError) -> ExpressionError:
        """What a person would say of a text that Python can't read."""
        if match := _MISTAKE.search(self._bare):
            return ExpressionError(match.start() + 1, _MISTAKES[match[0]], quoted(match[0]))
        if match := _QUANTITY.search(self._bare):
            return ExpressionError(match.start() + 1, f"a quantity in quotes: '{match[0]}'", quoted(match[0]))
        pairs = list(_ESCAPE.finditer(self.text))
        if pairs and "escape" in (error.msg or ""):
            pair = next((each for each in pairs if each["letter"] not in _ESCAPED), pairs[0])  # else an unfinished \x
            return ExpressionError(pair.start() + 1, r"\\ for a backslash", quoted(pair[0]))
        if misplaced := _misplaced(self._bare):
            return misplaced
        lacks_else = "'else'" in (error.msg or "")
        offset = error.end_offset if lacks_else else error.offset
        place = min(max((offset or 0) - 1, 0) + self._indent, len(self.text))
        match = _TOKEN.search(self._bare, place)
        found = "the end" if match is None else quoted(self.text[match.start() : match.end()])
        if lacks_else:
            return ExpressionError((match.start() if match else place) + 1, '"else" and a value', found)
        hint = None
        if match is not None and iskeyword(match[0].rpartition(".")[2]):
            hint = f"a name that is a word of Python is written in brackets: data['{match[0].rpartition('.')[2]}']"
        return ExpressionError((match.start() if match else place) + 1, "an expression", found, hint)


def _bare(text: str) -> str:
    blank, at = [], 0
    while at < len(text):
        letter = text[at]
        if letter in "'\"":
            end = behind_text(text, at)
            if end < 0:
                raise ExpressionError(at + 1, "a closing quote", quoted(text[at:]))
            if wrong := _NEVER_IN_A_TEXT.search(text, at, end):
                found = quoted(wrong[0])
                raise ExpressionError(
                    wrong.start() + 1, r"no line break and no half character (\n is a line break)", found
                )
            blank.append('"' * (end - at))
            at = end
            continue
        if letter == "#":
            raise ExpressionError(at + 1, "no comment", '"#"')
        if not letter.isspace() and not letter.isprintable():
            raise ExpressionError(at + 1, "printable characters", f"U+{ord(letter):04X}")
        blank.append(" " if letter.isspace() else letter)
        at += 1
    return "".join(blank)


def _check_brackets(bare: str) -> None:
    """Raise ExpressionError where a bracket is missing or one too many."""
    opened: list[int] = []
    for at, letter in enumerate(bare):
        if letter in _CLOSING:
            opened.append(at)
            if len(opened) > EXPRESSION_DEPTH_MAX:  # told here, for Python's own bounds differ from version to version
                raise ExpressionError(at + 1, f"at most {EXPRESSION_DEPTH_MAX} levels of nesting", "more")
        elif letter in _CLOSING.values():
            if not opened:
                raise ExpressionError(at + 1, "no bracket that none opens", quoted(letter))
            wanted = _CLOSING[bare[opened.pop()]]
            if letter != wanted:
                raise ExpressionError(at + 1, f'"{wanted}"', quoted(letter))
    if opened:
        at = opened[-1]
        raise ExpressionError(at + 1, f'a "{_CLOSING[bare[at]]}" for this "{bare[at]}"', "none")


def _misplaced(bare: str) -> ExpressionError | None:
    """The first place where a value stands instead of an operator, or an operator instead of a value."""
    wants_value, was_value, before = True, False, ""
    for match in _TOKEN.finditer(bare):
        kind, token, column = str(match.lastgroup), match[0], match.start() + 1
        operates = kind == "symbol" or (kind == "word" and token in _BETWEEN)
        if before == "not" and was_value and token != "in":
            return ExpressionError(column, '"in"', quoted(token))
        was_value = not wants_value
        if kind == "word" and token == "not":
            wants_value = True
        elif operates or kind in ("comma", "close"):
            is_empty = kind == "close" and before in ("(", "[", ",")
            if wants_value and not is_empty and (before, token) != ("not", "in"):
                return ExpressionError(column, "a value", quoted(token))
            wants_value = kind != "close"
        elif kind in ("text", "number", "word"):
            if not wants_value and not (kind == "text" and before.startswith('"')):
                hint = f'did you mean "{token.lower()}"?' if token.lower() in ("and", "or", "not", "in") else None
                return ExpressionError(column, "an operator", quoted(token) if kind != "text" else "a text", hint)
            wants_value = False
        elif kind in ("open", "sign"):
            wants_value = True
        elif kind == "other" or wants_value:  # or a dot and a name, behind nothing that has names
            return ExpressionError(column, "a value" if wants_value else "an operator", quoted(token))
        before = token
    return ExpressionError(len(bare) + 1, "a value", "the end") if wants_value else None
