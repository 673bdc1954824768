"""Corruption: copies that are not what they should be, and of which nobody knows yet."""

__all__ = ["Corruption"]


class Corruption(dict[str, list[int]]):
    """The numbers of the peers whose copies are corrupt, by key of the file; no key without any."""

    __slots__ = ()

    def add(self, key: str, number: int) -> None:
        """This copy is corrupt from now on."""
        numbers = self.setdefault(key, [])
        assert number not in numbers, "a copy becomes corrupt once"
        numbers.append(number)

    def has(self, key: str, number: int) -> bool:
        """Whether this copy is corrupt."""
        return number in self.get(key, ())

    def mend(self, key: str, number: int) -> None:
        """This copy is gone, or what it should be again; nothing, if it was not corrupt."""
        if self.has(key, number):
            self[key].remove(number)
            if not self[key]:
                del self[key]

    def at(self, number: int) -> list[str]:
        """The keys of the files whose copies at a peer are corrupt."""
        return [key for key, numbers in self.items() if number in numbers]
