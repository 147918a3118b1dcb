"""One case as a form: asked, checked in the words of files, kept while typing, sent, corrected, withdrawn."""

from __future__ import annotations

import pytest
from django.urls import reverse

from allteach.intake.contract import load
from allteach.web.submissions import manifest, services
from allteach.web.submissions.models import CaseDraft, Submission
from tests.integration.submitting import accepted

pytestmark = pytest.mark.django_db

VISITS = """
name: visits
title: Visits
key: [visit]
fields:
- {name: site, role: site, required: true}
- {name: visit, title: Visit number, role: record, required: true}
- {name: surname, required: true, privacy: direct}
- {name: day, type: date, role: date, required: true, formats: [DD.MM.YYYY]}
- {name: weight, type: number, unit: kg, minimum: 0, maximum: 300, decimal: ","}
- {name: late, type: boolean}
- {name: why, type: code, codes: {A: away, B: busy}}
rules:
- {id: why, must: not late or why is present, message: Say why it was late., fix: Ask the family., column: why}
"""
ROWS = 'site,visit,day,weight,late,why\nbirch,7,02.01.2024,"12,5",no,\nbirch,8,03.01.2024,,yes,A\n'


@pytest.fixture
def table(ada, network):
    return services.save_table(by=ada, network=network, dictionary=load(VISITS))


def at(page, network, code="birch"):
    return reverse(f"submissions:{page}", kwargs={"network": network.slug, "slug": "visits", "code": code})


def answers(**said):
    """Return posted answers by column; the form leaves out the site and what identifies a person."""
    places = {"visit": "c0", "day": "c1", "weight": "c2", "late": "c3", "why": "c4"}
    return {places.get(name, name): value for name, value in said.items()}


def rows_now(network):
    files = list(manifest.current(network, "visits"))
    rows = manifest.registry_of(network).read([file.path for file in files]).to_pylist() if files else []
    return {row["visit"]: row for row in rows}


def test_a_member_types_a_case_and_a_lead_accepts_it(hal, ada, client, network, sites, table):
    client.force_login(hal)
    page = client.get(at("case", network)).content.decode()
    assert "surname" not in page
    assert "Send and accept" not in page
    said = answers(visit="9", day="2024-01-05", weight="14.25", late="no", step="send")
    response = client.post(at("case", network), said)
    submission = Submission.objects.get()
    assert response.url.endswith(f"/data/files/{submission.number}/")
    assert (submission.status, submission.rows_kept, submission.site.code) == ("checked", 1, "birch")
    assert submission.plan["holds"] == "part"
    services.accept(by=ada, submission=submission)
    assert rows_now(network)["9"]["weight"] == 14.25


def test_the_form_says_what_a_file_would_be_told_at_the_field(hal, client, network, sites, table):
    client.force_login(hal)
    said = answers(visit="", day="2024-13-05", weight="400", late="yes", step="send")
    response = client.post(at("case", network), said)
    assert response.status_code == 422
    form = response.context["form"]
    assert "AT-I-031" in form.errors["c0"][0]
    assert "AT-I-021" in form.errors["c1"][0]
    assert "300" in form.errors["c2"][0]
    assert form.errors["c4"][0].startswith("Say why it was late. Ask the family.")
    assert not Submission.objects.exists()


def test_typing_keeps_a_draft_that_only_its_author_sees(hal, ada, client, network, sites, table):
    client.force_login(hal)
    first = client.post(at("case_keep", network), answers(visit="9", late="yes")).content.decode()
    draft = CaseDraft.objects.get()
    assert f'name="draft" value="{draft.pk}"' in first
    assert "needed: Say why it was late." in first
    again = client.post(at("case_keep", network), answers(visit="9", late="no", draft=draft.pk)).content.decode()
    assert "Say why it was late" not in again
    assert CaseDraft.objects.get().values == {"visit": "9", "late": "no"}
    assert "1 field" not in client.get(at("cases", network)).content.decode()
    client.force_login(ada)
    assert client.get(at("case", network) + f"?draft={draft.pk}").status_code == 404
    client.force_login(hal)
    assert 'value="9"' in client.get(at("case", network) + f"?draft={draft.pk}").content.decode()
    client.post(at("case", network), answers(visit="9", day="2024-01-05", late="no", draft=draft.pk, step="send"))
    assert not CaseDraft.objects.exists()


def test_without_script_a_draft_is_kept_by_a_button(hal, client, network, sites, table):
    client.force_login(hal)
    assert client.post(at("case", network), answers(weight="9", step="keep")).status_code == 302
    draft = CaseDraft.objects.get()
    client.post(at("case_discard", network), {"draft": draft.pk})
    assert not CaseDraft.objects.exists()


def test_a_case_is_corrected_and_the_correction_taken_back(ada, client, network, sites, table):
    accepted(ada, network, ROWS, table=table)
    client.force_login(ada)
    page = client.get(at("cases", network))
    case = next(case for case in page.context["found"] if case.row["visit"] == "7")
    assert "7" not in case.token
    form = client.get(at("case", network) + f"?case={case.token}").content.decode()
    assert 'value="12.5"' in form
    assert 'value="2024-01-02"' in form
    said = answers(visit="7", day="2024-01-02", weight="11", late="no", case=case.token, step="accept")
    response = client.post(at("case", network), said, follow=True)
    assert response.status_code == 200
    assert rows_now(network)["7"]["weight"] == 11
    assert set(rows_now(network)) == {"7", "8"}, "no other row went away"
    correction = Submission.objects.order_by("-number")[0]
    services.withdraw(by=ada, submission=correction, note="It was right.")
    assert rows_now(network)["7"]["weight"] == 12.5
    found = client.post(at("cases", network), {"find": "8"}).context["found"]
    assert [case.row["visit"] for case in found] == ["8"]


def test_the_same_case_twice_is_one(ada, client, network, sites, table):
    client.force_login(ada)
    said = answers(visit="9", day="2024-01-05", late="no", step="accept")
    client.post(at("case", network), said)
    assert client.post(at("case", network), said).url.endswith("/same/")
    assert Submission.objects.count() == 1


def test_nobody_types_for_another_site_or_into_a_table_without_key(hal, ada, client, network, sites, table):
    client.force_login(hal)
    for page in ("cases", "case"):
        assert client.get(at(page, network, "alder")).status_code == 403
    assert client.post(at("case_keep", network, "alder"), answers(visit="1")).status_code == 403
    services.save_table(by=ada, network=network, dictionary=load(VISITS.replace("key: [visit]", "key: []")))
    assert client.get(at("case", network)).status_code == 409, "AT-T-063"
    assert b"No table of this network takes single cases" in client.get(
        reverse("submissions:case_choose", args=[network.slug])
    ).content  # fmt: skip
