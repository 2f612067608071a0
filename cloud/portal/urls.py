"""Addresses of the panel."""

from __future__ import annotations

from django.urls import path, register_converter

from cloud.portal import views


class RefineryConverter:
    """A refinery id in an address."""

    regex = "[a-z0-9-]{1,24}"

    def to_python(self, value: str) -> str:
        """The id."""
        return value

    def to_url(self, value: str) -> str:
        """The id."""
        return value


register_converter(RefineryConverter, "refinery")

urlpatterns = [
    path("", views.home),
    path("sign-in/", views.sign_in),
    path("sign-out/", views.sign_out),
    path("theme.css", views.theme_css),
    path("<refinery:refinery>/", views.refinery_page),
    path("<refinery:refinery>/stream", views.stream),
    path("<refinery:refinery>/sheet.svg", views.sheet),
    path("<refinery:refinery>/api/signals", views.signals),
]
handler403 = views.denied
handler404 = views.missing
