"""The event stream: one real Kafka broker for a machine of its own, and a plant's topics on anybody's Kafka."""
