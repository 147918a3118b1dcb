--| title: Heart operations
--| description: >-
--|   One row for each day on which a person had an operation of the listed kinds, from procedure_occurrence, with the
--|   stay it belongs to from visit_occurrence, death within 30 days or before discharge from death, and infection of the
--|   wound from condition_occurrence. Predicted mortality, hours of chest tubes and of ventilation are not in the common
--|   data model and stay empty.
--| concepts:
--|   operations:
--|     title: Operations on the heart or great vessels
--|     default: [SNOMED:64915003]
--|   wound:
--|     title: Infection of the wound or mediastinum
--|     default: [SNOMED:76844004, SNOMED:433202001, SNOMED:312157006]
--|   admissions:
--|     title: Kinds of visit that are admissions
--|     default: [Visit:IP, Visit:ERIP]
WITH wanted AS (
    -- each list of concepts with all its descendants
    SELECT lists.list, found.descendant_concept_id AS concept_id
    FROM (
        VALUES
            ('operations', %(operations)s::text[]),
            ('wound', %(wound)s::text[]),
            ('admissions', %(admissions)s::text[])
    ) AS lists (list, written)
    JOIN {cdm}.concept AS named
        ON named.vocabulary_id || ':' || named.concept_code = ANY (lists.written)
        OR named.concept_id::text = ANY (lists.written)
    JOIN {cdm}.concept_ancestor AS found ON found.ancestor_concept_id = named.concept_id
),

operated AS (
    -- several procedures of one day are one operation
    SELECT
        MIN(done.procedure_occurrence_id) AS operation,
        done.person_id,
        done.procedure_date AS day,
        MIN(done.visit_occurrence_id) AS visit_occurrence_id
    FROM {cdm}.procedure_occurrence AS done
    WHERE done.procedure_concept_id IN (SELECT concept_id FROM wanted WHERE list = 'operations')
    GROUP BY done.person_id, done.procedure_date
),

stays AS (
    SELECT
        operated.*,
        stay.care_site_id,
        stay.visit_end_date AS discharged
    FROM operated
    LEFT JOIN {cdm}.visit_occurrence AS stay ON stay.visit_occurrence_id = operated.visit_occurrence_id
)

SELECT
    stays.operation::text AS operation,
    COALESCE(%(site)s::text, place.care_site_source_value, place.care_site_name) AS site,
    stays.day AS operation_date,
    EXISTS (
        SELECT 1
        FROM {cdm}.death
        WHERE death.person_id = stays.person_id
            AND death.death_date >= stays.day
            AND death.death_date <= GREATEST(stays.day + 30, COALESCE(stays.discharged, stays.day))
    ) AS died,
    stays.discharged - stays.day AS stay_days,
    EXISTS (
        SELECT 1
        FROM {cdm}.visit_occurrence AS later
        WHERE later.person_id = stays.person_id
            AND later.visit_occurrence_id <> stays.visit_occurrence_id
            AND later.visit_concept_id IN (SELECT concept_id FROM wanted WHERE list = 'admissions')
            AND later.visit_start_date > stays.discharged
            AND later.visit_start_date <= stays.discharged + 30
    ) AS readmitted,
    EXISTS (
        SELECT 1
        FROM {cdm}.condition_occurrence AS found
        WHERE found.person_id = stays.person_id
            AND found.condition_concept_id IN (SELECT concept_id FROM wanted WHERE list = 'wound')
            AND found.condition_start_date BETWEEN stays.day AND COALESCE(stays.discharged, stays.day) + 30
    ) AS wound_infection
FROM stays
LEFT JOIN {cdm}.care_site AS place ON place.care_site_id = stays.care_site_id
