-- The raw chunks, and those of them that are not loaded yet. A partition is a folder of chunks,
-- raw/<refinery>/<zone>/p000[-<log>]/<since>/; cloud/warehouse/partitions.py adds it to both tables when its first chunk
-- comes, and drops it from history_open when the loader's journal says that every day in it is loaded. So history_all looks
-- through the chunks of a day or two, however old the lake is, and leaves cold storage alone. Dropping an external table
-- or a partition leaves its objects alone.

DROP TABLE IF EXISTS history_raw;

CREATE EXTERNAL TABLE IF NOT EXISTS history_raw (
  kks STRING, ts TIMESTAMP, v DOUBLE, q SMALLINT,
  topic STRING, kafka_partition INT, kafka_offset BIGINT,
  arrived TIMESTAMP COMMENT 'when Kafka got it, UTC'
)
PARTITIONED BY (refinery STRING, zone STRING, part STRING COMMENT 'p and the Kafka partition', since STRING)
STORED AS PARQUET
LOCATION '${lake}/raw';

CREATE EXTERNAL TABLE IF NOT EXISTS history_open (
  kks STRING, ts TIMESTAMP, v DOUBLE, q SMALLINT,
  topic STRING, kafka_partition INT, kafka_offset BIGINT,
  arrived TIMESTAMP COMMENT 'when Kafka got it, UTC'
)
PARTITIONED BY (refinery STRING, zone STRING, part STRING COMMENT 'p and the Kafka partition', since STRING)
STORED AS PARQUET
LOCATION '${lake}/raw';

CREATE OR REPLACE VIEW history_all AS
SELECT kks, ts,
       CASE WHEN max(loaded) = 1 THEN min(CASE WHEN loaded = 1 THEN v END) ELSE min(v) END AS v,
       CASE WHEN max(loaded) = 1 THEN min(CASE WHEN loaded = 1 THEN q END) ELSE min(q) END AS q,
       refinery, day
FROM (SELECT kks, ts, v, q, refinery, day, 1 AS loaded FROM history
      UNION ALL
      SELECT kks, ts, v, q, refinery, date_format(ts, 'yyyy-MM-dd') AS day, 0 AS loaded FROM history_open) AS samples
GROUP BY refinery, day, kks, ts;
