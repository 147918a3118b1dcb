"""What a chart says, complete: every renderer draws this and adds nothing, so all of them agree."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from allteach.units import ValueFormat


class Shape(StrEnum):
    """How a point is marked. Shape and word repeat the colour."""

    COMMON = "common"
    IMPROVING = "improving"
    CONCERNING = "concerning"
    CHANGED = "changed"
    EXCLUDED = "excluded"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Point:
    """One point with everything the table, the screen reader and the picture say about it.

    Attributes:
        x: Position: index of the period, or on a funnel the size of the site, or on a caterpillar the row.
        label: Period or site in words.
        value: On the inside scale; None where there is no point (the line breaks).
        shape: How it is marked.
        side: +1 on the high side, -1 on the low side, 0 neither: turns the triangle.
        numerator, denominator: What the value is made of, where known.
        centre, lower, upper: Line and limits at this point (interval on a caterpillar).
        phase: Number of the phase, from 0.
        rules: Names in words of the rules that mark it.
        note: Why it is incomplete or kept off the limits, with the owner where known.
        says: The point read aloud, in one line.
        named: True writes the label beside the point on a funnel.
        hatched: True draws the period hatched: its data are late, incomplete, counted in another way or in doubt.
    """

    x: float
    label: str
    value: float | None
    shape: Shape = Shape.COMMON
    side: int = 0
    numerator: float | None = None
    denominator: float | None = None
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    phase: int = 0
    rules: tuple[str, ...] = ()
    note: str = ""
    says: str = ""
    named: bool = False
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """Centre line and limits of one phase; arrays run over `xs`, None where a line is broken.

    Attributes:
        label: The centre in words, such as ``73 h``.
        trial: True where few points shaped the limits.
    """

    phase: int
    xs: tuple[float, ...]
    centre: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    label: str
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """A pair of funnel limits: `name` in words such as ``95 %``, drawn fainter when `outer`."""

    name: str
    xs: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    outer: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The aim: value on the inside scale and its label."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A numbered flag on the time axis; the text is listed beneath."""

    number: int
    x: float
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where the definition of the measure changes: points on its two sides are never joined or judged together.

    Attributes:
        x: Position of the first point counted by the new definition.
        label: Its period in words.
        words: What begins there, such as ``version 2``.
    """

    x: float
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Ghost:
    """What another version of the measure comes to, drawn faintly beside: one value for each point, None for none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis. Where labels would collide the ones of higher rank go first (0 stays longest)."""

    at: float
    text: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis on the inside scale.

    Attributes:
        low, high: Ends.
        ticks: Marked places.
        title: Unit in words.
        log: True where distances are ratios.
        note: What a reader must know, such as that the axis is cut; empty otherwise.
    """

    low: float
    high: float
    ticks: tuple[Tick, ...]
    title: str = ""
    log: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """Everything a chart says, in words and numbers.

    Attributes:
        form: ``control``, ``funnel`` or ``caterpillar``.
        kind: Chart kind such as ``p`` or ``xbar``.
        kind_name: The same in words.
        title: The finding.
        subtitle: Measure, counts, kind of chart, baseline.
        subject: Whose chart: a site's shown name, or empty for the network.
        measure: The measure in words.
        points, segments, curves, target, flags: What is drawn.
        peers: What similar sites reach, drawn as a line of its own beside the aim.
        y, x: The axes.
        breaks: Where the definition changes.
        ghosts: What other versions come to, where somebody asked to see them.
        format: How values are written.
        sentences: One plain sentence for each signal, or why there is none.
        variation, assurance: The two answers in words.
        variation_shape, variation_side: The icon of the first answer.
        action: What to do next.
        notices: Demonstration data, blinding, trial limits, cut axis, lateness: each one sentence.
        source: The footer line.
        alt: What the chart shows in words, for those who do not see it.
        stale, stale_words: True draws the chart labelled as old, with these words.
        columns: Heads of the table, in order; the rows come from `points`.
        legend: The shapes in use: shape, side, words.
        language: BCP 47 tag of the words.
    """

    form: str
    kind: str
    kind_name: str
    title: str
    subtitle: str
    subject: str
    measure: str
    points: tuple[Point, ...]
    y: Axis
    x: Axis
    segments: tuple[Segment, ...] = ()
    curves: tuple[Curve, ...] = ()
    target: Target | None = None
    peers: Target | None = None
    flags: tuple[Flag, ...] = ()
    breaks: tuple[Break, ...] = ()
    ghosts: tuple[Ghost, ...] = ()
    format: ValueFormat = field(default_factory=ValueFormat)
    sentences: tuple[str, ...] = ()
    variation: str = ""
    assurance: str = ""
    variation_shape: Shape = Shape.COMMON
    variation_side: int = 0
    action: str = ""
    notices: tuple[str, ...] = ()
    source: str = ""
    alt: str = ""
    stale: bool = False
    stale_words: str = ""
    columns: tuple[str, ...] = ()
    legend: tuple[tuple[Shape, int, str], ...] = ()
    language: str = "en"

    @property
    def shown(self) -> tuple[Point, ...]:
        """The points that exist."""
        return tuple(point for point in self.points if point.value is not None)
