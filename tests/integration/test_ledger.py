"""The ledger: append-only, chained, complete."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from allteach.errors import StateError
from allteach.web.ledger.guard import install
from allteach.web.ledger.models import Entry
from allteach.web.ledger.selectors import entries_of, verify_ledger
from allteach.web.ledger.sentences import sentence
from allteach.web.ledger.services import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(ada, network):
    return [record(by=ada, action=f"thing.done{n}", network=network, about=f"thing {n}", size=n) for n in range(3)]


def test_entries_are_chained(three):
    assert three[0].previous_hash == "0" * 64
    assert [e.previous_hash for e in three[1:]] == [e.hash for e in three[:-1]]
    verdict = verify_ledger()
    assert verdict
    assert verdict.checked == 3


def test_a_changed_entry_shows(three):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_entry SET about = 'something else' WHERE id = %s", [three[1].pk])
    verdict = verify_ledger()
    assert not verdict
    assert (verdict.broken_at, verdict.checked) == (three[1].pk, 1)
    with pytest.raises(CommandError, match=f"broken at entry {three[1].pk}"):
        call_command("verify_ledger")


def test_a_missing_entry_shows(three):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_entry WHERE id = %s", [three[1].pk])
    assert verify_ledger().broken_at == three[2].pk


def test_our_own_code_cannot_change_or_remove_entries(three):
    entry = three[0]
    entry.about = "other"
    for attempt in (entry.save, entry.delete, Entry.objects.all().delete, lambda: Entry.objects.update(about="x")):
        with pytest.raises(StateError, match="AT-T-001"):
            attempt()
    assert verify_ledger()


@pytest.mark.parametrize("attempt", ["UPDATE ledger_entry SET about = 'x'", "DELETE FROM ledger_entry"])
def test_the_database_refuses_too(three, attempt):
    install()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attempt)
    assert Entry.objects.count() == 3


def test_an_entry_outlives_its_person(ada, network):
    record(by=ada, action="thing.done", network=network)
    name = ada.display_name
    ada.delete()
    assert Entry.objects.get(action="thing.done").actor == name
    assert verify_ledger()


def test_a_failed_act_leaves_no_entry(ada, network):
    def act() -> None:
        with transaction.atomic():
            record(by=ada, action="thing.done", network=network)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert not Entry.objects.filter(action="thing.done").exists()


def test_sentences_read_well(ada, network):
    entry = record(by=ada, action="site.changed", network=network, about="Alder", changed={"region": ["", "North"]})
    assert sentence(entry) == "changed the site Alder: region North"
    assert sentence(record(by=ada, action="odd.thing_done", about="it")) == "odd thing done: it"
    assert [e.pk for e in entries_of(user=ada, network=network)] == [entry.pk]
