-- bigquery: not executed

-- proportion
WITH marked AS (
  SELECT
    `site` AS site,
    CAST(TIMESTAMP_TRUNC(CAST(`day` AS DATETIME), MONTH) AS DATE) AS period,
    CAST(1 AS INT64) AS den,
    CASE
      WHEN COALESCE(
        (
          `flag`
          OR (
            (
              CAST(`weight` AS FLOAT64) / NULLIF(CAST(`count` AS FLOAT64), CAST('0.0' AS FLOAT64))
            ) > CAST('1.5' AS FLOAT64)
          )
        ),
        FALSE
      )
      THEN CAST(1 AS INT64)
      ELSE CAST(0 AS INT64)
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
      `other` > CAST(0 AS INT64)
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
    CAST(SUM(CAST(num AS INT64)) AS INT64) AS t_num,
    CAST(SUM(CAST(den AS INT64)) AS INT64) AS t_den,
    CAST(COUNT(*) AS INT64) AS t_n
  FROM marked
  GROUP BY
    site,
    period
)
SELECT
  site AS `site`,
  period AS `period`,
  CAST(0 AS INT64) AS `order`,
  '' AS `stratum`,
  '' AS `part`,
  CAST(t_num AS FLOAT64) AS `numerator`,
  CAST(t_den AS FLOAT64) AS `denominator`,
  t_n AS `n`,
  CAST(NULL AS FLOAT64) AS `total`,
  CAST(NULL AS FLOAT64) AS `total_sq`
FROM summed;

-- split_rate
WITH marked AS (
  SELECT
    *
  FROM (
    SELECT
      `site` AS site,
      periods.first_day AS period,
      CAST(DATE_DIFF(
        CASE
          WHEN periods.last_day < CAST(`last` AS DATE)
          THEN periods.last_day
          ELSE CAST(`last` AS DATE)
        END,
        CASE
          WHEN periods.first_day > CAST(`first` AS DATE)
          THEN periods.first_day
          ELSE CAST(`first` AS DATE)
        END,
        DAY
      ) AS INT64) + (
        CAST(1 AS INT64)
      ) AS den,
      CAST(0 AS INT64) AS num
    FROM rows_in
    CROSS JOIN (
      SELECT
        CAST('2024-01-01' AS DATE) AS first_day,
        CAST('2024-01-31' AS DATE) AS last_day
    ) AS periods
    WHERE
      NOT (
        `site` IS NULL
      )
      AND CAST(`first` AS DATE) <= periods.last_day
      AND CAST(`last` AS DATE) >= periods.first_day
      AND CAST(`first` AS DATE) <= CAST(`last` AS DATE)
    UNION ALL
    SELECT
      `site` AS site,
      CAST(TIMESTAMP_TRUNC(CAST(`day` AS DATETIME), MONTH) AS DATE) AS period,
      CAST(0 AS INT64) AS den,
      CASE WHEN COALESCE(`flag`, FALSE) THEN CAST(1 AS INT64) ELSE CAST(0 AS INT64) END AS num
    FROM rows_in
    WHERE
      NOT (
        `site` IS NULL
      )
      AND NOT (
        `day` IS NULL
      )
      AND NOT (
        `day` IS NULL
      )
      AND COALESCE(`flag`, FALSE)
  ) AS both_kinds
), summed AS (
  SELECT
    site,
    period,
    CAST(SUM(CAST(num AS INT64)) AS INT64) AS t_num,
    CAST(SUM(CAST(den AS INT64)) AS INT64) AS t_den,
    CAST(COUNT(*) AS INT64) AS t_n
  FROM marked
  GROUP BY
    site,
    period
)
SELECT
  site AS `site`,
  period AS `period`,
  CAST(0 AS INT64) AS `order`,
  '' AS `stratum`,
  '' AS `part`,
  CAST(t_num AS FLOAT64) AS `numerator`,
  CAST(t_den AS FLOAT64) AS `denominator`,
  t_n AS `n`,
  CAST(NULL AS FLOAT64) AS `total`,
  CAST(NULL AS FLOAT64) AS `total_sq`
FROM summed;

-- days_between
SELECT
  site AS `site`,
  day AS `period`,
  nth - CAST(1 AS INT64) AS `order`,
  stratum AS `stratum`,
  '' AS `part`,
  CAST(CAST(DATE_DIFF(day, before, DAY) AS INT64) AS FLOAT64) AS `numerator`,
  CAST(NULL AS FLOAT64) AS `denominator`,
  CAST(1 AS INT64) AS `n`,
  CAST(CAST(DATE_DIFF(day, before, DAY) AS INT64) AS FLOAT64) AS `total`,
  CAST(NULL AS FLOAT64) AS `total_sq`
FROM (
  SELECT
    *,
    LAG(day) OVER (PARTITION BY site, stratum ORDER BY place NULLS LAST) AS before,
    CAST(ROW_NUMBER() OVER (PARTITION BY site, stratum, day ORDER BY place NULLS LAST) AS INT64) AS nth
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *,
        CAST(ROW_NUMBER() OVER (PARTITION BY site, stratum ORDER BY day NULLS LAST, event NULLS LAST) AS INT64) AS place
      FROM (
        SELECT
          `site` AS site,
          CAST(`day` AS DATE) AS day,
          '' AS stratum,
          CASE
            WHEN COALESCE((
              CAST(DATE_DIFF(`last`, `first`, DAY) AS INT64) > CAST(3 AS INT64)
            ), FALSE)
            THEN CAST(1 AS INT64)
            ELSE CAST(0 AS INT64)
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
) AS events;

-- duration
WITH marked AS (
  SELECT
    `site` AS site,
    CAST(TIMESTAMP_TRUNC(CAST(`day` AS DATETIME), MONTH) AS DATE) AS period,
    CASE
      WHEN CAST(`weight` AS FLOAT64) > CAST('0.0' AS FLOAT64)
      THEN LN(CAST(`weight` AS FLOAT64))
    END AS x,
    (
      CASE
        WHEN CAST(`weight` AS FLOAT64) > CAST('0.0' AS FLOAT64)
        THEN LN(CAST(`weight` AS FLOAT64))
      END
    ) * (
      CASE
        WHEN CAST(`weight` AS FLOAT64) > CAST('0.0' AS FLOAT64)
        THEN LN(CAST(`weight` AS FLOAT64))
      END
    ) AS xx
  FROM rows_in
  WHERE
    NOT (
      `site` IS NULL
    )
    AND NOT (
      `day` IS NULL
    )
    AND NOT (
      `weight` IS NULL
    )
    AND CAST(`weight` AS FLOAT64) > CAST('0.0' AS FLOAT64)
), summed AS (
  SELECT
    site,
    period,
    CAST(SUM(CAST(x AS FLOAT64)) AS FLOAT64) AS t_x,
    CAST(SUM(CAST(xx AS FLOAT64)) AS FLOAT64) AS t_xx,
    CAST(COUNT(*) AS INT64) AS t_n
  FROM marked
  GROUP BY
    site,
    period
)
SELECT
  site AS `site`,
  period AS `period`,
  CAST(0 AS INT64) AS `order`,
  '' AS `stratum`,
  '' AS `part`,
  CAST(NULL AS FLOAT64) AS `numerator`,
  CAST(NULL AS FLOAT64) AS `denominator`,
  t_n AS `n`,
  CAST(t_x AS FLOAT64) AS `total`,
  CAST(t_xx AS FLOAT64) AS `total_sq`
FROM summed;
