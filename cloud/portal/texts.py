"""The panel's words in Spanish and English."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import get_language

TEXTS: Final[dict[str, dict[str, str]]] = {
    "es": {
        "sign_in": "Entrar",
        "sign_out": "Salir",
        "login": "Usuario",
        "password": "Contraseña",
        "wrong": "Usuario o contraseña no válidos.",
        "too_many": "Demasiados intentos. Espera un minuto.",
        "refineries": "Refinerías",
        "none": "No tienes acceso a ninguna refinería.",
        "ask": "Pide acceso a quien administra el panel: lo decide su fichero access.toml.",
        "denied": "Sin permiso",
        "denied_why": "Tu usuario no puede ver esta refinería.",
        "back": "Volver",
        "missing": "No existe",
        "missing_why": "Esta página no existe o ya no está aquí.",
        "tanks": "Tanques",
        "signals": "Señales",
        "tank": "Tanque",
        "product": "Producto",
        "level": "Nivel",
        "volume": "Volumen",
        "free": "Libre",
        "signal": "Señal",
        "value": "Valor",
        "age": "Edad",
        "no_sheet": "Sin dibujo todavía",
        "no_sheet_why": "El panel muestra el P&ID que escribe «main.py snapshot». Los valores están en la tabla.",
        "connecting": "Conectando…",
        "live": "Al día",
        "lost": "Kafka no responde: valores viejos",
        "offline": "Sin conexión con el panel: valores viejos",
        "training": "FORMACIÓN · PLANTA SIMULADA",
        "old": "vieja",
        "bad": "mala",
        "uncertain": "dudosa",
        "waiting": "sin datos",
        "running": "Parada|En marcha",
        "fault": "Sin avería|Disparo",
        "trip": "Sin avería|Disparo",
        "open": "No abierta|Abierta",
        "closed": "No cerrada|Cerrada",
        "mode": "Manual|Automático",
        "command": "Orden de paro|Orden de marcha",
        "theme": "Tema",
        "design": "Diseño",
        "design_why": "Muestra qué se aparta de su valor de diseño",
        "alarm": "Alarma",
        "priority": "prioridad",
        "FAULT": "avería",
    },
    "en": {
        "sign_in": "Sign in",
        "sign_out": "Sign out",
        "login": "User",
        "password": "Password",
        "wrong": "User or password not valid.",
        "too_many": "Too many attempts. Wait a minute.",
        "refineries": "Refineries",
        "none": "You have no access to any refinery.",
        "ask": "Ask whoever runs the panel: its file access.toml decides.",
        "denied": "No permission",
        "denied_why": "Your user may not see this refinery.",
        "back": "Back",
        "missing": "Not found",
        "missing_why": "This page does not exist or is no longer here.",
        "tanks": "Tanks",
        "signals": "Signals",
        "tank": "Tank",
        "product": "Product",
        "level": "Level",
        "volume": "Volume",
        "free": "Free",
        "signal": "Signal",
        "value": "Value",
        "age": "Age",
        "no_sheet": "No drawing yet",
        "no_sheet_why": "The panel shows the P&ID that “main.py snapshot” writes. The values are in the table.",
        "connecting": "Connecting…",
        "live": "Up to date",
        "lost": "Kafka does not answer: values are old",
        "offline": "No connection to the panel: values are old",
        "training": "TRAINING · SIMULATED PLANT",
        "old": "stale",
        "bad": "bad",
        "uncertain": "uncertain",
        "waiting": "no data",
        "running": "Stopped|Running",
        "fault": "Healthy|Trip",
        "trip": "Healthy|Trip",
        "open": "Not open|Open",
        "closed": "Not closed|Closed",
        "mode": "Manual|Automatic",
        "command": "Stop command|Start command",
        "theme": "Theme",
        "design": "Design",
        "design_why": "Shows what is off its design value",
        "alarm": "Alarm",
        "priority": "priority",
        "FAULT": "fault",
    },
}


def language() -> str:
    """`es` or `en`, as the browser asked."""
    return "en" if (get_language() or "es").startswith("en") else "es"


def texts() -> dict[str, str]:
    """The words in the browser's language."""
    return TEXTS[language()]


def context(_request: Any) -> dict[str, Any]:
    """What every template gets."""
    return {"t": texts(), "language": language()}
