"""Hive: versioned DDL, and a local HiveServer2."""
