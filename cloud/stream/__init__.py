"""The Kafka broker and its topics."""
