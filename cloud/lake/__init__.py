"""The lake writer: Kafka's records as Parquet chunks in an object store, each record exactly once."""
