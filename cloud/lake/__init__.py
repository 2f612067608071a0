"""Kafka to Parquet chunks in the object store, exactly once."""
