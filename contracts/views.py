"""Views an analyst asks for, over the tables of `contracts.tables`: one text for Hive and for DuckDB.

What the plants' files say is joined as it was valid at a sample's time, or at the start of a roll-up's bucket. Name
`refinery` and `day` (or `month`, where the view has it) in WHERE: they choose the files that are read.
"""

from __future__ import annotations

from typing import Final, Literal

Engine = Literal["hive", "duckdb"]

LATEST_DAYS: Final = 3
"""How far back `latest_value` looks: a tag reports each heartbeat at least; one that is silent for longer is dead."""

_FIRST_LATEST_DAY: Final[dict[Engine, str]] = {
    "hive": f"date_format(date_sub(current_date, {LATEST_DAYS - 1}), 'yyyy-MM-dd')",
    # By way of the epoch: current_date would be the session's zone's.
    "duckdb": f"strftime(make_timestamp(epoch_us(now())) - INTERVAL {LATEST_DAYS - 1} DAY, '%Y-%m-%d')",
}

_VIEWS: Final = {
    "history_described": """
SELECT x.refinery, x.day, x.kks, x.ts, x.v, x.q, s.unit, s.description, s.kind, s.role, s.zone, s.low, s.high,
       s.equipment, e.name AS equipment_name, e.product
FROM history_all x
LEFT JOIN signals s ON s.refinery = x.refinery AND s.kks = x.kks
                   AND s.valid_from <= x.ts AND (s.valid_to IS NULL OR x.ts < s.valid_to)
LEFT JOIN equipment e ON e.refinery = s.refinery AND e.kks = s.equipment
                     AND e.valid_from <= x.ts AND (e.valid_to IS NULL OR x.ts < e.valid_to)""",
    "latest_value": """
SELECT n.refinery, n.kks, n.ts, n.v, n.q, s.unit, s.description, s.zone, s.equipment, n.day
FROM (SELECT refinery, day, kks, ts, v, q, row_number() OVER (PARTITION BY refinery, kks ORDER BY ts DESC) AS nth
      FROM history_all WHERE day >= ${first_latest_day}) n
LEFT JOIN signals s ON s.refinery = n.refinery AND s.kks = n.kks AND s.valid_to IS NULL
WHERE n.nth = 1""",
    "quality_day": """
SELECT d.refinery, d.month, substr(CAST(d.ts AS STRING), 1, 10) AS day, d.kks, s.description, s.zone, s.equipment,
       d.n AS samples, d.n_good AS samples_good,
       CASE WHEN d.n > 0 THEN d.n_good / CAST(d.n AS DOUBLE) END AS share_of_samples_good,
       d.duration_good / 86400 AS share_of_day_usable, d.q_worst
FROM history_day d
LEFT JOIN signals s ON s.refinery = d.refinery AND s.kks = d.kks
                   AND s.valid_from <= d.ts AND (s.valid_to IS NULL OR d.ts < s.valid_to)""",
    "tank_day": """
SELECT t.refinery, t.month, t.day, t.tank, t.name, t.product, t.service, t.level_unit,
       min(CASE WHEN t.role = 'level' THEN t.v_min END) AS level_min,
       max(CASE WHEN t.role = 'level' THEN t.v_max END) AS level_max,
       sum(CASE WHEN t.role = 'level' THEN t.v_mean * t.duration_good END)
         / sum(CASE WHEN t.role = 'level' AND t.v_mean IS NOT NULL THEN t.duration_good END) AS level_mean,
       avg(CASE WHEN t.role = 'level' AND t.hour_of_day = 0 THEN t.v_mean END) AS level_first_hour,
       avg(CASE WHEN t.role = 'level' AND t.hour_of_day = 23 THEN t.v_mean END) AS level_last_hour,
       sum(CASE WHEN t.role = 'temperature' THEN t.v_mean * t.duration_good END)
         / sum(CASE WHEN t.role = 'temperature' AND t.v_mean IS NOT NULL THEN t.duration_good END) AS temperature_mean,
       sum(CASE WHEN t.role = 'level' THEN t.duration_good END)
         / (86400 * count(DISTINCT CASE WHEN t.role = 'level' THEN t.kks END)) AS share_of_day_usable
FROM (SELECT r.refinery, r.month, substr(CAST(r.ts AS STRING), 1, 10) AS day, hour(r.ts) AS hour_of_day, r.kks,
             r.v_min, r.v_max, r.v_mean, r.duration_good, s.role, e.kks AS tank, e.name, e.product, e.service,
             max(CASE WHEN s.role = 'level' THEN s.unit END)
               OVER (PARTITION BY r.refinery, e.kks, substr(CAST(r.ts AS STRING), 1, 10)) AS level_unit
      FROM history_hour r
      JOIN signals s ON s.refinery = r.refinery AND s.kks = r.kks
                    AND s.valid_from <= r.ts AND (s.valid_to IS NULL OR r.ts < s.valid_to)
      JOIN equipment e ON e.refinery = s.refinery AND e.kks = s.equipment
                      AND e.valid_from <= r.ts AND (e.valid_to IS NULL OR r.ts < e.valid_to)
      WHERE e.service IS NOT NULL AND s.role IN ('level', 'temperature')) t
GROUP BY t.refinery, t.month, t.day, t.tank, t.name, t.product, t.service, t.level_unit""",
    "design_deviation_hour": """
SELECT r.refinery, r.month, r.ts, r.kks, s.description, s.zone, s.equipment, d.unit, r.v_min, r.v_mean, r.v_max,
       d.design_min, d.design, d.design_max, r.v_mean - d.design AS deviation,
       r.v_min < d.design_min AS below_design, r.v_max > d.design_max AS above_design, r.duration_good
FROM history_hour r
JOIN design_conditions d ON d.refinery = r.refinery AND d.kks = r.kks
                        AND d.valid_from <= r.ts AND (d.valid_to IS NULL OR r.ts < d.valid_to)
LEFT JOIN signals s ON s.refinery = r.refinery AND s.kks = r.kks
                   AND s.valid_from <= r.ts AND (s.valid_to IS NULL OR r.ts < s.valid_to)""",
}


def names() -> tuple[str, ...]:
    """The views, in the order in which they can be made."""
    return tuple(_VIEWS)


def select(name: str, engine: Engine) -> str:
    """The SELECT that is the view."""
    return _VIEWS[name].strip().replace("${first_latest_day}", _FIRST_LATEST_DAY[engine])
