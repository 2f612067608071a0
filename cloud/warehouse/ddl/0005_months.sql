-- Roll-ups of hours and days: a file a month, for they are asked for by the year. Dropping an external table leaves its
-- files, those of a day each too; the loader makes the months of days that are loaded again.

DROP TABLE IF EXISTS history_hour;

DROP TABLE IF EXISTS history_day;

CREATE EXTERNAL TABLE IF NOT EXISTS history_hour (
  kks STRING, ts TIMESTAMP COMMENT 'start of the hour', v_min DOUBLE, v_max DOUBLE,
  v_mean DOUBLE COMMENT 'weighted by duration', duration_good DOUBLE COMMENT 'seconds',
  n BIGINT COMMENT 'samples', n_good BIGINT, q_worst SMALLINT
)
PARTITIONED BY (refinery STRING, month STRING)
STORED AS PARQUET
LOCATION '${lake}/history_hour';

CREATE EXTERNAL TABLE IF NOT EXISTS history_day (
  kks STRING, ts TIMESTAMP COMMENT 'start of the day', v_min DOUBLE, v_max DOUBLE,
  v_mean DOUBLE COMMENT 'weighted by duration', duration_good DOUBLE COMMENT 'seconds',
  n BIGINT COMMENT 'samples', n_good BIGINT, q_worst SMALLINT
)
PARTITIONED BY (refinery STRING, month STRING)
STORED AS PARQUET
LOCATION '${lake}/history_day';
