"""Where samples come from: Kafka, Modbus."""
