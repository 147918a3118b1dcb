-- databricks: not executed

-- proportion
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
FROM summed;

-- split_rate
WITH marked AS (
  SELECT
    *
  FROM (
    SELECT
      `site` AS site,
      periods.first_day AS period,
      CAST(DATEDIFF(
        DAY,
        CASE
          WHEN periods.first_day > CAST(`first` AS DATE)
          THEN periods.first_day
          ELSE CAST(`first` AS DATE)
        END,
        CASE
          WHEN periods.last_day < CAST(`last` AS DATE)
          THEN periods.last_day
          ELSE CAST(`last` AS DATE)
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
      CAST(DATE_TRUNC('MONTH', CAST(`day` AS TIMESTAMP)) AS DATE) AS period,
      CAST(0 AS BIGINT) AS den,
      CASE WHEN COALESCE(`flag`, FALSE) THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS num
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
FROM summed;

-- days_between
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
) AS events;

-- duration
WITH marked AS (
  SELECT
    `site` AS site,
    CAST(DATE_TRUNC('MONTH', CAST(`day` AS TIMESTAMP)) AS DATE) AS period,
    CASE
      WHEN CAST(`weight` AS DOUBLE) > CAST('0.0' AS DOUBLE)
      THEN LN(CAST(`weight` AS DOUBLE))
    END AS x,
    (
      CASE
        WHEN CAST(`weight` AS DOUBLE) > CAST('0.0' AS DOUBLE)
        THEN LN(CAST(`weight` AS DOUBLE))
      END
    ) * (
      CASE
        WHEN CAST(`weight` AS DOUBLE) > CAST('0.0' AS DOUBLE)
        THEN LN(CAST(`weight` AS DOUBLE))
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
    AND CAST(`weight` AS DOUBLE) > CAST('0.0' AS DOUBLE)
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
  site AS `site`,
  period AS `period`,
  CAST(0 AS BIGINT) AS `order`,
  '' AS `stratum`,
  '' AS `part`,
  CAST(NULL AS DOUBLE) AS `numerator`,
  CAST(NULL AS DOUBLE) AS `denominator`,
  t_n AS `n`,
  CAST(t_x AS DOUBLE) AS `total`,
  CAST(t_xx AS DOUBLE) AS `total_sq`
FROM summed;
