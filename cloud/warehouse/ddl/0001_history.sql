-- Loaded days: one Parquet file a refinery and UTC day, written by the loader, sorted by kks and ts.
-- Times are INT64 microseconds of UTC, not UTC-adjusted; every engine runs in UTC (contracts/tables.py).

CREATE EXTERNAL TABLE IF NOT EXISTS history (
  kks STRING COMMENT 'signal',
  ts  TIMESTAMP COMMENT 'source time, UTC',
  v   DOUBLE COMMENT 'engineering units; NULL where there was no value',
  q   SMALLINT COMMENT 'OPC DA quality: 192 and above good, 64 to 127 uncertain, below bad'
)
PARTITIONED BY (refinery STRING, day STRING COMMENT 'UTC day of ts, YYYY-MM-DD')
STORED AS PARQUET
LOCATION '${lake}/history';

CREATE EXTERNAL TABLE IF NOT EXISTS history_minute (
  kks STRING, ts TIMESTAMP COMMENT 'start of the minute', v_min DOUBLE, v_max DOUBLE,
  v_mean DOUBLE COMMENT 'weighted by duration', duration_good DOUBLE COMMENT 'seconds',
  n BIGINT COMMENT 'samples', n_good BIGINT, q_worst SMALLINT
)
PARTITIONED BY (refinery STRING, day STRING)
STORED AS PARQUET
LOCATION '${lake}/history_minute';

CREATE EXTERNAL TABLE IF NOT EXISTS history_hour (
  kks STRING, ts TIMESTAMP COMMENT 'start of the hour', v_min DOUBLE, v_max DOUBLE,
  v_mean DOUBLE COMMENT 'weighted by duration', duration_good DOUBLE COMMENT 'seconds',
  n BIGINT COMMENT 'samples', n_good BIGINT, q_worst SMALLINT
)
PARTITIONED BY (refinery STRING, day STRING)
STORED AS PARQUET
LOCATION '${lake}/history_hour';

CREATE EXTERNAL TABLE IF NOT EXISTS history_day (
  kks STRING, ts TIMESTAMP COMMENT 'start of the day', v_min DOUBLE, v_max DOUBLE,
  v_mean DOUBLE COMMENT 'weighted by duration', duration_good DOUBLE COMMENT 'seconds',
  n BIGINT COMMENT 'samples', n_good BIGINT, q_worst SMALLINT
)
PARTITIONED BY (refinery STRING, day STRING)
STORED AS PARQUET
LOCATION '${lake}/history_day';
