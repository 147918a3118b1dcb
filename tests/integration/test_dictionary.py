"""A network writes its data dictionary in the product: begin, columns, rules, look, release, next version."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from allteach.errors import StateError
from allteach.intake import contract
from allteach.web.ledger.models import Entry
from allteach.web.measuring.services import create_measure
from allteach.web.submissions import manifest, selectors, services
from allteach.web.submissions.models import RegistryFile, Table, TableDraft
from tests.integration.submitting import FALLS, accepted, falls, sent

pytestmark = pytest.mark.django_db


def at(page, network, **parts):
    return reverse(f"submissions:{page}", kwargs={"network": network.slug, **parts})


def column(client, network, draft, place, **said):
    answers = {"type": "text", "role": "other", "privacy": "open", "opened": ""} | said
    return client.post(at("draft_column", network, pk=draft.pk, at=place), answers)


@pytest.fixture
def chi_in(chi, client):
    client.force_login(chi)
    return client


@pytest.fixture
def table(ada, network):
    return services.save_table(by=ada, network=network, dictionary=falls())


def changed(by, network, table, **plain):
    """Begin the next version of a table with some words changed and return the draft."""
    draft = services.draft_begin(by=by, network=network, dictionary=selectors.read(table), based_on=table)
    made = contract.unchecked(contract.to_plain(selectors.read(table)) | plain)
    return services.draft_change(by=by, draft=draft, dictionary=made)


def test_a_table_is_written_from_nothing_and_released(chi_in, network, sites):
    chi_in.post(at("new_table", network), {"way": "blank", "title": "Clinic visits"})
    draft = TableDraft.objects.get()
    column(chi_in, network, draft, 0, name="site", role="site", required="on")
    column(chi_in, network, draft, 1, name="visit", role="record", required="on")
    column(chi_in, network, draft, 2, name="day", type="date", role="date", required="on", formats=["YYYY-MM-DD"])
    column(chi_in, network, draft, 3, name="died", type="boolean")
    column(chi_in, network, draft, 4, name="cause", type="code", codes="H = heart\nO = other")
    chi_in.post(
        at("draft_rule", network, pk=draft.pk, at=0),
        {"opened": "", "must": "not died or cause is present", "message": "Say why.", "fix": "Ask.", "severity": "hold",
         "column": "cause"},
    )  # fmt: skip
    chi_in.post(
        at("draft_about", network, pk=draft.pk),
        {"title": "Clinic visits", "grain": "month", "key": ["visit"], "sources": "Us, 2026"},
    )
    look = chi_in.get(at("draft_preview", network, pk=draft.pk)).content.decode()
    assert "Release this version" in look
    assert "heart" in look, "the form is shown"
    answer = chi_in.post(at("draft_release", network, pk=draft.pk), {"reason": "We begin."})
    assert answer.url == at("table", network, slug="clinic-visits")
    said = selectors.read(Table.objects.get(slug="clinic-visits"))
    assert [field.name for field in said.fields] == ["site", "visit", "day", "died", "cause"]
    assert said.key == ("visit",)
    assert said.rules[0].message == "Say why."
    assert not TableDraft.objects.exists()
    assert Entry.objects.filter(action="table.released", about="table clinic-visits v1").count() == 1


def test_wrong_columns_and_rules_are_refused_in_words(chi_in, chi, network):
    draft = services.draft_begin(by=chi, network=network, dictionary=contract.unchecked({"name": "t", "title": "T"}))
    for answers, words in (
        ({"name": "ward", "type": "code"}, "holds codes but lists none"),
        ({"name": "n", "type": "day_number"}, "which date day 0 was"),
        ({"name": "d", "type": "date", "formats": ["DD/MM/YYYY", "MM/DD/YYYY"]}, "cannot be told apart"),
    ):
        answer = column(chi_in, network, draft, 0, **answers)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    column(chi_in, network, draft, 0, name="a", type="integer")
    answer = chi_in.post(
        at("draft_rule", network, pk=draft.pk, at=0),
        {"opened": "", "must": "b > 3", "message": "m", "fix": "f", "severity": "hold"},
    )
    assert "no column &quot;b&quot;" in answer.content.decode()
    look = chi_in.get(at("draft_preview", network, pk=draft.pk)).content.decode()
    assert "No column says when" in look
    assert "Release this version" not in look


def test_a_shipped_dictionary_or_a_file_begins_a_draft(chi_in, network):
    chi_in.post(at("shipped", network, shelf="ibd", name="ibd-visits"))
    assert "Physician global assessment" in TableDraft.objects.get(slug="ibd-visits").content
    assert chi_in.post(at("shipped", network, shelf="ibd", name="ibd-visits")).status_code == 409, "AT-T-066"
    rows = "".join(f"ash,2024-{month:02}-01,{month}\n" for month in range(1, 13))
    file = SimpleUploadedFile("ward_visits.csv", ("site,month,visits\n" + rows).encode())
    chi_in.post(at("new_table", network), {"way": "file", "file": file})
    said = contract.load_draft(TableDraft.objects.get(slug="ward-visits").content)
    assert [field.name for field in said.fields] == ["site", "month", "visits"]
    assert said.site is not None


def test_columns_move_and_go_and_an_old_page_cannot_change_another(chi_in, chi, network, table):
    draft = changed(chi, network, table)
    act = at("draft_act", network, pk=draft.pk)
    chi_in.post(act, {"name": "days", "step": "up"})
    answer = column(chi_in, network, draft, 3, name="falls", type="integer", opened="falls")
    assert answer.status_code == 409, "place 3 is days now"
    chi_in.post(act, {"name": "ward", "step": "remove"})
    said = contract.load_draft(TableDraft.objects.get().content)
    assert [field.name for field in said.fields] == ["site", "month", "days", "falls"]
    assert said.key == ("site", "month")


def test_a_renamed_column_keeps_its_rows_and_measures_are_protected(ada, network, sites, table):
    accepted(ada, network, FALLS, table=table)
    plain = contract.to_plain(falls())
    plain["fields"][3] |= {"name": "falls_seen", "was": ["falls"]}
    plain["fields"].append({"name": "note"})
    draft = changed(ada, network, table, fields=plain["fields"])
    new = services.draft_release(by=ada, draft=draft, reason="Clearer.")
    assert new.version == 2
    files = manifest.current(network, "falls")
    rows = manifest.registry_of(network).read([file.path for file in files])
    assert sorted(rows["falls_seen"].to_pylist()) == [1, 2, 3, 4, 5]
    assert rows["note"].null_count == 5
    assert RegistryFile.objects.exclude(current_until=None).count() == 1, "the earlier file is there for days before"
    # A file in the old template is read too, and withdrawing it brings back fitted rows.
    later = accepted(ada, network, FALLS.replace("alder,2024-01-01,A,3", "alder,2024-01-01,A,9"), table=new)
    assert later.facts["rows_added"] == 5
    services.withdraw(by=ada, submission=later, note="Wrong.")
    rows = manifest.registry_of(network).read([file.path for file in manifest.current(network, "falls")])
    assert sorted(rows["falls_seen"].to_pylist()) == [1, 2, 3, 4, 5]


def test_a_version_that_would_break_rows_or_measures_is_refused(ada, chi_in, network, sites, table):
    from allteach.measures.guess import propose

    accepted(ada, network, FALLS, table=table)
    card = propose(falls(), None)[0].card
    create_measure(by=ada, network=network, card=card, released=True)
    fields = contract.to_plain(falls())["fields"]
    draft = changed(ada, network, table, fields=[f for f in fields if f["name"] != "falls"])
    with pytest.raises(StateError) as refused:
        services.draft_release(by=ada, draft=draft, reason="Less.")
    assert refused.value.code == "AT-T-065"
    assert "Keep the column" in chi_in.get(at("draft_preview", network, pk=draft.pk)).content.decode()
    gone = [f | {"name": "place"} if f["name"] == "site" else f for f in fields]
    draft = services.draft_change(
        by=ada, draft=draft, dictionary=contract.unchecked(contract.to_plain(falls()) | {"fields": gone, "key": []})
    )
    with pytest.raises(StateError) as refused:
        services.draft_release(by=ada, draft=draft, reason="Other word.")
    assert refused.value.code == "AT-T-064"
    assert Table.objects.count() == 1


def test_the_preview_says_which_accepted_rows_would_be_held(ada, chi_in, network, sites, table):
    accepted(ada, network, FALLS, table=table)
    rule = {"id": "few", "must": "falls <= 4", "message": "At most four falls.", "fix": "Look again."}
    draft = changed(ada, network, table, rules=[rule])
    page = chi_in.get(at("draft_preview", network, pk=draft.pk)).content.decode()
    assert "1 of 5 rows would be held back" in page
    assert "At most four falls." in page


def test_versions_stay_readable_and_say_what_changed(ada, eve, client, network, table):
    fields = [*contract.to_plain(falls())["fields"], {"name": "note", "description": "Anything else."}]
    services.draft_release(by=ada, draft=changed(ada, network, table, fields=fields), reason="Room for a note.")
    client.force_login(eve)
    newest = client.get(at("table", network, slug="falls")).content.decode()
    assert "Room for a note." in newest
    assert "new column" in newest
    old = client.get(at("version", network, slug="falls", number=1)).content.decode()
    assert "an earlier version" in old
    assert "note" not in contract.load(Table.objects.get(version=1).dictionary).kinds
    assert client.get(at("version", network, slug="falls", number=9)).status_code == 404


@pytest.mark.parametrize(
    ("kind", "start"),
    [("template.csv", b"\xef\xbb\xbfsite,month"), ("template.xlsx", b"PK"), ("example.csv", b"\xef\xbb\xbfsite"),
     ("columns.md", b"# Falls"), ("dictionary.yaml", b"name: falls")],
)  # fmt: skip
def test_one_dictionary_makes_every_file(eve, client, network, table, kind, start):
    client.force_login(eve)
    assert client.get(at("made", network, slug="falls", kind=kind)).content.startswith(start)


def test_the_schema_is_a_frictionless_one(eve, client, network, table):
    client.force_login(eve)
    said = json.loads(client.get(at("made", network, slug="falls", kind="schema.json")).content)
    assert said["primaryKey"] == ["site", "month", "ward"]
    assert said["fields"][2]["constraints"] == {"enum": ["A", "B"]}
    assert said["fields"][1]["format"] == "%Y-%m-%d"
    assert client.get(at("made", network, slug="falls", kind="nothing")).status_code == 404


def test_only_those_who_name_columns_write_drafts(ben, ada, client, network, table):
    draft = changed(ada, network, table)
    client.force_login(ben)
    for name in ("draft", "draft_about", "draft_preview"):
        assert client.get(at(name, network, pk=draft.pk)).status_code == 403
    assert client.get(at("new_table", network)).status_code == 403
    assert b"Change this table" not in client.get(at("table", network, slug="falls")).content


def test_a_second_release_from_an_old_draft_is_refused(ada, network, table):
    draft = changed(ada, network, table, title="Falls seen")
    services.save_table(
        by=ada, network=network, dictionary=contract.unchecked(contract.to_plain(falls()) | {"title": "X"})
    )
    with pytest.raises(StateError) as refused:
        services.draft_release(by=ada, draft=draft, reason="Later.")
    assert refused.value.code == "AT-T-067"
    assert sent(ada, network, FALLS, table=table).status == "received"
