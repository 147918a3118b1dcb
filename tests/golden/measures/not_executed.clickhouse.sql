-- clickhouse: not executed

-- proportion
WITH marked AS (
  SELECT
    "site" AS site,
    CAST(dateTrunc('MONTH', CAST("day" AS Nullable(DateTime))) AS Nullable(DATE)) AS period,
    CAST(1 AS Nullable(Int64)) AS den,
    CASE
      WHEN COALESCE(
        (
          "flag"
          OR (
            (
              CAST("weight" AS Nullable(Float64)) / nullIf(CAST("count" AS Nullable(Float64)), CAST('0.0' AS Nullable(Float64)))
            ) > CAST('1.5' AS Nullable(Float64))
          )
        ),
        FALSE
      )
      THEN CAST(1 AS Nullable(Int64))
      ELSE CAST(0 AS Nullable(Int64))
    END AS num
  FROM rows_in
  WHERE
    NOT (
      "site" IS NULL
    )
    AND NOT (
      "day" IS NULL
    )
    AND COALESCE((
      "other" > CAST(0 AS Nullable(Int64))
    ), FALSE)
    AND NOT (
      COALESCE((
        SUBSTRING("group", 1, 1) = 'a'
      ), FALSE)
    )
), summed AS (
  SELECT
    site,
    period,
    CAST(SUM(CAST(num AS Nullable(Int64))) AS Nullable(Int64)) AS t_num,
    CAST(SUM(CAST(den AS Nullable(Int64))) AS Nullable(Int64)) AS t_den,
    CAST(COUNT(*) AS Nullable(Int64)) AS t_n
  FROM marked
  GROUP BY
    site,
    period
)
SELECT
  site AS "site",
  period AS "period",
  CAST(0 AS Nullable(Int64)) AS "order",
  '' AS "stratum",
  '' AS "part",
  CAST(t_num AS Nullable(Float64)) AS "numerator",
  CAST(t_den AS Nullable(Float64)) AS "denominator",
  t_n AS "n",
  CAST(NULL AS Nullable(Float64)) AS "total",
  CAST(NULL AS Nullable(Float64)) AS "total_sq"
FROM summed;

-- split_rate
WITH marked AS (
  SELECT
    *
  FROM (
    SELECT
      "site" AS site,
      periods.first_day AS period,
      CAST(DATE_DIFF(
        DAY,
        CASE
          WHEN periods.first_day > CAST("first" AS Nullable(DATE))
          THEN periods.first_day
          ELSE CAST("first" AS Nullable(DATE))
        END,
        CASE
          WHEN periods.last_day < CAST("last" AS Nullable(DATE))
          THEN periods.last_day
          ELSE CAST("last" AS Nullable(DATE))
        END
      ) AS Nullable(Int64)) + (
        CAST(1 AS Nullable(Int64))
      ) AS den,
      CAST(0 AS Nullable(Int64)) AS num
    FROM rows_in
    CROSS JOIN (
      SELECT
        CAST('2024-01-01' AS Nullable(DATE)) AS first_day,
        CAST('2024-01-31' AS Nullable(DATE)) AS last_day
    ) AS periods
    WHERE
      NOT (
        "site" IS NULL
      )
      AND CAST("first" AS Nullable(DATE)) <= periods.last_day
      AND CAST("last" AS Nullable(DATE)) >= periods.first_day
      AND CAST("first" AS Nullable(DATE)) <= CAST("last" AS Nullable(DATE))
    UNION ALL
    SELECT
      "site" AS site,
      CAST(dateTrunc('MONTH', CAST("day" AS Nullable(DateTime))) AS Nullable(DATE)) AS period,
      CAST(0 AS Nullable(Int64)) AS den,
      CASE
        WHEN COALESCE("flag", FALSE)
        THEN CAST(1 AS Nullable(Int64))
        ELSE CAST(0 AS Nullable(Int64))
      END AS num
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
    CAST(SUM(CAST(num AS Nullable(Int64))) AS Nullable(Int64)) AS t_num,
    CAST(SUM(CAST(den AS Nullable(Int64))) AS Nullable(Int64)) AS t_den,
    CAST(COUNT(*) AS Nullable(Int64)) AS t_n
  FROM marked
  GROUP BY
    site,
    period
)
SELECT
  site AS "site",
  period AS "period",
  CAST(0 AS Nullable(Int64)) AS "order",
  '' AS "stratum",
  '' AS "part",
  CAST(t_num AS Nullable(Float64)) AS "numerator",
  CAST(t_den AS Nullable(Float64)) AS "denominator",
  t_n AS "n",
  CAST(NULL AS Nullable(Float64)) AS "total",
  CAST(NULL AS Nullable(Float64)) AS "total_sq"
FROM summed;

-- days_between
SELECT
  site AS "site",
  day AS "period",
  nth - CAST(1 AS Nullable(Int64)) AS "order",
  stratum AS "stratum",
  '' AS "part",
  CAST(CAST(DATE_DIFF(DAY, before, day) AS Nullable(Int64)) AS Nullable(Float64)) AS "numerator",
  CAST(NULL AS Nullable(Float64)) AS "denominator",
  CAST(1 AS Nullable(Int64)) AS "n",
  CAST(CAST(DATE_DIFF(DAY, before, day) AS Nullable(Int64)) AS Nullable(Float64)) AS "total",
  CAST(NULL AS Nullable(Float64)) AS "total_sq"
FROM (
  SELECT
    *,
    lagInFrame(day) OVER (PARTITION BY site, stratum ORDER BY place) AS before,
    CAST(ROW_NUMBER() OVER (PARTITION BY site, stratum, day ORDER BY place) AS Nullable(Int64)) AS nth
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *,
        CAST(ROW_NUMBER() OVER (PARTITION BY site, stratum ORDER BY day, event) AS Nullable(Int64)) AS place
      FROM (
        SELECT
          "site" AS site,
          CAST("day" AS Nullable(DATE)) AS day,
          '' AS stratum,
          CASE
            WHEN COALESCE(
              (
                CAST(DATE_DIFF(DAY, "first", "last") AS Nullable(Int64)) > CAST(3 AS Nullable(Int64))
              ),
              FALSE
            )
            THEN CAST(1 AS Nullable(Int64))
            ELSE CAST(0 AS Nullable(Int64))
          END AS event
        FROM rows_in
        WHERE
          NOT (
            "site" IS NULL
          ) AND NOT (
            "day" IS NULL
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
    "site" AS site,
    CAST(dateTrunc('MONTH', CAST("day" AS Nullable(DateTime))) AS Nullable(DATE)) AS period,
    CASE
      WHEN CAST("weight" AS Nullable(Float64)) > CAST('0.0' AS Nullable(Float64))
      THEN LN(CAST("weight" AS Nullable(Float64)))
    END AS x,
    (
      CASE
        WHEN CAST("weight" AS Nullable(Float64)) > CAST('0.0' AS Nullable(Float64))
        THEN LN(CAST("weight" AS Nullable(Float64)))
      END
    ) * (
      CASE
        WHEN CAST("weight" AS Nullable(Float64)) > CAST('0.0' AS Nullable(Float64))
        THEN LN(CAST("weight" AS Nullable(Float64)))
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
    AND CAST("weight" AS Nullable(Float64)) > CAST('0.0' AS Nullable(Float64))
), summed AS (
  SELECT
    site,
    period,
    CAST(SUM(CAST(x AS Nullable(Float64))) AS Nullable(Float64)) AS t_x,
    CAST(SUM(CAST(xx AS Nullable(Float64))) AS Nullable(Float64)) AS t_xx,
    CAST(COUNT(*) AS Nullable(Int64)) AS t_n
  FROM marked
  GROUP BY
    site,
    period
)
SELECT
  site AS "site",
  period AS "period",
  CAST(0 AS Nullable(Int64)) AS "order",
  '' AS "stratum",
  '' AS "part",
  CAST(NULL AS Nullable(Float64)) AS "numerator",
  CAST(NULL AS Nullable(Float64)) AS "denominator",
  t_n AS "n",
  CAST(t_x AS Nullable(Float64)) AS "total",
  CAST(t_xx AS Nullable(Float64)) AS "total_sq"
FROM summed;
