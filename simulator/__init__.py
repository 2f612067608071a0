"""The training plant: process model and Modbus server."""
