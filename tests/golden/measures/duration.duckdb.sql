-- duckdb: executed in the tests
WITH marked AS (
  SELECT
    "site" AS site,
    CAST("day" AS DATE) - CAST((
      EXTRACT(DAY FROM "day") - 1
    ) AS INT) AS period,
    CASE
      WHEN CAST("weight" AS DOUBLE) > CAST('0.0' AS DOUBLE)
      THEN LN(CAST("weight" AS DOUBLE))
    END AS x,
    (
      CASE
        WHEN CAST("weight" AS DOUBLE) > CAST('0.0' AS DOUBLE)
        THEN LN(CAST("weight" AS DOUBLE))
      END
    ) * (
      CASE
        WHEN CAST("weight" AS DOUBLE) > CAST('0.0' AS DOUBLE)
        THEN LN(CAST("weight" AS DOUBLE))
      END
    ) AS xx
  FROM rows_in
  WHERE
    NOT (
      "site" IS NULL
    )
    AND NOT (
      "day" IS NULL
    )
    AND NOT (
      "weight" IS NULL
    )
    AND CAST("weight" AS DOUBLE) > CAST('0.0' AS DOUBLE)
), summed AS (
  SELECT
    site,
    period,
    CAST(SUM(CAST(x AS DOUBLE)) AS DOUBLE) AS t_x,
    CAST(SUM(CAST(xx AS DOUBLE)) AS DOUBLE) AS t_xx,
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
  CAST(NULL AS DOUBLE) AS "numerator",
  CAST(NULL AS DOUBLE) AS "denominator",
  t_n AS "n",
  CAST(t_x AS DOUBLE) AS "total",
  CAST(t_xx AS DOUBLE) AS "total_sq"
FROM summed
