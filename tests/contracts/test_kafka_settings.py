from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from contracts import kafka_settings
from contracts.plant import BadPlant


def plant(folder=Path("refinery"), **table):
    return SimpleNamespace(folder=folder, services={"kafka": table} if table else {})


def test_no_table_is_an_unencrypted_broker_on_this_machine():
    settings = kafka_settings.of(plant())
    assert settings.for_kafka_python() == {"security_protocol": "PLAINTEXT"}
    assert settings.for_librdkafka() == {"security.protocol": "plaintext"}
    assert (settings.bootstrap, settings.partitions, settings.replication, settings.retention_h) == ("", 3, None, 48)


def test_a_users_password_comes_from_a_file_beside_the_plant(tmp_path):
    (tmp_path / "secret").write_text("pass\n", encoding="utf-8")
    settings = kafka_settings.of(
        plant(tmp_path, security="sasl_ssl", username="ana", password_file="secret", ca_file="ca.pem", partitions=6)
    )
    assert settings.for_kafka_python() == {
        "security_protocol": "SASL_SSL",
        "ssl_cafile": str(tmp_path / "ca.pem"),
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": "ana",
        "sasl_plain_password": "pass",
    }
    assert settings.for_librdkafka() == {
        "security.protocol": "sasl_ssl",
        "ssl.ca.location": str(tmp_path / "ca.pem"),
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": "ana",
        "sasl.password": "pass",
    }
    assert settings.partitions == 6


def test_a_users_password_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("KAFKA_PASSWORD_OF_TEST", "pass")
    table = {"security": "sasl_plaintext", "username": "ana", "password_env": "KAFKA_PASSWORD_OF_TEST"}
    assert kafka_settings.of(plant(**table)).password == "pass"
    monkeypatch.delenv("KAFKA_PASSWORD_OF_TEST")
    with pytest.raises(BadPlant, match="the environment variable KAFKA_PASSWORD_OF_TEST holds no password"):
        kafka_settings.of(plant(**table))


OWN = {"bootstrap": "k:9093", "security": "sasl_ssl", "username": "ana", "password_env": "NO_SUCH_VARIABLE"}


def test_no_password_and_no_security_go_to_the_broker_that_demo_and_stack_start():
    own = plant(**OWN, ca_file="ca.pem", replication=3, partitions=6, plc4x_topic="ref1.telemetry")
    local = kafka_settings.reached([own, plant()], "PLAINTEXT://127.0.0.1:29092")
    assert (local.bootstrap, local.partitions, local.replication) == ("127.0.0.1:29092", 6, None)
    assert local.for_kafka_python() == {"security_protocol": "PLAINTEXT"}
    assert local.for_librdkafka() == {"security.protocol": "plaintext"}
    assert local.plc4x_topic == ""


def test_another_address_of_the_plants_own_kafka_keeps_its_security(monkeypatch):
    monkeypatch.setenv("NO_SUCH_VARIABLE", "pass")
    other = kafka_settings.reached([plant(**OWN)], "k2:9093")
    assert (other.bootstrap, other.for_librdkafka()["sasl.password"]) == ("k2:9093", "pass")


def test_one_client_serves_only_plants_that_are_reached_alike():
    with pytest.raises(BadPlant, match=r"the \[kafka\] tables of refinery and other differ; run one process for each"):
        kafka_settings.reached([plant(bootstrap="a:1"), plant(Path("other"), bootstrap="b:1")])
    with pytest.raises(BadPlant, match=r"\[kafka\] names no bootstrap; give --bootstrap H:P"):
        kafka_settings.reached([plant()])


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"pasword": "x"}, "pasword is not known; use bootstrap, "),
        ({"security": "tls"}, "security 'tls' is not one of plaintext, ssl, sasl_plaintext, sasl_ssl"),
        ({"mechanism": "MD5"}, "mechanism 'MD5' is not one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512"),
        ({"security": "sasl_ssl"}, "security sasl_ssl needs a username"),
        ({"security": "sasl_ssl", "username": "ana"}, "give password_env or password_file"),
        (
            {"security": "sasl_ssl", "username": "ana", "password_file": "no"},
            "password_file refinery.no cannot be read",
        ),
        ({"partitions": 0}, "partitions = 0; it must be a number and at least 1"),
        ({"partitions": float("nan")}, "partitions = nan; it must be a number"),
        ({"partitions": "many"}, "partitions = 'many'; it must be a number"),
        ({"retention_h": 47}, "retention_h = 47; it must be a number and at least 48"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(table, sentence):
    with pytest.raises(BadPlant, match=sentence) as caught:
        kafka_settings.of(plant(**table))
    assert str(caught.value).startswith(f"{Path('refinery') / 'plant.toml'}, [kafka]: ")
