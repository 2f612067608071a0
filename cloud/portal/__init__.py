"""The web panel: Django, live over server-sent events, each person their refineries."""
