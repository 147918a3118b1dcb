"""FHIR resources on the road of a file: shipped views, views of one's own, findings by line, and the same again."""

from __future__ import annotations

import gzip
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from allteach.errors import IntakeError, Refused
from allteach.intake.contract import Field, FieldType, Role, TableDictionary
from allteach.intake.fhir import shipped
from allteach.measures.library import shelf
from allteach.web.ledger.models import Entry
from allteach.web.submissions import naming, services
from allteach.web.submissions.answers import with_messages
from allteach.web.submissions.models import Submission, Table, View
from tests.bulk_export import bundle, encounter, ndjson, observation, report
from tests.integration.submitting import sent

pytestmark = pytest.mark.django_db
Status = Submission.Status


def visit(number: int, **more):
    reason = [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": ("K50.90", "K51.9")[number % 2]}]}]
    kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    return encounter(number, "alder") | {"class": kind, "reasonCode": reason} | more


@pytest.fixture
def visits(ada, network):
    return services.save_table(by=ada, network=network, dictionary=shelf("ibd").table("ibd-visits"))


def send(client, network, table, body, name="Encounter.ndjson"):
    file = SimpleUploadedFile(name, body, content_type="application/fhir+ndjson")
    said = {"table": table if isinstance(table, str) else table.pk, "place": "network", "file": file}
    return client.post(reverse("submissions:send", args=[network.slug]), said, follow=True)


def test_a_bulk_export_fills_a_shipped_table_and_findings_name_lines(client, ada, network, sites, visits):
    client.force_login(ada)
    lines = [visit(1), visit(2), '{"resourceType": "Enc', visit(3, status="planned"), visit(4, foo=1)]
    body = gzip.compress(ndjson(lines), mtime=0)
    page = send(client, network, visits, body, "Encounter.ndjson.gz").content.decode()
    submission = Submission.objects.get()
    assert (submission.status, submission.rows_kept, submission.rows_held) == (Status.CHECKED, 2, 2)
    assert {f.code: f.rows for f in submission.findings.filter(severity="hold")} == {"AT-I-123": [3], "AT-I-125": [5]}
    assert "Read from 4 FHIR resources of the type Encounter" in page
    assert "All of them were held against FHIR R4" in page
    name, answer = with_messages(submission)
    assert name.endswith(".csv")
    assert "AT-I-125" in answer.decode("utf-8-sig").splitlines()[-1]
    services.accept(by=ada, submission=submission)
    again = send(client, network, visits, body, "Encounter.ndjson.gz").content.decode()
    assert Submission.objects.count() == 1
    assert "here already" in again


def test_a_network_begins_with_a_file_of_resources_and_keeps_its_view(client, ada, network, sites):
    client.force_login(ada)
    page = send(client, network, "new", ndjson([observation(n) for n in range(12)]), "Observation.ndjson")
    assert "read by the view “Observations”" in page.content.decode()
    submission = Submission.objects.get()
    address = reverse("submissions:file_view", args=[network.slug, submission.number])
    assert "12 rows from resources of the type Observation" in client.get(address).content.decode()
    text = json.dumps({
        "resource": "Observation", "title": "Temperatures", "where": [{"path": "value.ofType(Quantity).exists()"}],
        "select": [{"column": [
            {"name": "site", "path": "performer.getReferenceKey(Organization).first()"},
            {"name": "day", "path": "effective.ofType(dateTime)", "type": "date",
             "tag": [{"name": "zone", "value": "UTC"}]},
            {"name": "temperature", "path": "value.ofType(Quantity).value", "type": "decimal"},
        ]}],
    })  # fmt: skip
    wrong = client.post(address, {"text": text.replace("first()", "second()"), "action": "store"})
    assert wrong.status_code == 422
    assert "no function" in wrong.content.decode()
    tried = client.post(address, {"text": text, "action": "try"}).content.decode()
    assert "temperature" in tried
    submission.refresh_from_db()
    assert "view" not in submission.plan
    assert client.post(address, {"text": text, "action": "store"}).status_code == 302
    columns = reverse("submissions:columns", args=[network.slug, submission.number])
    assert "temperature" in client.get(columns).content.decode()
    submission.refresh_from_db()
    look = naming.look(submission)
    said = TableDictionary("temperatures", "Temperatures", (
        Field("site", role=Role.SITE), Field("day", FieldType.DATE, role=Role.DATE),
        Field("temperature", FieldType.NUMBER, role=Role.VALUE),
    ))  # fmt: skip
    assert look.view is not None
    naming.describe(by=ada, submission=submission, answers=naming.Answers(said, view=look.view.source))
    assert View.objects.get().table_slug == "temperatures"
    assert View.objects.get().title == "Temperatures"


def test_a_table_takes_a_view_of_its_own_with_versions(client, ada, hal, network, sites, visits):
    client.force_login(ada)
    address = reverse("submissions:table_view", args=[network.slug, "ibd-visits"])
    text = shipped.views()["ibd-visits.Encounter"].source
    page = client.get(address + "?start=ibd-visits.Encounter").content.decode()
    assert "K50" in page
    one = json.dumps(visit(1))
    tried = client.post(address, {"text": text, "sample": one, "action": "try"}).content.decode()
    assert "1 row from resources of the type Encounter" in tried
    assert "stays empty" in tried
    assert not View.objects.exists()
    for said in (text, text, text.replace("'AMB'", "'VR'")):
        assert client.post(address, {"text": said, "action": "store"}).status_code == 302
    assert list(View.objects.values_list("number", flat=True)) == [2, 1]
    assert Entry.objects.filter(action="view.described").count() == 2
    assert client.post(address, {"text": "{", "action": "store"}).status_code == 422
    client.force_login(hal)
    assert client.get(address).status_code == 200
    assert client.post(address, {"text": text, "action": "store"}).status_code == 403
    table = Table.objects.get()
    with pytest.raises(Refused):
        services.save_view(by=hal, table=table, text=text)
    with pytest.raises(IntakeError):
        services.save_view(by=ada, table=table, text=text.replace("%site", "%nobody"))
    submission = services.check(by=ada, submission=sent(ada, network, ndjson([visit(1)]), table=table, name="e.ndjson"))
    assert submission.rows_read == 0, "the newest version asks for virtual visits"


def test_a_site_sends_for_itself_whatever_the_resources_call_it(ada, network, sites, visits):
    birch = next(site for site in sites if site.code == "birch")
    body = ndjson([visit(n, serviceProvider={"reference": f"Organization/{9000 + n}"}) for n in range(4)])
    submission = services.check(by=ada, submission=sent(ada, network, body, table=visits, site=birch, name="e.ndjson"))
    assert (submission.rows_kept, list(submission.scope["sites"])) == (4, ["birch"])


def test_resources_of_another_type_stop_the_file_with_words(ada, network, visits):
    submission = services.check(
        by=ada, submission=sent(ada, network, ndjson([{"resourceType": "Flag", "id": "1"}]), table=visits)
    )
    assert submission.status == Status.REJECTED
    assert submission.findings.get().code == "AT-I-122"


def test_reports_become_counts_of_a_table(client, ada, network, sites):
    said = TableDictionary("remission", "Remission", (
        Field("site", role=Role.SITE, required=True), Field("period", FieldType.DATE, role=Role.PERIOD, required=True),
        Field("measure"), Field("numerator", FieldType.INTEGER, role=Role.NUMERATOR, at_most="denominator"),
        Field("denominator", FieldType.INTEGER, role=Role.DENOMINATOR), Field("exclusions", FieldType.INTEGER),
    ), key=("site", "period", "measure"))  # fmt: skip
    table = services.save_table(by=ada, network=network, dictionary=said)
    counts = {"initial-population": 30, "denominator": 24, "denominator-exclusion": 4, "numerator": 15}
    reports = [report(site, month, counts) for site in ("alder", "birch") for month in (1, 2)]
    reports.append(report("alder", 3, counts, status="pending"))
    submission = services.check(
        by=ada, submission=sent(ada, network, bundle(reports, indent=1), table=table, name="r.json")
    )
    assert submission.status == Status.CHECKED
    assert submission.rows_kept == 4
    assert submission.scope["sites"]["birch"]["rows"] == 2
