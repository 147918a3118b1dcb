"""The road of a file by the pages: start, name columns, findings, decision, and everything that goes wrong."""

from __future__ import annotations

import errno
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from allteach.web.measuring.models import Measure, Observation
from allteach.web.sites.models import Network, Site
from allteach.web.submissions import services, store
from allteach.web.submissions.models import RegistryFile, Submission
from tests.integration.submitting import FALLS, accepted, falls, sent

pytestmark = pytest.mark.django_db
Status = Submission.Status

MONTHS = [f"2023-{month:02}-01" for month in range(1, 13)]
ROWS = [
    f"{site},{month},{3 + (at * 7 + len(site)) % 5},{900 + 10 * at}"
    for site in ("Ash", "Beech", "Cherry")
    for at, month in enumerate(MONTHS)
]
INFECTIONS = "hospital,month,infections,days\n" + "\n".join(ROWS) + "\n"


@pytest.fixture
def newcomer(db, client):
    from allteach.web.people.models import Person

    person = Person.objects.create(username="nell", display_name="Nell Newcomer", is_staff=True)
    client.force_login(person)
    return person


@pytest.fixture
def table(ada, network):
    return services.save_table(by=ada, network=network, dictionary=falls())


def upload(text, name="infections.csv"):
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text, content_type="text/csv")


def start(client, text=INFECTIONS, name="Falls network"):
    return client.post(reverse("submissions_outside:start"), {"name": name, "file": upload(text)})


def answers_of(response):
    """Return what a browser would post from the naming page as it stands."""
    data = {}
    for form in [response.context["form"], *response.context["measures"]]:
        for field in form:
            value = field.value()
            if (
                isinstance(field.field.widget.__class__, type)
                and field.field.widget.__class__.__name__ == "CheckboxInput"
            ):
                if value:
                    data[field.html_name] = "on"
            elif value is not None:
                data[field.html_name] = value
    return data | {"add_sites": "1", "sites_seen": "1"}


def test_a_newcomer_gets_from_a_file_to_measures(newcomer, client):
    response = start(client)
    columns = response["Location"]
    page = client.get(columns)
    assert page.status_code == 200
    roles = {line.guess.name: line.role.value() for line in page.context["form"].lines()}
    assert roles == {"hospital": "site", "month": "period", "infections": "numerator", "days": "denominator"}
    assert [site.code for site in page.context["sites"]] == ["ash", "beech", "cherry"]
    response = client.post(columns, answers_of(page) | {"action": "check"})
    assert response.status_code == 302, response.context["form"].errors
    checked = client.get(response["Location"])
    assert b"All 36 rows are ready" in checked.content
    assert Site.objects.count() == 0, "sites join with the acceptance"
    assert Measure.objects.count() == 0, "measures begin with the acceptance"
    network = Network.objects.get()
    response = client.post(reverse("submissions:accept", args=[network.slug, 1]), {"seen": checked.context["seen"]})
    accepted_page = client.get(response["Location"])
    assert b"36 rows are in; 1 measure begins" in accepted_page.content
    assert Site.objects.count() == 3
    assert Observation.objects.filter(stratum="").count() == 36
    index = client.get(reverse("submissions:index", args=[network.slug]))
    assert "Data to Dec 2023, from every site" in index.content.decode()


def test_a_changed_column_shows_new_measures_before_anything_is_checked(newcomer, client):
    columns = start(client)["Location"]
    answers = answers_of(client.get(columns))
    page = client.post(columns, answers | {"role-3": "other", "action": "check"})
    assert page.status_code == 200
    assert b"The columns changed" in page.content
    assert [form.proposal.card.kind for form in page.context["measures"]] == ["count"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"role-0": "other"}, "whose data the whole file is"),
        ({"role-1": "other"}, "Choose the column that says when"),
        ({"role-1": "site"}, "Two columns say the site"),
        ({"role-2": "other"}, "Choose at least one column to measure"),
    ],
)
def test_columns_that_make_no_table_are_refused_in_words(newcomer, client, changes, said):
    columns = start(client)["Location"]
    page = client.post(columns, answers_of(client.get(columns)) | changes | {"action": "check"})
    assert page.status_code == 422
    assert said in page.content.decode()


def test_a_file_from_one_site_names_it_on_the_page(newcomer, client):
    text = "month,infections,days\n" + "\n".join(row.partition(",")[2] for row in ROWS[:12]) + "\n"
    columns = start(client, text)["Location"]
    page = client.post(columns, answers_of(client.get(columns)) | {"one_site": "St Ash", "action": "update"})
    response = client.post(columns, answers_of(page) | {"one_site": "St Ash", "action": "check"})
    assert response.status_code == 302, page.content.decode()
    submission = Submission.objects.get()
    assert (submission.rows_kept, list(submission.scope["sites"])) == (12, ["st-ash"])
    services.accept(by=newcomer, submission=submission)
    assert Site.objects.get().name == "St Ash"


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "hello")
    return out.getvalue()


BROKEN = {
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
    "zip": zipped(),
    "web page": b"<!doctype html><html><body>Signed out</body></html>",
    "empty": b"",
    "no header": "\n".join(ROWS).encode(),
    "two equal columns": b"site,site\na,b\n",
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_table_is_refused_in_words_and_leaves_nothing(newcomer, client, what):
    response = start(client, BROKEN[what])
    page = response.content.decode()
    assert response.status_code == 422, page
    assert "AT-" in page or "empty" in page
    assert Network.objects.count() == 0
    assert not list((store.received_folder() / "incoming").glob("*.part"))


def send(client, network, table, text, place="network", name="falls.csv"):
    data = {"table": table.pk, "place": place, "file": upload(text, name)}
    return client.post(reverse("submissions:send", args=[network.slug]), data)


LINE = "alder,2024-03-01,A,2,300"
BAD_ROWS = {
    "unreadable date": ("alder,soon,A,2,300", "month"),
    "negative count": ("alder,2024-03-01,A,-2,300", "falls"),
    "numerator above denominator": ("alder,2024-03-01,A,301,300", "falls"),
    "not a number": ("alder,2024-03-01,A,two,300", "falls"),
    "unknown group": ("alder,2024-03-01,Z,2,300", "ward"),
    "unknown site": ("nowhere,2024-03-01,A,2,300", "site"),
    "no site": (",2024-03-01,A,2,300", "site"),
    "in the future": ("alder,2999-03-01,A,2,300", "month"),
    "too few cells": ("alder,2024-03-01,A,2", ""),
}


@pytest.mark.parametrize("what", BAD_ROWS)
def test_bad_rows_are_held_with_row_and_column_and_good_rows_kept(ada, client, network, sites, table, what):
    row, column = BAD_ROWS[what]
    client.force_login(ada)
    page = client.get(send(client, network, table, FALLS + row + "\n")["Location"])
    submission = page.context["submission"]
    assert (submission.status, submission.rows_kept, submission.rows_held) == ("checked", 5, 1)
    finding = next(finding for finding in page.context["findings"] if finding.severity == "hold")
    assert (finding.rows, finding.column) == ([7], column)
    assert finding.message
    assert finding.fix
    assert finding.code in page.content.decode()


def test_a_row_twice_is_kept_once_and_a_contradiction_not_at_all(ada, client, network, sites, table):
    client.force_login(ada)
    text = FALLS + LINE + "\n" + LINE + "\nbirch,2024-03-01,A,1,400\nbirch,2024-03-01,A,2,400\n"
    send(client, network, table, text)
    submission = Submission.objects.get()
    assert (submission.rows_kept, submission.rows_held) == (6, 3)
    assert set(submission.findings.values_list("code", flat=True)) == {"AT-I-041", "AT-I-042", "AT-I-043"}


@pytest.mark.parametrize(
    ("encoding", "separator"), [("utf-8", ";"), ("utf-8-sig", "\t"), ("utf-16", ","), ("cp1252", "|")]
)
def test_any_encoding_and_separator_is_read(ada, client, network, sites, table, encoding, separator):
    client.force_login(ada)
    send(client, network, table, FALLS.replace(",", separator).encode(encoding))
    assert Submission.objects.get().rows_kept == 5


def test_wrong_columns_stop_the_file_and_name_what_is_missing(ada, client, network, sites, table):
    client.force_login(ada)
    page = client.get(send(client, network, table, "place,when,falls,days\nalder,2024-01-01,1,2\n")["Location"])
    assert page.context["submission"].status == Status.REJECTED
    text = page.content.decode()
    assert "Stops the file" in text
    assert "site" in text
    assert "Send a corrected file" in text


def test_a_file_above_the_limit_is_refused_and_the_server_stays_up(ada, client, network, sites, table, monkeypatch):
    monkeypatch.setattr(store, "LIMIT_BYTES", 10_000)
    client.force_login(ada)
    response = send(client, network, table, FALLS + "x" * 200_000)
    assert response.status_code == 422
    assert "AT-T-030" in response.content.decode()
    assert Submission.objects.count() == 0
    assert not list((store.received_folder() / "incoming").glob("*.part"))
    assert client.get(reverse("submissions:index", args=[network.slug])).status_code == 200


def test_a_full_disk_is_said_and_nothing_changes(ada, client, network, sites, table, monkeypatch):
    accepted(ada, network, FALLS, table=table)
    before = list(RegistryFile.objects.values())

    class Full:
        def write(self, chunk):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            pass

    landing = store.Landing.__init__

    def full(self, *args, **kwargs):
        landing(self, *args, **kwargs)
        self._file.close()
        self._file = Full()

    monkeypatch.setattr(store.Landing, "__init__", full)
    client.force_login(ada)
    response = send(client, network, table, FALLS + LINE + "\n")
    assert response.status_code == 422
    assert "AT-T-031" in response.content.decode()
    assert list(RegistryFile.objects.values()) == before
    assert Submission.objects.count() == 1


def test_the_same_file_again_leads_to_a_page_that_says_so(ada, client, network, sites, table):
    client.force_login(ada)
    send(client, network, table, FALLS)
    response = send(client, network, table, FALLS)
    page = client.get(response["Location"])
    assert "here already, so nothing was done" in page.content.decode()
    assert Submission.objects.count() == 1


def test_the_file_comes_back_with_one_more_column(ada, client, network, sites, table):
    client.force_login(ada)
    send(client, network, table, FALLS + "alder,2024-03-01,A,-2,300\n")
    response = client.get(reverse("submissions:answer", args=[network.slug, 1]))
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("site,month,ward,falls,days,")
    assert lines[1] == "alder,2024-01-01,A,3,300,"
    assert "falls: " in lines[6]
    assert "AT-I-" in lines[6]


def test_a_decision_on_what_has_moved_on_is_refused(ada, client, network, sites, table):
    client.force_login(ada)
    page = client.get(send(client, network, table, FALLS)["Location"])
    accepted(ada, network, FALLS.replace("3,300", "4,300"), table=table)
    response = client.post(reverse("submissions:accept", args=[network.slug, 1]), {"seen": page.context["seen"]})
    assert response.status_code == 409
    assert "AT-T-036" in response.content.decode()


def test_a_large_file_goes_to_a_job_with_a_page_that_waits(ada, client, network, sites, table, monkeypatch):
    monkeypatch.setattr(store, "SMALL_BYTES", 10)
    client.force_login(ada)
    send(client, network, table, FALLS)
    submission = Submission.objects.get()
    assert submission.status == Status.CHECKED, "tests run jobs at once"
    assert client.get(reverse("submissions:progress", args=[network.slug, 1]))["HX-Redirect"]
    Submission.objects.update(status="received", step="check")
    page = client.get(reverse("submissions:file", args=[network.slug, 1])).content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert 'http-equiv="refresh"' in page


def test_work_that_died_can_be_taken_up_again(ada, client, network, sites, table):
    sent(ada, network, FALLS, table=table)
    client.force_login(ada)
    page = client.get(reverse("submissions:file", args=[network.slug, 1]))
    assert "The work stopped half-way" in page.content.decode()
    client.post(reverse("submissions:check", args=[network.slug, 1]))
    assert Submission.objects.get().status == Status.CHECKED


def test_numbers_typed_in_go_the_same_road(ben, client, network, sites, table):
    client.force_login(ben)
    place = {"table": "falls", "site": "alder", "day": "2024-05-14"}
    address = reverse("submissions:type_numbers", args=[network.slug]) + "?table=falls&site=alder&day=2024-05-14"
    assert client.get(reverse("submissions:type", args=[network.slug])).status_code == 200
    assert client.get(address).status_code == 200
    many = client.post(address, {"0-falls": "311", "0-days": "310"})
    assert "AT-I-035" in str(many.context["form"].errors["0-falls"]), "in the words of the check, at the number"
    wrong = client.post(address, {"0-falls": "2"})
    assert wrong.status_code == 422
    response = client.post(address, {"0-falls": "2", "0-days": "310", "1-falls": "0", "1-days": "120"})
    submission = Submission.objects.get()
    assert response["Location"].endswith("/data/files/1/")
    assert (submission.site.code, submission.rows_kept, submission.status) == (place["site"], 2, "checked")
    services.accept(by=ben, submission=submission)
    again = client.get(address)
    assert again.context["form"]["0-falls"].value() == 2
    response = client.get(address.replace("site=alder", "site=birch"))
    assert response.status_code == 422, "another site is not offered"


def test_templates_and_descriptions_of_tables(eve, client, network, table):
    client.force_login(eve)
    for kind, start_of in (("csv", b"\xef\xbb\xbfsite,month,ward,falls,days"), ("xlsx", b"PK")):
        response = client.get(reverse("submissions:made", args=[network.slug, "falls", f"template.{kind}"]))
        assert response.content.startswith(start_of)
    assert b"not more than days" in client.get(reverse("submissions:table", args=[network.slug, "falls"])).content
    assert (
        b"name: falls"
        in client.get(reverse("submissions:made", args=[network.slug, "falls", "dictionary.yaml"])).content
    )


WHOLE = ["index", "send", "type", "tables", "files"]
ONE = ["file", "columns", "answer", "same"]


@pytest.mark.parametrize(
    ("who", "whole", "one"),
    [
        ("ada", [200, 200, 200, 200, 200], [200, 302, 200, 200]),
        ("chi", [200, 200, 200, 200, 200], [200, 302, 200, 200]),
        ("ben", [200, 200, 200, 200, 200], [403, 403, 403, 403]),
        ("hal", [200, 200, 200, 200, 200], [403, 403, 403, 403]),
        ("dee", [200, 403, 403, 200, 200], [403, 403, 403, 403]),
        ("eve", [200, 403, 403, 200, 200], [403, 403, 403, 403]),
        ("fay", [200, 403, 403, 200, 200], [403, 403, 403, 403]),
        ("gus", [200, 403, 403, 200, 200], [403, 403, 403, 403]),
        ("zed", [403, 403, 403, 403, 403], [403, 403, 403, 403]),
    ],
)
def test_who_sees_what(people, client, network, sites, table, who, whole, one):
    """The file is one for the whole network, so that people of single sites may not see it."""
    accepted(people.ada, network, FALLS, table=table)
    client.force_login(getattr(people, who))
    seen = [client.get(reverse(f"submissions:{name}", args=[network.slug])).status_code for name in WHOLE]
    assert seen == whole
    seen = [client.get(reverse(f"submissions:{name}", args=[network.slug, 1])).status_code for name in ONE]
    expected = [409 if name == "columns" and code == 302 else code for name, code in zip(ONE, one, strict=True)]
    assert seen == expected


@pytest.mark.parametrize("who", ["ben", "hal", "dee", "eve", "fay", "gus", "zed"])
@pytest.mark.parametrize("step", ["accept", "reject", "withdraw", "check", "add_sites"])
def test_who_may_not_decide(people, client, network, sites, table, who, step):
    submission = services.check(by=people.ada, submission=sent(people.ada, network, FALLS, table=table))
    client.force_login(getattr(people, who))
    response = client.post(reverse(f"submissions:{step}", args=[network.slug, submission.number]), {"note": "No."})
    assert response.status_code == 403
    submission.refresh_from_db()
    assert submission.status == Status.CHECKED


def test_a_site_lead_sees_only_files_of_the_own_site(people, client, network, sites, table):
    accepted(people.ada, network, FALLS, table=table)
    services.check(by=people.hal, submission=sent(people.hal, network, FALLS, table=table, site=sites[1]))
    client.force_login(people.ben)
    text = client.get(reverse("submissions:files", args=[network.slug])).content.decode()
    assert "No file has been sent yet" in text
    index = client.get(reverse("submissions:index", args=[network.slug]))
    assert [line.site.code for line in index.context["calendar"].lines] == ["alder"]


def test_empty_places_say_what_comes_next(ada, eve, client, network):
    client.force_login(ada)
    for name in ("index", "files", "tables", "type"):
        text = client.get(reverse(f"submissions:{name}", args=[network.slug])).content.decode()
        assert 'class="empty"' in text, name
    assert 'class="empty"' in client.get(reverse("measuring:list", args=[network.slug])).content.decode()
    client.force_login(eve)
    assert "Send the first file" not in client.get(reverse("submissions:index", args=[network.slug])).content.decode()


def workbook(text):
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Read me"
    book.active.append(["About", "this file"])
    book.active.append(["Falls", "by month"])
    sheet = book.create_sheet("Falls")
    for at, line in enumerate(text.strip().splitlines()):
        cells = line.split(",")
        sheet.append(cells if not at else [*cells[:3], int(cells[3]), int(cells[4])])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_sheet_of_a_workbook_is_chosen_once(newcomer, client):
    text = "site,month,ward,falls,days\n" + "\n".join(
        f"{site},{month},A,{at % 4},{300 + at}" for site in ("Ash", "Elm") for at, month in enumerate(MONTHS)
    )
    response = client.post(
        reverse("submissions_outside:start"), {"name": "Falls", "file": upload(workbook(text), "falls.xlsx")}
    )
    columns = response["Location"]
    assert "Read this sheet" in client.get(columns).content.decode()
    page = client.get(columns, {"sheet": "Falls"})
    response = client.post(columns, answers_of(page) | {"sheet": "Falls", "action": "check"})
    assert response.status_code == 302, page.content.decode()
    submission = Submission.objects.get()
    assert submission.rows_kept == 24
    services.accept(by=newcomer, submission=submission)
    network = Network.objects.get()
    later = workbook(text.replace("2023", "2024"))
    send(client, network, submission.table, later, name="falls-2024.xlsx")
    assert Submission.objects.get(number=2).rows_kept == 24
