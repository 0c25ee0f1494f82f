"""Where each metric is drawn: chart, section, order. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from karn_view.formats.families import Member, families
from karn_view.formats.steps import is_opaque, step_name
from karn_view.formats.words import TRANSPARENT, is_result, unworn

CONSTANT_FROM = 20
"""So many equal points make a constant."""
LINES_MOST = 12
"""What could share a chart does so up to this many lines: beyond it none is told from another."""
FAMILY_LEAST = 8
"""So many charts that are alike are filed away together; fewer stand among the others."""

# A theme is found by the words of a name; what people look at first stands first.
_THEMES = (
    ("loss", r"loss|nll|cross_?entropy|ppl|perplexity|bpb|bits_per"),
    ("accuracy", r"acc|accuracy|top_?\d|error_rate|correct"),
    ("precision", r"(?:^|[^a-z])m?ap(?:$|[^a-z])|iou|precision|recall|f1|auc|dice"),
    ("reward", r"reward|return|rew\b|rew_|ep_len|success|win_rate|advantage"),
    ("score", r"score|bleu|rouge|wer|psnr|ssim|fid|mse|mae|rmse|r2"),
)
_SETTINGS = (
    "optimizer",
    r"(?:^|[/_.\-])lr(?:$|[/_.\-\d])|learning_?rate|grad(?:ient)?_?norm|gnorm|momentum|clip",
)
_SYSTEM = (
    "timing and system",
    r"(?:^|[/_.])(?:time|timing\w*|timer|perf|speed|fps|wps|ups|wpb|bsz|throughput|runtime|wall"
    r"|eta|elapsed|elapsed_time|remaining_time|duration|latency|memory|mem|gpu|cuda|cpu|ram|disk"
    r"|network|power|system|resources|flops|mfu|tflops|gb_free|num_ooms)(?:$|[/_.(])"
    r"|per_second|_per_sec|sec_per|(?:samples|tokens|steps|it|iter)(?:_per_s|/s)|s/it"
    r"|_ms$|_gi?b$|_secs?$",
)
_OTHER = "metrics"
_COMPILED = [(name, re.compile(words, re.I)) for name, words in (*_THEMES, _SETTINGS)]
_SYSTEM_NAME = re.compile(_SYSTEM[1], re.I)
_SCHEDULED = re.compile(_SETTINGS[1], re.I)
_PARTS = re.compile(r"_(?:components|breakdown|terms)/", re.I)
_PARTS_FOLDER = re.compile(rf".*?{_PARTS.pattern}", re.I)
_MEMBER = re.compile(
    r"(?:env|rank|worker|gpu|device|seed|agent|group|class|head|fold)?_?\d+|rank\S+|[\w .]+=.*",
    re.I,
)
_STAGED = re.compile(r"(.+)(?<!per)_(step|epoch)")
_ORDER = [name for name, _ in _THEMES] + [_OTHER, _SETTINGS[0], _SYSTEM[0]]
_UNITS = (
    (re.compile(r"(?:_ms|/ms)$"), "ms"),
    (re.compile(r"per_s(?:ec|econd)?$|/s(?:ec)?$"), ""),
    (re.compile(r"(?:_s|_secs?|_seconds|(?:^|_)time|runtime|elapsed)$"), "s"),
    (re.compile(r"(?:_gi?b|\(gi?b\))$", re.I), "GB"),
    (re.compile(r"(?:_pct|percent)$"), "%"),
)


class Measured(Protocol):
    """What the layout needs to know of a metric. The store's summaries have it."""

    @property
    def name(self) -> str: ...
    @property
    def points(self) -> int: ...
    @property
    def non_finite(self) -> int: ...
    @property
    def min(self) -> float | None: ...
    @property
    def max(self) -> float | None: ...
    @property
    def start(self) -> int: ...


class Chart(NamedTuple):
    """The place of one metric.

    Attributes:
        name: The metric.
        chart: Metrics with the same one share a chart: those that differ in their split only.
        title: The chart's name, short enough to stand above it.
        section: The heading it is filed under.
        split: What tells it from the others in its chart: "train", "eval", "env0", "".
        rank: Charts ascend by it: losses first, timing last.
        unit: "%", "s", "ms", "GB" or "".
        hidden: No chart of its own: a position, a summary or a constant.
        constant: Always the same; for a table.
        summary: Told once, at the end; for a table.
        folded: Of the kind that is looked at last.
        family: What it is filed away under, with many of its like; "" for what stands for itself.
    """

    name: str
    chart: str
    title: str
    section: str
    split: str
    rank: int
    unit: str
    hidden: bool
    constant: bool
    summary: bool
    folded: bool
    family: str = ""

    def placed(self) -> dict[str, Any]:
        """Everything but the name, as a client is told."""
        told = self._asdict()
        del told["name"]
        return told


def layout(
    metrics: Iterable[Measured],
    units: Mapping[str, str] | None = None,
    summaries: Collection[str] = (),
    rows: int = 0,
    positions: Collection[str] = (),
) -> list[Chart]:
    """Places metrics, in the order in which they first appeared.

    Args:
        metrics: What was measured.
        units: Units of metrics that were written with one.
        summaries: Metrics that were told as a summary only.
        rows: How many rows the file has: what only its first one tells is a constant then.
        positions: What can be the axis and needs no chart of its own.
    """
    charts = [
        _place(
            metric,
            units or {},
            is_constant=_is_constant(metric, rows),
            is_summary=metric.name in summaries,
            is_position=_position(metric.name) in positions,
        )
        for metric in metrics
    ]
    charts = _gathered(charts)
    heads: dict[str, int] = {}
    for index, chart in enumerate(charts):
        heads.setdefault(chart.chart, index)
    ranks = {key: _rank(charts[index], index) for key, index in heads.items()}
    return [chart._replace(rank=ranks[chart.chart]) for chart in charts]


def _place(
    metric: Measured,
    units: Mapping[str, str],
    *,
    is_constant: bool,
    is_summary: bool,
    is_position: bool,
) -> Chart:
    base, split = _unstaged(*unworn(metric.name.strip()))
    chart, member = _without_member(base)
    theme = _theme(base)
    return Chart(
        name=metric.name,
        chart=chart,
        title=chart if is_opaque(chart) else "/".join(chart.split("/")[-2:]),
        section=_section(chart, theme),
        split=" ".join(filter(None, [split, member])),
        rank=0,
        unit=units.get(metric.name) or _unit(base),
        hidden=is_constant or is_summary or is_position,
        constant=is_constant,
        summary=is_summary,
        folded=theme == _SYSTEM[0],
    )


def _gathered(charts: list[Chart]) -> list[Chart]:
    """Members of a family share a chart for each measure, or are filed away where that is full."""
    lines = Counter(chart.chart for chart in charts if not chart.hidden)
    found = families(lines)
    shared = Counter[str]()
    for chart, member in found.items():
        shared[member.chart] += lines[chart]
    whole = {chart for chart, count in shared.items() if count <= LINES_MOST} - lines.keys()
    filed = {chart: member.family for chart, member in found.items() if member.chart not in whole}
    parts = ((chart, _PARTS_FOLDER.match(chart)) for chart in lines)
    filed |= {chart: folder[0].rstrip("/") for chart, folder in parts if folder}
    sizes = Counter(filed.values())
    return [
        _shared(chart, found[chart.chart])
        if chart.chart in found and found[chart.chart].chart in whole
        else chart._replace(family=family)
        if sizes[family := filed.get(chart.chart, "")] >= FAMILY_LEAST
        else chart
        for chart in charts
    ]


def _shared(chart: Chart, member: Member) -> Chart:
    theme = _theme(member.chart)
    return chart._replace(
        chart=member.chart,
        title="/".join(member.chart.split("/")[-2:]),
        section=_section(member.chart, theme),
        split=" ".join(filter(None, [member.label, chart.split])),
        folded=theme == _SYSTEM[0],
    )


def _position(name: str) -> str:
    """What the metric is called among the candidates for the axis."""
    found = step_name(name)
    return found.name if found else name


def _without_member(base: str) -> tuple[str, str]:
    """The chart of a metric and which of its series it is: ("reward", "env0")."""
    folder, _, last = base.rpartition("/")
    return (folder, last) if folder and _MEMBER.fullmatch(last) else (base, "")


def _unstaged(base: str, split: str) -> tuple[str, str]:
    """Lightning's ``loss_step`` and ``loss_epoch`` are the same loss, as it was and its mean."""
    match = _STAGED.fullmatch(base)
    if match is None or not is_result(match[1]):
        return base, split
    return match[1], " ".join(filter(None, (split, match[2])))


def _theme(base: str) -> str:
    words = base.replace(" ", "_")
    if _SYSTEM_NAME.search(words):
        return _SYSTEM[0]
    last = words.rpartition("/")[2]
    for text in (last, words):
        for name, pattern in _COMPILED:
            if pattern.search(text):
                return name
    return _OTHER


def _section(chart: str, theme: str) -> str:
    """The first folder, else the theme."""
    folder = chart.partition("/")[0] if "/" in chart and not is_opaque(chart) else ""
    is_named = folder and folder.lower() not in TRANSPARENT and theme != _SYSTEM[0]
    return folder if is_named else theme


def _rank(chart: Chart, index: int) -> int:
    """By theme, then shallow before deep, then by first appearance; terms of a sum last."""
    is_part = _PARTS.search(chart.chart) is not None
    theme = _ORDER.index(_OTHER if is_part else _theme(chart.chart))
    depth = 9 if is_part else min(chart.chart.count("/"), 8)
    return (theme * 10 + depth) * 10_000 + index


def _is_constant(metric: Measured, rows: int) -> bool:
    if metric.points == 1 and metric.start == 0 and rows >= CONSTANT_FROM:
        return True
    is_flat = metric.points >= CONSTANT_FROM and metric.min == metric.max
    return (
        is_flat and metric.non_finite == 0 and not _SCHEDULED.search(metric.name.replace(" ", "_"))
    )


def _unit(base: str) -> str:
    return next((unit for pattern, unit in _UNITS if pattern.search(base.lower())), "")
