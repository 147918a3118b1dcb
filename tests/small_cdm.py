"""A small OMOP common data model, v5.4, for tests: the tables that the shipped mappings read, with made-up people."""

from __future__ import annotations

from typing import Any

TABLES = """
CREATE TABLE cdm.concept (concept_id integer, concept_name text, vocabulary_id text, concept_code text);
CREATE TABLE cdm.concept_ancestor (ancestor_concept_id integer, descendant_concept_id integer);
CREATE TABLE cdm.care_site (care_site_id integer, care_site_name text, care_site_source_value text);
CREATE TABLE cdm.visit_occurrence (visit_occurrence_id bigint, person_id bigint, visit_concept_id integer,
    visit_start_date date, visit_end_date date, care_site_id integer);
CREATE TABLE cdm.condition_occurrence (condition_occurrence_id bigint, person_id bigint, condition_concept_id integer,
    condition_start_date date);
CREATE TABLE cdm.drug_exposure (drug_exposure_id bigint, person_id bigint, drug_concept_id integer,
    drug_exposure_start_date date, drug_exposure_end_date date);
CREATE TABLE cdm.measurement (measurement_id bigint, person_id bigint, measurement_concept_id integer,
    measurement_date date);
CREATE TABLE cdm.procedure_occurrence (procedure_occurrence_id bigint, person_id bigint, procedure_concept_id integer,
    procedure_date date, visit_occurrence_id bigint);
CREATE TABLE cdm.death (person_id bigint, death_date date);
"""
# (concept, vocabulary, code, ancestor): a branded drug and a part of the heart stand below what the mappings name
CONCEPTS = [
    (9202, "Visit", "OP", None), (9201, "Visit", "IP", None), (9203, "Visit", "ER", None), (262, "Visit", "ERIP", None),
    (201606, "SNOMED", "34000006", None), (81893, "SNOMED", "64766004", None), (1551099, "RxNorm", "8640", None),
    (19014878, "RxNorm", "1256", None), (3037110, "LOINC", "38445-3", None), (4000001, "SNOMED", "64915003", None),
    (4000002, "SNOMED", "76844004", None), (5000001, "RxNorm", "312617", 1551099),
    (5000002, "SNOMED", "232717009", 4000001),
]  # fmt: skip
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "care_site": [(1, "Alder Hospital", "alder"), (2, "Birch Hospital", "birch")],
    "visit_occurrence": [
        (11, 1, 9202, "2024-01-10", "2024-01-10", 1), (12, 1, 9203, "2024-02-20", "2024-02-20", 1),
        (13, 1, 9202, "2024-03-10", "2024-03-10", 1), (21, 2, 9202, "2024-01-15", "2024-01-15", 2),
        (22, 2, 9202, "2023-01-15", "2023-01-15", 2), (31, 3, 9202, "2024-01-20", "2024-01-20", 1),
        (41, 4, 9201, "2024-04-01", "2024-04-11", 1), (42, 4, 9201, "2024-04-20", "2024-04-25", 1),
        (51, 5, 9201, "2024-05-01", "2024-05-06", 2),
    ],
    "condition_occurrence": [
        (1, 1, 201606, "2023-12-01"), (2, 2, 201606, "2023-06-01"), (3, 2, 81893, "2023-07-01"),
        (4, 4, 4000002, "2024-04-09"),
    ],
    "drug_exposure": [(1, 1, 5000001, "2024-03-01", "2024-03-31"), (2, 1, 19014878, "2024-03-10", "2024-06-10")],
    "measurement": [(1, 1, 3037110, "2024-01-02")],
    "procedure_occurrence": [
        (1, 4, 5000002, "2024-04-02", 41), (2, 4, 4000001, "2024-04-02", 41), (3, 5, 5000002, "2024-05-02", 51),
    ],
    "death": [(5, "2024-05-20")],
}  # fmt: skip


def build(connection: Any) -> None:
    """Make the schema ``cdm`` in a database and fill it."""
    connection.execute("CREATE SCHEMA cdm")
    connection.execute(TABLES)
    with connection.cursor() as cursor:
        for concept, vocabulary, code, above in CONCEPTS:
            cursor.execute("INSERT INTO cdm.concept VALUES (%s, %s, %s, %s)", (concept, code, vocabulary, code))
            pairs = [(concept, concept)] + ([(above, concept)] if above else [])
            cursor.executemany("INSERT INTO cdm.concept_ancestor VALUES (%s, %s)", pairs)
        for table, rows in ROWS.items():
            places = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO cdm.{table} VALUES ({places})", rows)
