"""The rows behind a measure, patient by patient. For rooms that decide who may see what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from allteach.errors import NotEstimable
from allteach.measures.card import Card
from allteach.measures.patients import Patients, patients
from allteach.web.measuring.engine import current_files
from allteach.web.measuring.models import Measure
from allteach.web.submissions import manifest
from allteach.web.submissions.selectors import dictionary_of


def patients_in(
    measure: Measure, card: Card, *, columns: Sequence[str] = (), as_of: datetime | None = None
) -> Patients | NotEstimable:
    """Return every patient that counts in a measure, in order; none before a file was accepted. Never for a page as is.

    Args:
        measure: The measure.
        card: Its card.
        columns: Columns to bring along.
        as_of: As known at this moment; now when None.
    """
    files = current_files(measure.network, card.table, as_of=as_of)
    if not files:
        none = np.empty(0, dtype=object)
        return Patients(
            none, np.empty(0, dtype="datetime64[D]"), np.empty(0), np.empty(0), dict.fromkeys(columns, none)
        )
    key = dictionary_of(measure.network, card.table).key
    return patients(card, manifest.paths(measure.network, files), columns=columns, order=key)
