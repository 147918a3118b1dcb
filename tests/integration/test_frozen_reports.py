"""A frozen report comes out to the same bytes: after corrections, new versions, and a restore somewhere else."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from django.urls import reverse

from allteach.errors import RegistryError, StateError
from allteach.measures.card import MeasureKind
from allteach.web.ledger.models import Entry
from allteach.web.measuring import by_command, services
from allteach.web.measuring.freezing import again
from allteach.web.measuring.models import FrozenReport, MeasureVersion
from allteach.web.submissions import services as submissions
from allteach.web.submissions import store
from tests.integration.submitting import FALLS, accepted, falls
from tests.integration.test_measuring import CARD

pytestmark = pytest.mark.django_db
MEAN = replace(
    CARD, id="days", title="Days", kind=MeasureKind.DURATION, numerator="", denominator="", value="days", per=1.0,
    exposure="",
)  # fmt: skip


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    """A data folder of its own: files in it are moved and damaged here."""
    settings.HOME = tmp_path / "home"
    return settings.HOME


@pytest.fixture
def table(ada, network, sites):
    return submissions.save_table(by=ada, network=network, dictionary=falls())


@pytest.fixture
def report(ada, network, table):
    for card in (CARD, MEAN):
        services.create_measure(by=ada, network=network, card=card)
    accepted(ada, network, FALLS, table=table)
    return services.freeze(by=ada, network=network, title="Annual report")


def test_a_report_says_what_it_rests_on(network, table, report):
    said = report.manifest
    assert [(item["id"], item["version"]) for item in said["measures"]] == [("days", 1), ("falls", 1)]
    assert said["tables"]["falls"]["dictionaries"] == [{"version": 1, "hash": falls().content_hash}]
    assert [file["submission"] for file in said["tables"]["falls"]["files"]] == [1]
    assert said["engine"].startswith("duckdb")
    entry = Entry.objects.get(action="report.frozen")
    assert entry.detail["manifest"] == report.manifest_id
    text = again(user=report.frozen_by, report=report).content.decode()
    assert text.startswith(f"# allteach frozen report\n# manifest {report.manifest_id}\n")
    assert "falls,1,alder,2024-02-01,0,,,2,310," in text


def test_the_same_bytes_after_a_correction_a_withdrawal_and_a_new_version(ada, chi, network, table, report):
    second = accepted(ada, network, FALLS.replace("alder,2024-02-01,A,2", "alder,2024-02-01,A,6"), table=table)
    assert again(user=ada, report=report).same
    submissions.withdraw(by=ada, submission=second, note="Wrong after all.")
    version = services.revise(by=ada, measure=network.measures.get(slug="falls"), card=replace(CARD, where="falls > 1"))
    services.check(by=chi, version=version)
    services.release(by=ada, version=version, reason="Small falls are counted apart.")
    assert again(user=ada, report=report).same
    other = services.freeze(by=ada, network=network, title="Annual report")
    assert other.digest != report.digest
    services.retire(by=ada, measure=network.measures.get(slug="days"), reason="Nobody used it.")
    assert again(user=ada, report=report).same
    assert again(user=ada, report=other).same


def test_the_same_bytes_after_a_restore_in_another_folder(ada, network, report, home, settings, tmp_path):
    shutil.copytree(home, tmp_path / "restored")
    shutil.rmtree(store.registry_folder())
    with pytest.raises(RegistryError, match="AT-R-003"):
        again(user=ada, report=report)
    settings.HOME = tmp_path / "restored"
    assert again(user=ada, report=FrozenReport.objects.get()).same


def test_damaged_rows_and_changed_cards_are_told(ada, client, network, report):
    client.force_login(ada)
    address = reverse("measuring:frozen", args=[network.slug, 1])
    MeasureVersion.objects.filter(measure__slug="falls").update(content_hash="x", card=_other())
    page = client.post(address).content.decode()
    assert "AT-T-070" in page
    path = store.registry_folder() / network.slug / report.manifest["tables"]["falls"]["files"][0]["path"]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert "AT-R-004" in client.post(address).content.decode()


def _other():
    from allteach.measures.files import dump

    return dump(replace(CARD, where="falls > 3"))


def test_pages_freeze_recompute_and_download(ada, ben, eve, client, network, table, report):
    listed, one, file = (
        reverse(f"measuring:{name}", args=args)
        for name, args in (
            ("frozen_list", [network.slug]),
            ("frozen", [network.slug, 1]),
            ("frozen_file", [network.slug, 1]),
        )
    )
    for person in (ben, eve):
        client.force_login(person)
        assert {client.get(address).status_code for address in (listed, one, file)} == {403}
    client.force_login(ada)
    assert "Annual report" in client.get(listed).content.decode()
    assert client.post(listed, {"title": "May", "as_known": "2020-01-01"}).status_code == 422
    assert client.post(listed, {"title": "Again"}).status_code == 302
    assert "The same bytes." in client.post(one).content.decode()
    assert client.get(file).content == again(user=ada, report=report).content
    FrozenReport.objects.filter(number=1).update(digest="0" * 64)
    assert client.get(file).status_code == 409
    assert "Other bytes" in client.post(one).content.decode()


def test_the_command_line_lists_makes_and_recomputes(ada, network, report):
    assert by_command.lines(network.slug)[0].endswith("Annual report")
    assert by_command.make(network.slug, "By command", "ada", "").startswith("Frozen report 2: manifest ")
    assert by_command.recompute(network.slug, 2).same
    for act in (
        lambda: by_command.recompute(network.slug, 9),
        lambda: by_command.lines("nowhere"),
        lambda: by_command.make(network.slug, "x", "nobody", ""),
        lambda: by_command.make(network.slug, "x", "ada", "May"),
    ):
        with pytest.raises(StateError):
            act()
