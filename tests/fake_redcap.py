"""A small REDCap server of our own for tests: the parts of its API that a door uses, with its errors and its moods.

Written from REDCap's API documentation: one address, forms by POST, a token for each project; flat export with one
column for each checkbox choice, repeating instruments in rows of their own, missing-data codes among the values.
"""

from __future__ import annotations

import csv
import io
import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TOKEN = "9A81268476645C4E5F03428B8AC3AA7B"
HEADINGS = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)",
    "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)  # fmt: skip
KEYS = (
    "field_name", "form_name", "section_header", "field_type", "field_label", "select_choices_or_calculations",
    "field_note", "text_validation_type_or_show_slider_number", "text_validation_min", "text_validation_max",
    "identifier", "branching_logic", "required_field", "custom_alignment", "question_number", "matrix_group_name",
    "matrix_ranking", "field_annotation",
)  # fmt: skip


SHORT = {
    "choices": "select_choices_or_calculations", "check": "text_validation_type_or_show_slider_number",
    "low": "text_validation_min", "high": "text_validation_max", "logic": "branching_logic", "needed": "required_field",
    "note": "field_note", "identifier": "identifier",
}  # fmt: skip


def _field(name: str, form: str, kind: str, label: str, **more: str) -> dict[str, str]:
    said = dict.fromkeys(KEYS, "") | {"field_name": name, "form_name": form, "field_type": kind, "field_label": label}
    return said | {SHORT[key]: text for key, text in more.items()}


METADATA = [
    _field("record_id", "enrolment", "text", "Record"),
    _field("hospital", "enrolment", "dropdown", "Hospital", choices="1, Alder Hospital|2, Birch Hospital", needed="y"),
    _field("mrn", "enrolment", "text", "Medical record number", identifier="y", needed="y"),
    _field("sex", "enrolment", "radio", "Sex", choices="1, Female | 2, Male"),
    _field("story", "enrolment", "notes", "Notes"),
    _field(
        "visit_date", "visit", "text", "<b>Date of the visit</b>",
        check="date_dmy", low="2020-01-01", high="today", needed="y",
    ),
    _field("weight", "visit", "text", "Weight", check="number_1dp", low="0.5", high="200", note="kg"),
    _field("steroids", "visit", "yesno", "Takes steroids", needed="y"),
    _field("steroid_name", "visit", "text", "Which steroid", logic="[steroids] = '1'", needed="y"),
    _field("symptoms", "visit", "checkbox", "Symptoms", choices="1, Pain | 2, Blood | -9, Unknown"),
    _field(
        "explain", "visit", "text", "Say more",
        logic="[symptoms(2)] = '1' and ([sex] <> '2' or [weight] > 40)", needed="y",
    ),
    _field("odd", "visit", "text", "Odd", logic="datediff([visit_date], 'today', 'd') > 3", needed="y"),
    _field("picture", "visit", "file", "Picture"),
]  # fmt: skip


def dictionary_csv(metadata: list[dict[str, str]] = METADATA) -> bytes:
    """Return the data dictionary as REDCap downloads it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    writer.writerows([[item[key] for key in KEYS] for item in metadata])
    return out.getvalue().encode()


def visits(records: int, each: int = 2) -> list[dict[str, str]]:
    """Return a project of made-up records with repeated visits; every seventh weight is a missing-data code."""
    rows: list[dict[str, str]] = []
    for n in range(1, records + 1):
        site = "1" if n % 2 else "2"
        rows.append(
            {"record_id": str(n), "hospital": site, "mrn": f"MRN{n:06}", "sex": str(1 + n % 2), "story": "Anna"}
        )
        for visit in range(1, each + 1):
            rows.append({
                "record_id": str(n), "redcap_repeat_instrument": "visit", "redcap_repeat_instance": str(visit),
                "visit_date": f"2024-{1 + (n + visit) % 12:02}-{1 + n % 27:02}",
                "weight": "UNK" if (n + visit) % 7 == 0 else f"{20 + n % 60}.5", "steroids": str(n % 2),
                "steroid_name": "prednisone" if n % 2 else "", "symptoms": "1",
            })  # fmt: skip
    return rows


class FakeRedcap:
    """One project, and how its server behaves today."""

    def __init__(self, rows: list[dict[str, str]], metadata: list[dict[str, str]] = METADATA) -> None:
        self.rows, self.metadata = rows, [dict(item) for item in metadata]
        self.asked: list[dict[str, str]] = []
        self.mood = ""  # "", "cut", "short", "page", "elsewhere", "broken", "slow"
        self.busy = 0  # how many requests are answered with 429 first
        self.withheld: set[str] = set()  # questions that the account of the token may not export
        self.url = ""

    def answer(self, form: dict[str, str]) -> tuple[int, str, bytes]:
        """Return status, kind and body."""
        if form.get("token") != TOKEN:
            return self.error(403, "You do not have permissions to use the API")
        if form.get("content") == "metadata":
            return self.written(form, [dict(item) for item in self.metadata], KEYS)
        if form.get("content") == "record":
            return self.records(form)
        return self.error(501, "The requested method is not implemented.")

    def error(self, status: int, text: str) -> tuple[int, str, bytes]:
        return status, "application/json", json.dumps({"error": text}).encode()

    def written(self, form: dict[str, str], rows: list[dict[str, str]], columns: Any) -> tuple[int, str, bytes]:
        if form.get("format") == "json":
            return 200, "application/json", json.dumps(rows).encode()
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, list(columns), lineterminator="\n", extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows)
        return 200, "text/csv; charset=utf-8", out.getvalue().encode()

    def listed(self, form: dict[str, str], name: str) -> list[str]:
        return [value for key, value in form.items() if re.fullmatch(rf"{name}\[\d+\]", key)]

    def records(self, form: dict[str, str]) -> tuple[int, str, bytes]:
        names = [item["field_name"] for item in self.metadata]
        fields = self.listed(form, "fields") or names
        if unknown := [field for field in fields if field not in names]:
            return self.error(400, f'The following values in the parameter "fields" are not valid: {unknown}')
        wanted = self.listed(form, "records")
        events = ["redcap_event_name"] if any("redcap_event_name" in row for row in self.rows) else []
        columns = [names[0], *events, "redcap_repeat_instrument", "redcap_repeat_instance"]
        if form.get("exportDataAccessGroups") == "true":
            columns.append("redcap_data_access_group")
        asked = [item for item in self.metadata if item["field_name"] in fields and item["field_name"] != names[0]]
        asked = [item for item in asked if item["field_name"] not in self.withheld]
        for item in asked:
            columns += self.exported(item)
        out = []
        for row in self.rows:
            if wanted and row[names[0]] not in wanted:
                continue
            forms = {item["form_name"] for item in asked}
            instrument = row.get("redcap_repeat_instrument", "")
            if instrument and instrument not in forms:
                continue  # a repeat is only exported with a question of its instrument
            out.append(self.flat(row, asked, instrument))
        return self.written(form, out, columns)

    def exported(self, item: dict[str, str]) -> list[str]:
        if item["field_type"] != "checkbox":
            return [item["field_name"]]
        codes = [part.split(",")[0].strip() for part in item["select_choices_or_calculations"].split("|")]
        return [item["field_name"] + "___" + re.sub(r"[^a-z0-9_]", "_", code.lower()) for code in codes]

    def flat(self, row: dict[str, str], asked: list[dict[str, str]], instrument: str) -> dict[str, str]:
        out = {key: row[key] for key in row if key.startswith("redcap_") or key == self.metadata[0]["field_name"]}
        for item in asked:
            name, here = item["field_name"], item["form_name"] == (instrument or self.metadata[0]["form_name"])
            if item["field_type"] != "checkbox":
                out[name] = row.get(name, "")
                continue
            ticked = row.get(name, "").split()
            codes = [part.split(",")[0].strip() for part in item["select_choices_or_calculations"].split("|")]
            for column, code in zip(self.exported(item), codes, strict=True):
                out[column] = ("1" if code in ticked else "0") if here else ""
        return out


class _Handler(BaseHTTPRequestHandler):
    project: FakeRedcap
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode(), keep_blank_values=True).items()}
        project = self.project
        project.asked.append(form)
        if project.busy > 0:
            project.busy -= 1
            self.reply(429, "text/html", b"<p>too many requests in a minute</p>", {"Retry-After": "1"})
        elif project.mood == "elsewhere":
            self.reply(302, "text/html", b"", {"Location": "http://127.0.0.1:9/api/"})
        elif project.mood == "page":
            self.reply(200, "text/html", b"<html>Log in</html>")
        elif project.mood == "broken":
            self.reply(500, "text/html", b"")
        else:
            status, kind, body = project.answer(form)
            paged = form.get("content") == "record" and any(key.startswith("records[") for key in form)
            if project.mood == "short" and paged:
                body = body[: body.rfind(b"\n", 0, len(body) // 2) + 1]  # whole lines, but not all of them
            self.reply(status, kind, body, cut=project.mood == "cut" and paged)

    def reply(self, status: int, kind: str, body: bytes, more: dict[str, str] | None = None, cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def own_certificate(folder: Path) -> Path:
    """Return a key and a certificate for this machine that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "server.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def serving(project: FakeRedcap, certificate: Path | None = None) -> Iterator[FakeRedcap]:
    """Let a project answer at an address of this machine, by https where there is a certificate."""
    handler = type("Handler", (_Handler,), {"project": project})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    project.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}/api/"
    try:
        yield project
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
