-- spark: executed in the tests
WITH marked AS (
  SELECT
    `site` AS site,
    CAST(DATE_TRUNC('MONTH', CAST(`day` AS TIMESTAMP)) AS DATE) AS period,
    CAST(1 AS BIGINT) AS den,
    CASE
      WHEN COALESCE(
        (
          `flag`
          OR (
            (
              CAST(`weight` AS DOUBLE) / NULLIF(CAST(`count` AS DOUBLE), CAST('0.0' AS DOUBLE))
            ) > CAST('1.5' AS DOUBLE)
          )
        ),
        FALSE
      )
      THEN CAST(1 AS BIGINT)
      ELSE CAST(0 AS BIGINT)
    END AS num
  FROM rows_in
  WHERE
    NOT (
      `site` IS NULL
    )
    AND NOT (
      `day` IS NULL
    )
    AND COALESCE((
      `other` > CAST(0 AS BIGINT)
    ), FALSE)
    AND NOT (
      COALESCE((
        SUBSTRING(`group`, 1, 1) = 'a'
      ), FALSE)
    )
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
  site AS `site`,
  period AS `period`,
  CAST(0 AS BIGINT) AS `order`,
  '' AS `stratum`,
  '' AS `part`,
  CAST(t_num AS DOUBLE) AS `numerator`,
  CAST(t_den AS DOUBLE) AS `denominator`,
  t_n AS `n`,
  CAST(NULL AS DOUBLE) AS `total`,
  CAST(NULL AS DOUBLE) AS `total_sq`
FROM summed
