"""Words: the only place where data become sentences. Data in, plain words out, at a reading age of 12 or below.

Nothing here is called significant, nobody is blamed, and "cannot tell yet" is an answer. Every function takes a
`Voice`, so a web framework brings its own gettext and this half needs none.
"""

from __future__ import annotations

from allteach.charts.words.advice import advice, reason
from allteach.charts.words.finding import describe, phases, subtitle, title
from allteach.charts.words.numbers import amount, difference, joined, lowered, raised
from allteach.charts.words.plain import Plainly, plain, spoken
from allteach.charts.words.point import point_says
from allteach.charts.words.signal import Episode, chance, episodes, rule_name, rule_set_name, signal
from allteach.charts.words.sites import funnel_sentences, funnel_title
from allteach.charts.words.standing import action, assurance, kind_name, quiet, variation

__all__ = [
    "Episode",
    "Plainly",
    "action",
    "advice",
    "amount",
    "assurance",
    "chance",
    "describe",
    "difference",
    "episodes",
    "funnel_sentences",
    "funnel_title",
    "joined",
    "kind_name",
    "lowered",
    "phases",
    "plain",
    "point_says",
    "quiet",
    "raised",
    "reason",
    "rule_name",
    "rule_set_name",
    "signal",
    "spoken",
    "subtitle",
    "title",
    "variation",
]
