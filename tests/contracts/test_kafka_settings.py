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
        ({"partitions": "many"}, "partitions = 'many'; it must be a number"),
        ({"retention_h": 47}, "retention_h = 47; it must be a number and at least 48"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(table, sentence):
    with pytest.raises(BadPlant, match=sentence) as caught:
        kafka_settings.of(plant(**table))
    assert str(caught.value).startswith(f"{Path('refinery') / 'plant.toml'}, [kafka]: ")
