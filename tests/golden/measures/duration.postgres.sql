-- postgres: executed in the tests
WITH marked AS (
  SELECT
    "site" AS site,
    CAST(DATE_TRUNC('MONTH', CAST("day" AS TIMESTAMP)) AS DATE) AS period,
    CASE
      WHEN CAST("weight" AS DOUBLE PRECISION) > CAST('0.0' AS DOUBLE PRECISION)
      THEN LN(CAST("weight" AS DOUBLE PRECISION))
    END AS x,
    (
      CASE
        WHEN CAST("weight" AS DOUBLE PRECISION) > CAST('0.0' AS DOUBLE PRECISION)
        THEN LN(CAST("weight" AS DOUBLE PRECISION))
      END
    ) * (
      CASE
        WHEN CAST("weight" AS DOUBLE PRECISION) > CAST('0.0' AS DOUBLE PRECISION)
        THEN LN(CAST("weight" AS DOUBLE PRECISION))
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
    AND CAST("weight" AS DOUBLE PRECISION) > CAST('0.0' AS DOUBLE PRECISION)
), summed AS (
  SELECT
    site,
    period,
    CAST(SUM(CAST(x AS DOUBLE PRECISION)) AS DOUBLE PRECISION) AS t_x,
    CAST(SUM(CAST(xx AS DOUBLE PRECISION)) AS DOUBLE PRECISION) AS t_xx,
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
  CAST(NULL AS DOUBLE PRECISION) AS "numerator",
  CAST(NULL AS DOUBLE PRECISION) AS "denominator",
  t_n AS "n",
  CAST(t_x AS DOUBLE PRECISION) AS "total",
  CAST(t_xx AS DOUBLE PRECISION) AS "total_sq"
FROM summed
