"""Where the past is asked for: Hive, DuckDB."""
