"""Who may do what: tokens, the topics they permit, and when they expire (contract, "Authentication")."""

from hmac import compare_digest

from msgspec import Struct

from pvws.wire.topics import TOPICS, Topic

__all__ = ["Access", "Grant", "Token"]


class Grant(Struct, frozen=True):
    """What a client may subscribe to, until an instant (microseconds since the epoch) if one is set."""

    topics: frozenset[Topic] = frozenset(TOPICS)
    expires: int | None = None


class Token(Struct, frozen=True):
    """A token and what it grants. Its text is kept out of its `repr`, and so out of logs and error texts."""

    token: str
    grant: Grant = Grant()

    def __repr__(self) -> str:
        return f"Token(…, {self.grant})"


class Access:
    """The tokens of a server. With none, everyone may do everything and what is presented is ignored."""

    __slots__ = ("_tokens", "required")

    def __init__(self, tokens: tuple[Token, ...] = ()) -> None:
        self._tokens = [(_bytes(token.token), token.grant) for token in tokens]
        self.required = bool(tokens)
        """Whether a client has to present a token."""

    def judge(self, presented: str, now: int) -> Grant | None:
        """What a token grants at an instant of real time (microseconds since the epoch); None if it is wrong.

        Takes the same time whichever token it is, or none: every one is compared, each in constant time.
        """
        text, found = _bytes(presented), None
        for token, grant in self._tokens:
            if compare_digest(token, text):
                found = grant
        if found is not None and found.expires is not None and found.expires <= now:
            return None
        return found


def _bytes(text: str) -> bytes:
    # JSON can hold half a surrogate pair, which UTF-8 can't: such a token is wrong, not a failure.
    return text.encode("utf-8", "surrogatepass")
