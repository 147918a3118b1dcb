"""Starting a network from a file: the network and its first file come into being together or not at all."""

from __future__ import annotations

from django.db import transaction

from allteach.intake import reader
from allteach.web.people.models import Person
from allteach.web.sites.services import create_network
from allteach.web.submissions import services, store
from allteach.web.submissions.models import Submission


@transaction.atomic
def start_network(*, by: Person, name: str, incoming: store.Incoming) -> Submission:
    """Return the first submission of a new network.

    Raises:
        Refused: the person may not start networks.
        IntakeError: ``AT-I-001`` to ``AT-I-009`` when no table can be made of the file.
        StateError: ``AT-T-032`` for an empty file.
    """
    if incoming.size:
        reader.read(incoming.path, name=incoming.name)
    network = create_network(by=by, name=name)
    return services.receive(by=by, network=network, incoming=incoming).submission
