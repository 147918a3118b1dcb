"""Published numbers open to what they rest on; charts can be asked as known on a day; corrections stay visible."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from allteach.web.measuring import services
from allteach.web.measuring.models import Computation, Correction, MeasureVersion
from allteach.web.submissions.models import RegistryFile, Submission
from allteach.web.submissions.services import save_table
from tests.integration.submitting import FALLS, accepted, falls
from tests.integration.test_measuring import CARD

pytestmark = pytest.mark.django_db
CORRECTED = FALLS.replace("alder,2024-02-01,A,2", "alder,2024-02-01,A,6")


@pytest.fixture
def table(ada, network, sites):
    return save_table(by=ada, network=network, dictionary=falls())


@pytest.fixture
def measure(ada, network, table):
    """A measure whose first file is a month old, and which was corrected ten days ago."""
    measure = services.create_measure(by=ada, network=network, card=CARD)
    first = accepted(ada, network, FALLS, table=table)
    _age(first, 30)
    MeasureVersion.objects.update(released_at=timezone.now() - timedelta(days=31))
    second = accepted(ada, network, CORRECTED, table=table)
    _age(second, 10, before=first)
    return measure


def _age(submission, days, before=None):
    """Let a submission have been accepted so many days ago."""
    then = timezone.now() - timedelta(days=days)
    Submission.objects.filter(pk=submission.pk).update(decided_at=then)
    RegistryFile.objects.filter(submission=submission).update(current_from=then)
    Correction.objects.update(until=then)
    if before is not None:
        RegistryFile.objects.filter(submission=before, current_until__isnull=False).update(current_until=then)


def _day(days):
    return (timezone.localdate() - timedelta(days=days)).isoformat()


def _points(client, network, query=""):
    found = client.get(f"/api/n/{network.slug}/results/falls/sites/alder{query}")
    assert found.status_code == 200, found.content
    return found.json()


def test_a_number_opens_to_version_dictionary_submissions_engine_code_and_time(ada, client, network, table, measure):
    client.force_login(ada)
    found = client.get(f"/api/n/{network.slug}/results/falls/sources?site=alder").json()
    version = measure.versions.get()
    assert (found["version"], found["content_hash"]) == (1, version.content_hash)
    assert (found["dictionary"], found["dictionary_hash"]) == (table.version, falls().content_hash)
    assert found["engine"].startswith("duckdb ")
    assert found["code"].startswith("allteach ")
    assert len(found["manifest"]) == 64
    assert [item["number"] for item in found["submissions"]] == [2]
    assert found["submissions"][0]["hash"] == Submission.objects.get(number=2).file_hash
    page = client.get(reverse("variation:method", args=[network.slug, "falls", "alder"])).content.decode()
    for text in (version.content_hash[:12], found["manifest"][:12], found["engine"], "Number 2, accepted"):
        assert text in page, text


def test_each_state_of_files_is_written_down_once(ada, network, measure):
    assert Computation.objects.count() == 3, "none, the first file, the second"
    services.recompute(by=ada, network=network)
    assert Computation.objects.count() == 3
    assert Computation.objects.values("manifest").distinct().count() == 3


def test_a_chart_is_shown_as_known_on_a_day(ada, client, network, measure):
    client.force_login(ada)
    assert [p["numerator"] for p in _points(client, network)["points"]] == [4, 6]
    earlier = _points(client, network, f"?as_known={_day(20)}")
    assert [p["numerator"] for p in earlier["points"]] == [4, 2]
    assert "As known on" in " ".join(earlier["notices"])
    assert [p["numerator"] for p in _points(client, network, f"?as_known={_day(5)}")["points"]] == [4, 6]
    assert client.get(f"/api/n/{network.slug}/results/falls/all?as_known={_day(40)}").status_code == 404
    address = reverse("variation:chart", args=[network.slug, "falls", "alder"]) + f"?as_known={_day(20)}"
    page = client.get(address).content.decode()
    assert "As known on" in page
    assert f"chart.csv?as_known={_day(20)}" in page, "files keep the state"
    file = reverse("variation:file", args=[network.slug, "falls", "alder", "csv"]) + f"?as_known={_day(20)}"
    text = client.get(file).content.decode()
    assert "As known on" in text
    assert ",2,310," in text


def test_a_late_correction_stays_visible(ada, client, network, measure):
    client.force_login(ada)
    row = Correction.objects.get()
    assert (row.site.code, row.numerator, row.denominator) == ("alder", 2, 310)
    for name, args in (("chart", ["alder"]), ("network_chart", [])):
        page = client.get(reverse(f"variation:{name}", args=[network.slug, "falls", *args])).content.decode()
        assert "Feb 2024 was 6.45 (2 / 310) until" in page, name
    found = client.get(f"/api/n/{network.slug}/results/falls/sources").json()
    assert found["corrections"][0]["was"] == "6.45 (2 / 310)"


def test_small_differences_stay_with_those_who_may_read_small_counts(ben, eve, dee, client, network, measure):
    own = reverse("variation:chart", args=[network.slug, "falls", "alder"])
    whole = reverse("variation:network_chart", args=[network.slug, "falls"])
    client.force_login(ben)
    assert "2 / 310" in client.get(own).content.decode(), "the own site"
    assert "2 / 310" not in client.get(f"{whole}?as_known={_day(20)}").content.decode()
    assert "set against what is shown now" in client.get(f"{whole}?as_known={_day(20)}").content.decode()
    client.force_login(eve)
    letter = reverse("variation:chart", args=[network.slug, "falls", "letter-m"])
    for address in (letter, whole):
        for query in ("", f"?as_known={_day(20)}", "?version=1"):
            page = client.get(address + query).content.decode()
            assert "2 / 310" not in page
            assert "alder" not in page.lower()
    assert client.get(f"/api/n/{network.slug}/results/falls/sources").status_code == 403, "no right to export"
    client.force_login(dee)
    assert "2 / 310" in client.get(own).content.decode(), "a coach"


def test_a_new_period_or_a_growing_one_is_no_correction(ada, network, table, measure):
    Correction.objects.all().delete()
    today = timezone.localdate()
    text = "site,month,ward,falls,days\n"
    accepted(ada, network, text + f"alder,{today:%Y-%m}-01,A,1,100\n", table=table)
    accepted(ada, network, text + f"alder,{today:%Y-%m}-01,A,3,200\n", table=table)
    assert not Correction.objects.exists()


def test_the_matrix_is_shown_as_known_on_a_day(ada, eve, client, network, measure):
    client.force_login(ada)
    address = f"/api/n/{network.slug}/results"
    now, then = (client.get(address + query).json()["lines"][0] for query in ("", f"?as_known={_day(20)}"))
    assert (now["numerator"], then["numerator"]) == (11, 7)
    assert client.get(f"{address}?as_known={_day(40)}").json()["cells"] == []
    page = client.get(reverse("variation:index", args=[network.slug]) + f"?as_known={_day(20)}").content.decode()
    assert "As known on" in page
    assert f'href="m/falls/s/alder/?as_known={_day(20)}"' in page
    whole = client.get(reverse("variation:measure", args=[network.slug, "falls"]) + f"?as_known={_day(20)}")
    assert "As known on" in whole.content.decode()
    client.force_login(eve)
    page = client.get(reverse("variation:index", args=[network.slug]) + f"?as_known={_day(20)}").content.decode()
    assert "withheld" in page
    assert "7 of 710" not in page
