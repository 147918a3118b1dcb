"""Who reads what in Results: names, small counts, files, the API; on every page and in every byte."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from allteach.web.variation import services
from allteach.web.variation.models import Phase
from tests.results import PLAINS, Plain, fill, make_measure, month, observe

pytestmark = pytest.mark.django_db
N = "/n/hearts/results/"
FORMS = ("svg", "png", "pdf", "pptx", "csv", "txt")
NETWORK_PAGES = [N, N + "?changed=1", N + "signals/", N + "phases/", N + "build/"]


@pytest.fixture
def filled(network: Any, sites: list[Any], people: SimpleNamespace) -> SimpleNamespace:
    network.open_counts = True
    network.save()
    measures = fill(network, sites, by=people.ada)
    for site in sites:
        services.annotation_add(
            by=people.ada, network=network, site=site, measure=measures[0], on=month(20), kind="event",
            text=f"{site.name} changed its rota",
        )  # fmt: skip
    services.annotation_add(
        by=people.ada,
        network=network,
        on=month(22),
        kind="note",
        text="Birch Hospital and CEDAR presented at the meeting",
    )
    for phase in Phase.objects.filter(measure=measures[0], site__in=sites):
        services.phase_decide(
            by=people.ada, phase=phase,
            decision=services.Decision(True, "event", f"The team at {phase.site.name} changed its rota"),
        )  # fmt: skip
    return SimpleNamespace(network=network, sites=sites, people=people, measures=measures)


def sign_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def addresses(slug: str, keys: list[str]) -> Iterator[str]:
    start = f"{N}m/{slug}/"
    yield from (start, start + "?sort=size", start + "compare/", start + "compare/estimates/")
    yield from (start + "compare/variance/", start + "compare/bright/")
    yield from (f"{start}compare/funnel.{form}" for form in FORMS)
    for place in (f"{start}all/", *(f"{start}s/{key}/" for key in keys)):
        yield from (place, place + "table/", place + "method/")
        yield from (f"{place}chart.{form}" for form in FORMS)
        yield place + "chart.pptx?editable=1"


def api_addresses(slug: str, keys: list[str]) -> Iterator[str]:
    start = f"/api/n/hearts/results/{slug}/"
    yield from ("/api/n/hearts/results", start + "all", start + "funnel")
    yield from (f"{start}sites/{key}" for key in keys)


def readable(answer: Any) -> str:
    """Return every text in an answer: of zipped slides and deflated PDF streams as well, and the file's name."""
    body = answer.content
    texts = [answer.get("Content-Disposition", ""), body.decode("latin-1")]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            texts += [name + parts.read(name).decode("latin-1") for name in parts.namelist()]
    if body[:4] == b"%PDF":
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", body, re.DOTALL):
            try:
                texts.append(zlib.decompress(stream).decode("latin-1"))
            except zlib.error:
                continue
        import pypdf

        reader = pypdf.PdfReader(io.BytesIO(body))
        texts += [page.extract_text() for page in reader.pages] + [str(reader.metadata)]
    return "\n".join(texts).casefold()


@pytest.mark.parametrize("name", ["eve", "ben", "hal", "fay", "gus"])
def test_no_byte_names_another_site_where_sites_are_blinded(filled: SimpleNamespace, name: str) -> None:
    client = sign_in(getattr(filled.people, name))
    own = {"ben": "alder", "fay": "alder", "gus": "alder", "hal": "birch"}.get(name)
    others = [site for site in filled.sites if site.code != own]
    keys = [f"letter-{site.letter.lower()}" for site in others] + ([own] if own else [])
    slugs = ["tube-hours", "criteria"] if name == "ben" else ["tube-hours"]
    keys = keys if name == "ben" else keys[-2:]
    pages = NETWORK_PAGES + [page for slug in slugs for page in (*addresses(slug, keys), *api_addresses(slug, keys))]
    opened = 0
    for page in pages:
        answer = client.get(page)
        assert answer.status_code in (200, 403), (page, answer.status_code)
        opened += answer.status_code == 200
        text = readable(answer)
        for site in others:
            for secret in (site.name, site.code):
                found = re.search(rf"(?<![a-z]){re.escape(secret.casefold())}(?![a-z])", text)
                assert found is None, (page, secret, text[max(0, found.start() - 80) : found.end() + 40])
    assert opened > len(pages) / 3


@pytest.mark.parametrize("name", ["eve", "ben"])
def test_a_blinded_site_cannot_be_reached_by_its_code(filled: SimpleNamespace, name: str) -> None:
    client = sign_in(getattr(filled.people, name))
    for page in (
        f"{N}m/criteria/s/cedar/",
        f"{N}m/criteria/s/cedar/chart.csv",
        "/api/n/hearts/results/criteria/sites/cedar",
    ):
        there, nowhere = client.get(page), client.get(page.replace("cedar", "nowhere"))
        assert there.status_code == nowhere.status_code
        assert there.status_code in (403, 404)


def test_who_may_read_names_opens_an_address_with_a_letter(filled: SimpleNamespace) -> None:
    answer = sign_in(filled.people.dee).get(f"{N}m/criteria/s/letter-r/")
    assert answer.status_code == 200
    assert "Cedar Hospital" in answer.content.decode()


def test_a_stranger_is_refused_everywhere(filled: SimpleNamespace) -> None:
    client = sign_in(filled.people.zed)
    for page in [*NETWORK_PAGES, *addresses("criteria", ["alder"]), *api_addresses("criteria", ["alder"])]:
        assert client.get(page).status_code in (403, 404), page


def test_a_reader_takes_no_files_away(filled: SimpleNamespace) -> None:
    client = sign_in(filled.people.eve)
    for form in FORMS:
        assert client.get(f"{N}m/criteria/all/chart.{form}").status_code == 403
        assert client.get(f"{N}m/criteria/compare/funnel.{form}").status_code == 403
    assert client.get("/api/n/hearts/results/criteria/all").status_code == 403
    assert b"chart.pptx" not in client.get(f"{N}m/criteria/all/").content


def test_a_blinded_measure_gets_rows_of_its_own_in_a_named_network(filled: SimpleNamespace) -> None:
    filled.network.naming = "named"
    filled.network.save()
    blinded = filled.measures[1]
    blinded.blinded = True
    blinded.save()
    page = sign_in(filled.people.eve).get(N).content.decode()
    first, second = page.split('id="sites-0"')[1].split('id="sites-1"')
    assert "Cedar Hospital" in first
    assert "m/criteria/s/" not in first
    assert "Cedar Hospital" not in second
    assert "m/criteria/s/letter-r/" in second
    answer = sign_in(filled.people.eve).get(f"{N}m/tube-hours/s/letter-r/")
    assert answer.status_code == 404  # else a letter of a named measure would unblind the other


# -- small counts ------------------------------------------------------------------------------------------------------

RARE = Plain("rare", "Rare event", "proportion", "balancing", "lower", 0.05, size=60.0)


@pytest.fixture
def closed(network: Any, sites: list[Any], people: SimpleNamespace) -> SimpleNamespace:
    network.open_counts = False
    network.naming = "named"
    network.save()
    measures = fill(network, sites, by=people.ada, plains=(*PLAINS[:2], RARE))
    return SimpleNamespace(network=network, sites=sites, people=people, measures=measures)


def test_small_counts_are_withheld_with_the_reason(closed: SimpleNamespace) -> None:
    eve = sign_in(closed.people.eve)
    page = eve.get(f"{N}m/rare/s/cedar/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "fewer than 11" in text
    assert "<svg role" not in text
    assert "data-say=" not in text
    for place in ("all/", "s/alder/", "s/birch/", "compare/", "compare/estimates/"):
        assert "fewer than 11" in eve.get(f"{N}m/rare/{place}").content.decode(), place
    assert "fewer than 11" in eve.get(f"{N}m/rare/").content.decode()


def test_the_matrix_withholds_small_numbers_but_not_the_finding(closed: SimpleNamespace) -> None:
    text = sign_in(closed.people.eve).get(N).content.decode()
    assert "withheld: counts below 11" in text
    assert "withheld: counts below 11" not in sign_in(closed.people.ada).get(N).content.decode()


def test_files_and_api_withhold_the_same(closed: SimpleNamespace) -> None:
    ben = sign_in(closed.people.ben)
    for form in FORMS:
        assert ben.get(f"{N}m/rare/s/cedar/chart.{form}").status_code == 404
        assert ben.get(f"{N}m/rare/s/alder/chart.{form}").status_code == 200
        assert ben.get(f"{N}m/rare/compare/funnel.{form}").status_code == 404
    assert ben.get("/api/n/hearts/results/rare/sites/cedar").status_code == 404
    assert ben.get("/api/n/hearts/results/rare/sites/alder").status_code == 200
    lines = ben.get("/api/n/hearts/results").json()["lines"]
    assert next(line for line in lines if line["measure"] == "rare")["value"] is None


def test_own_site_coach_and_agreement_open_small_counts(closed: SimpleNamespace) -> None:
    assert "data-say=" in sign_in(closed.people.ben).get(f"{N}m/rare/s/alder/").content.decode()
    assert "data-say=" in sign_in(closed.people.dee).get(f"{N}m/rare/s/cedar/").content.decode()
    closed.network.open_counts = True
    closed.network.save()
    assert "data-say=" in sign_in(closed.people.eve).get(f"{N}m/rare/s/cedar/").content.decode()


def test_no_difference_of_totals_gives_a_withheld_site_away(closed: SimpleNamespace) -> None:
    """One small site among large ones: the network line minus the large ones would be its numbers."""
    from allteach.web.measuring.models import Observation
    from allteach.web.measuring.selectors import panel
    from allteach.web.sites.naming import naming_for
    from allteach.web.variation.policies import openness_of

    measure = make_measure(closed.network, Plain("mixed", "Mixed", "proportion", level=0.4, size=200.0), 9)
    observe(measure, Plain("mixed", "Mixed", "proportion", level=0.4, size=200.0), closed.sites[:2])
    Observation.objects.bulk_create(
        Observation(version=measure.versions.get(), site=closed.sites[2], period=month(at), numerator=3, denominator=20)
        for at in range(36)
    )
    found = panel(user=closed.people.eve, measure=measure)
    assert found is not None
    openness = openness_of(naming_for(user=closed.people.eve, network=closed.network, measure=measure), found)
    hidden = [site for site in closed.sites if site.pk not in openness.sites]
    assert closed.sites[2] in hidden
    assert len(hidden) >= 2 or not openness.whole


def test_kept_numbers_of_the_matrix_are_no_way_round(closed: SimpleNamespace) -> None:
    """The line of all sites is kept back when the withheld sites together would follow from it."""
    from allteach.web.measuring.models import Observation
    from allteach.web.variation.models import Standing

    plain = Plain("mixed", "Mixed", "proportion", level=0.4, size=200.0)
    measure = make_measure(closed.network, plain, 9)
    observe(measure, plain, closed.sites[:1])
    Observation.objects.bulk_create(
        Observation(version=measure.versions.get(), site=site, period=month(at), numerator=3, denominator=20)
        for site in closed.sites[1:]
        for at in range(36)
    )
    services.refresh_standings(network=closed.network, by=closed.people.ada, measures=[measure])
    assert Standing.objects.get(measure=measure, site=None).small
    line = next(
        line
        for line in sign_in(closed.people.ben).get("/api/n/hearts/results").json()["lines"]
        if line["measure"] == "mixed"
    )
    assert line["value"] is None
    assert line["variation"]
