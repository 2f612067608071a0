"""Django's settings, given by the command line and the plants; there is no settings module to edit."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings

_FOLDER = Path(__file__).parent
_FONTS = _FOLDER.parents[1] / "resources" / "fonts"


def configure(state: Path, panel: dict[str, Any]) -> None:
    """Configure Django once. `panel` is plant.toml's `[panel]`: `hosts`, `https`, `database` (Django's own keys)."""
    https = bool(panel.get("https", False))
    settings.configure(
        SECRET_KEY=_secret_key(state / "secret-key"),
        DEBUG=False,
        ALLOWED_HOSTS=["127.0.0.1", "localhost", "[::1]", *panel.get("hosts", ())],
        ROOT_URLCONF="cloud.portal.urls",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.staticfiles",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.locale.LocaleMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            "cloud.portal.views.content_security",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [_FOLDER / "templates"],
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "cloud.portal.texts.context",
                    ]
                },
            }
        ],
        DATABASES={
            "default": panel.get("database")
            or {"ENGINE": "django.db.backends.sqlite3", "NAME": state / "panel.sqlite3", "OPTIONS": {"timeout": 10}}
        },
        AUTH_PASSWORD_VALIDATORS=[],
        STATICFILES_DIRS=[_FOLDER / "static", _FONTS],
        STATIC_URL="/static/",
        LOGIN_URL="/sign-in/",
        LOGIN_REDIRECT_URL="/",
        LOGOUT_REDIRECT_URL="/sign-in/",
        LANGUAGE_CODE="es",
        LANGUAGES=[("es", "Español"), ("en", "English")],
        USE_TZ=True,
        SESSION_COOKIE_SECURE=https,
        CSRF_COOKIE_SECURE=https,
        SESSION_COOKIE_AGE=12 * 3600,
        LOGGING_CONFIG=None,
    )


def _secret_key(path: Path) -> str:
    """Made once and kept, so that people stay signed in across a restart; a start that is killed leaves no half one."""
    if not path.exists():
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        new.write_text(secrets.token_urlsafe(50), encoding="ascii")
        new.replace(path)
    return path.read_text(encoding="ascii")
