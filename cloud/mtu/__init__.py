"""The gateway beside the SCADA: PLC4X drivers in, one Kafka event per sensor out."""
