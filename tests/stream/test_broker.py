from __future__ import annotations

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

pytestmark = pytest.mark.engine


def test_a_record_comes_back_from_the_plants_topic(broker):
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    sent = producer.send("sim-r1.tank-farm", b"value", b"10EGB11CL001XQ01").get(10)
    producer.close()
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap)
    consumer.assign([TopicPartition(sent.topic, sent.partition)])
    consumer.seek(TopicPartition(sent.topic, sent.partition), sent.offset)
    records = next(iter(consumer.poll(timeout_ms=10_000).values()))
    consumer.close()
    assert records[0].value == b"value"
