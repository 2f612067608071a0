-- The lake writer's chunks as they landed. A partition is a folder of chunks, raw/<refinery>/<zone>/p000[-<log>]/:
-- new chunks appear in it without DDL; a new folder is added with its LOCATION by cloud/warehouse/partitions.py.

CREATE EXTERNAL TABLE IF NOT EXISTS history_raw (
  kks STRING, ts TIMESTAMP, v DOUBLE, q SMALLINT,
  topic STRING, kafka_partition INT, kafka_offset BIGINT,
  arrived TIMESTAMP COMMENT 'when Kafka got it, UTC'
)
PARTITIONED BY (refinery STRING, zone STRING, folder STRING COMMENT 'p and the Kafka partition')
STORED AS PARQUET
LOCATION '${lake}/raw';
