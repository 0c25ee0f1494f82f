"""What one row measured. Pure."""

from collections.abc import Iterable, Iterator, Sequence

_NO_BANDS: dict[str, tuple[float, float]] = {}
"""Of all points without any, as an own one a row costs time; never written into."""


class Points:
    """What one row measured: names and values, iterated as pairs.

    Two columns instead of pairs, because rows of one shape share the names, and a million small
    tuples cost more than reading the file.

    Attributes:
        bands: What a value is the mean of: its least and largest, of those that told them.
    """

    __slots__ = ("bands", "names", "values")

    def __init__(self, names: Sequence[str] = (), values: Sequence[float] = ()) -> None:
        self.names = names
        self.values = values
        self.bands = _NO_BANDS

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, float]]) -> "Points":
        """The points of pairs."""
        kept = list(pairs)
        return cls([name for name, _ in kept], [value for _, value in kept])

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return zip(self.names, self.values, strict=True)

    def __len__(self) -> int:
        return len(self.names)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Points | list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # compared by value and mutable

    def __repr__(self) -> str:
        return repr(list(self))

    def extend(self, names: Sequence[str], values: Sequence[float]) -> None:
        """Adds columns of equal length; the first ones are taken as they are."""
        if not self.names:
            self.names, self.values = names, values
        elif isinstance(self.names, list) and isinstance(self.values, list):
            self.names.extend(names)
            self.values.extend(values)
        else:
            self.names, self.values = [*self.names, *names], [*self.values, *values]

    def add(self, name: str, value: float) -> None:
        """Adds one point."""
        self.extend((name,), (value,))

    def add_band(self, name: str, band: tuple[float, float]) -> None:
        """Says of which least and largest the value of this name is the mean."""
        if not self.bands:
            self.bands = {}
        self.bands[name] = band
