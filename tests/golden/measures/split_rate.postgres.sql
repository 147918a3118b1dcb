-- postgres: executed in the tests
WITH marked AS (
  SELECT
    *
  FROM (
    SELECT
      "site" AS site,
      periods.first_day AS period,
      CAST((
        CASE
          WHEN periods.last_day < CAST("last" AS DATE)
          THEN periods.last_day
          ELSE CAST("last" AS DATE)
        END - CASE
          WHEN periods.first_day > CAST("first" AS DATE)
          THEN periods.first_day
          ELSE CAST("first" AS DATE)
        END
      ) AS BIGINT) + (
        CAST(1 AS BIGINT)
      ) AS den,
      CAST(0 AS BIGINT) AS num
    FROM rows_in
    CROSS JOIN (
      SELECT
        CAST('2024-01-01' AS DATE) AS first_day,
        CAST('2024-01-31' AS DATE) AS last_day
      UNION ALL
      SELECT
        CAST('2024-02-01' AS DATE) AS first_day,
        CAST('2024-02-29' AS DATE) AS last_day
    ) AS periods
    WHERE
      NOT (
        "site" IS NULL
      )
      AND CAST("first" AS DATE) <= periods.last_day
      AND CAST("last" AS DATE) >= periods.first_day
      AND CAST("first" AS DATE) <= CAST("last" AS DATE)
    UNION ALL
    SELECT
      "site" AS site,
      CAST(DATE_TRUNC('MONTH', CAST("day" AS TIMESTAMP)) AS DATE) AS period,
      CAST(0 AS BIGINT) AS den,
      CASE WHEN COALESCE("flag", FALSE) THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS num
    FROM rows_in
    WHERE
      NOT (
        "site" IS NULL
      )
      AND NOT (
        "day" IS NULL
      )
      AND NOT (
        "day" IS NULL
      )
      AND COALESCE("flag", FALSE)
  ) AS both_kinds
), summed AS (
  SELECT
    site,
    period,
    CAST(SUM(CAST(num AS BIGINT)) AS BIGINT) AS t_num,
    CAST(SUM(CAST(den AS BIGINT)) AS BIGINT) AS t_den,
    CAST(COUNT(*) AS BIGINT) AS t_n
  FROM marked
  GROUP BY
    site,
    period
)
SELECT
  site AS "site",
  period AS "period",
  CAST(0 AS BIGINT) AS "order",
  '' AS "stratum",
  '' AS "part",
  CAST(t_num AS DOUBLE PRECISION) AS "numerator",
  CAST(t_den AS DOUBLE PRECISION) AS "denominator",
  t_n AS "n",
  CAST(NULL AS DOUBLE PRECISION) AS "total",
  CAST(NULL AS DOUBLE PRECISION) AS "total_sq"
FROM summed
