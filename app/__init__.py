"""Puts the parts together: modes, window, background work, settings, commands."""
