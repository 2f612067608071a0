"""Fixtures every room may name; those that start a real engine stand in tests/engines, one module an engine."""

pytest_plugins = ["tests.engines.broker", "tests.engines.browser"]
