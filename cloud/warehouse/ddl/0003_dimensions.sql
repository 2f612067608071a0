-- What the plants' files say, with validity in time; written by `python -m cloud.warehouse apply --plant DIR`.
-- valid_from is inclusive; valid_to exclusive, NULL for what is so today.

CREATE EXTERNAL TABLE IF NOT EXISTS refineries (
  refinery STRING, name STRING, timezone STRING, heartbeat_s DOUBLE,
  valid_from TIMESTAMP, valid_to TIMESTAMP
)
STORED AS PARQUET
LOCATION '${lake}/dimensions/refineries';

CREATE EXTERNAL TABLE IF NOT EXISTS zones (
  refinery STRING, zone STRING, topic STRING,
  valid_from TIMESTAMP, valid_to TIMESTAMP
)
STORED AS PARQUET
LOCATION '${lake}/dimensions/zones';

CREATE EXTERNAL TABLE IF NOT EXISTS equipment (
  refinery STRING, kks STRING, zone STRING, name STRING, product STRING, service STRING,
  valid_from TIMESTAMP, valid_to TIMESTAMP
)
STORED AS PARQUET
LOCATION '${lake}/dimensions/equipment';

CREATE EXTERNAL TABLE IF NOT EXISTS signals (
  refinery STRING, kks STRING, description STRING, unit STRING, kind STRING, role STRING, zone STRING,
  equipment STRING, loop STRING, plc STRING, address STRING,
  low DOUBLE, high DOUBLE, ll DOUBLE, l DOUBLE, h DOUBLE, hh DOUBLE,
  scan_s DOUBLE, heartbeat_s DOUBLE, deadband DOUBLE, decimals INT, priority INT,
  valid_from TIMESTAMP, valid_to TIMESTAMP
)
STORED AS PARQUET
LOCATION '${lake}/dimensions/signals';

CREATE EXTERNAL TABLE IF NOT EXISTS design_conditions (
  refinery STRING, kks STRING, unit STRING, design_min DOUBLE, design DOUBLE, design_max DOUBLE,
  valid_from TIMESTAMP, valid_to TIMESTAMP
)
STORED AS PARQUET
LOCATION '${lake}/dimensions/design_conditions';
