-- spark: executed in the tests
SELECT
  site AS `site`,
  day AS `period`,
  nth - CAST(1 AS BIGINT) AS `order`,
  stratum AS `stratum`,
  '' AS `part`,
  CAST(CAST(DATEDIFF(DAY, before, day) AS BIGINT) AS DOUBLE) AS `numerator`,
  CAST(NULL AS DOUBLE) AS `denominator`,
  CAST(1 AS BIGINT) AS `n`,
  CAST(CAST(DATEDIFF(DAY, before, day) AS BIGINT) AS DOUBLE) AS `total`,
  CAST(NULL AS DOUBLE) AS `total_sq`
FROM (
  SELECT
    *,
    LAG(day) OVER (PARTITION BY site, stratum ORDER BY place NULLS LAST) AS before,
    CAST(ROW_NUMBER() OVER (PARTITION BY site, stratum, day ORDER BY place NULLS LAST) AS BIGINT) AS nth
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *,
        CAST(ROW_NUMBER() OVER (PARTITION BY site, stratum ORDER BY day NULLS LAST, event NULLS LAST) AS BIGINT) AS place
      FROM (
        SELECT
          `site` AS site,
          CAST(`day` AS DATE) AS day,
          '' AS stratum,
          CASE
            WHEN COALESCE((
              CAST(DATEDIFF(DAY, `first`, `last`) AS BIGINT) > CAST(3 AS BIGINT)
            ), FALSE)
            THEN CAST(1 AS BIGINT)
            ELSE CAST(0 AS BIGINT)
          END AS event
        FROM rows_in
        WHERE
          NOT (
            `site` IS NULL
          ) AND NOT (
            `day` IS NULL
          )
      ) AS looked_at
    ) AS numbered
    WHERE
      event = 1
  ) AS happened
) AS events
