--| title: Clinic visits for inflammatory bowel disease
--| description: >-
--|   One row for each outpatient visit of a person with Crohn's disease or ulcerative colitis, from
--|   visit_occurrence. Diagnosis from condition_occurrence, corticosteroids and thiopurines from drug_exposure,
--|   calprotectin from measurement. The physician's assessment, growth, nutrition, extent and phenotype are not in the
--|   common data model and stay empty.
--| concepts:
--|   visits:
--|     title: Kinds of visit that are clinic visits
--|     default: [Visit:OP]
--|   emergencies:
--|     title: Kinds of visit that are emergencies or admissions
--|     default: [Visit:ER, Visit:IP, Visit:ERIP]
--|   crohn:
--|     title: Crohn's disease
--|     default: [SNOMED:34000006]
--|   colitis:
--|     title: Ulcerative colitis
--|     default: [SNOMED:64766004]
--|   steroids:
--|     title: Corticosteroids (prednisone, prednisolone, methylprednisolone, hydrocortisone, budesonide)
--|     default: [RxNorm:8640, RxNorm:8638, RxNorm:6902, RxNorm:5492, RxNorm:19831]
--|   thiopurines:
--|     title: Thiopurines (azathioprine, mercaptopurine)
--|     default: [RxNorm:1256, RxNorm:103]
--|   calprotectin:
--|     title: Calprotectin in stool
--|     default: [LOINC:38445-3]
WITH wanted AS (
    -- each list of concepts with all its descendants
    SELECT lists.list, found.descendant_concept_id AS concept_id
    FROM (
        VALUES
            ('visits', %(visits)s::text[]),
            ('emergencies', %(emergencies)s::text[]),
            ('crohn', %(crohn)s::text[]),
            ('colitis', %(colitis)s::text[]),
            ('steroids', %(steroids)s::text[]),
            ('thiopurines', %(thiopurines)s::text[]),
            ('calprotectin', %(calprotectin)s::text[])
    ) AS lists (list, written)
    JOIN {cdm}.concept AS named
        ON named.vocabulary_id || ':' || named.concept_code = ANY (lists.written)
        OR named.concept_id::text = ANY (lists.written)
    JOIN {cdm}.concept_ancestor AS found ON found.ancestor_concept_id = named.concept_id
),

diagnosed AS (
    -- both diagnoses in one record: unclassified
    SELECT
        person_id,
        MIN(condition_start_date) AS since,
        CASE WHEN COUNT(DISTINCT list) > 1 THEN 'IBDU' WHEN MIN(list) = 'crohn' THEN 'CD' ELSE 'UC' END AS diagnosis
    FROM {cdm}.condition_occurrence
    JOIN wanted ON wanted.concept_id = condition_concept_id AND list IN ('crohn', 'colitis')
    GROUP BY person_id
),

seen AS (
    SELECT
        visit.visit_occurrence_id,
        visit.person_id,
        visit.visit_start_date AS day,
        visit.care_site_id,
        LAG(visit.visit_start_date) OVER (
            PARTITION BY visit.person_id ORDER BY visit.visit_start_date, visit.visit_occurrence_id
        ) AS before
    FROM {cdm}.visit_occurrence AS visit
    WHERE visit.visit_concept_id IN (SELECT concept_id FROM wanted WHERE list = 'visits')
)

SELECT
    seen.visit_occurrence_id::text AS visit,
    COALESCE(%(site)s::text, place.care_site_source_value, place.care_site_name) AS site,
    seen.person_id::text AS patient,
    seen.day AS visit_date,
    diagnosed.diagnosis,
    EXISTS (
        SELECT 1
        FROM {cdm}.drug_exposure AS drug
        JOIN wanted ON wanted.concept_id = drug.drug_concept_id AND wanted.list = 'steroids'
        WHERE drug.person_id = seen.person_id
            AND seen.day BETWEEN drug.drug_exposure_start_date AND drug.drug_exposure_end_date
    ) AS steroids,
    EXISTS (
        SELECT 1
        FROM {cdm}.drug_exposure AS drug
        JOIN wanted ON wanted.concept_id = drug.drug_concept_id AND wanted.list = 'thiopurines'
        WHERE drug.person_id = seen.person_id
        HAVING MIN(drug.drug_exposure_start_date) = seen.day
    ) AS thiopurine_started,
    seen.day - seen.before AS days_since_last,
    EXISTS (
        SELECT 1
        FROM {cdm}.measurement AS test
        JOIN wanted ON wanted.concept_id = test.measurement_concept_id AND wanted.list = 'calprotectin'
        WHERE test.person_id = seen.person_id
            AND test.measurement_date BETWEEN seen.day - 365 AND seen.day
    ) AS stool_test,
    EXISTS (
        SELECT 1
        FROM {cdm}.visit_occurrence AS other
        WHERE other.person_id = seen.person_id
            AND other.visit_concept_id IN (SELECT concept_id FROM wanted WHERE list = 'emergencies')
            AND other.visit_start_date >= COALESCE(seen.before, seen.day - 365)
            AND other.visit_start_date < seen.day
    ) AS emergency
FROM seen
JOIN diagnosed ON diagnosed.person_id = seen.person_id AND diagnosed.since <= seen.day
LEFT JOIN {cdm}.care_site AS place ON place.care_site_id = seen.care_site_id
