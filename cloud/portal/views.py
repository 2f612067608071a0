"""The panel's pages, streams and data; every one of a refinery asks `accounts.may_see` first."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.contrib.auth import aauthenticate, aget_user, alogin, alogout
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import sync_and_async_middleware
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cloud.portal import accounts, places
from cloud.portal.texts import texts
from resources.theme import theme

KEEP_ALIVE_S: Final = 5.0
ACCESS_CHECK_S: Final = 5.0
"""A stream outlives the request that opened it, so it asks again; access withdrawn is felt within this time."""
_ATTEMPTS: Final = 8
_ATTEMPTS_WINDOW_S: Final = 60.0

_View = Callable[..., Awaitable[HttpResponseBase]]
_failures: dict[str, deque[float]] = {}
"""Address → when it tried to sign in, as far as that still counts."""


@sync_and_async_middleware
def content_security(get_response: Any) -> Any:
    """Only our own scripts run, whatever text a plant file or a tag brings in."""
    policy = (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'"
    )

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await get_response(request)
        response.headers["Content-Security-Policy"] = policy
        return response

    return middleware


def refinery_view(view: _View) -> _View:
    """Lets only those in who may see the refinery: the others get 403, whether or not it exists."""

    @wraps(view)
    async def guarded(request: HttpRequest, refinery: str) -> HttpResponseBase:
        user = await request.auser()
        if not user.is_authenticated:
            # A program is told; a person is shown the form.
            wants_page = "text/html" in request.headers.get("Accept", "text/html")
            return redirect(f"/sign-in/?next=/{refinery}/") if wants_page else HttpResponse(status=401)
        if not await sync_to_async(accounts.may_see)(user, refinery):
            raise PermissionDenied
        if refinery not in places.panel().plants:
            raise Http404
        return await view(request, refinery)

    return guarded


@require_GET
async def home(request: HttpRequest) -> HttpResponseBase:
    """The refineries this person sees."""
    user = await request.auser()
    if not user.is_authenticated:
        return redirect("/sign-in/")
    visible = [
        plant for plant in places.panel().plants.values() if await sync_to_async(accounts.may_see)(user, plant.refinery)
    ]
    if len(visible) == 1:
        return redirect(f"/{visible[0].refinery}/")
    return await sync_to_async(render)(request, "home.html", {"plants": visible})


@require_http_methods(["GET", "POST"])
async def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in form. Eight wrong tries a minute from one address and it waits."""
    problem = ""
    if request.method == "POST":
        address = str(request.META.get("REMOTE_ADDR", ""))
        if _too_many(address):
            problem = texts()["too_many"]
        else:
            # Counted before it is known to be wrong: many at once would all pass.
            tries = _failures.setdefault(address, deque())
            tries.append(time.monotonic())
            user = await aauthenticate(
                request, username=request.POST.get("username", ""), password=request.POST.get("password", "")
            )
            if user is not None:
                tries.clear()
                await alogin(request, user)
                return redirect(_own_path(request.POST.get("next", "/")))
            problem = texts()["wrong"]
    context = {"problem": problem, "next": _own_path(request.GET.get("next", request.POST.get("next", "/")))}
    return await sync_to_async(render)(request, "sign_in.html", context, status=401 if problem else 200)


@require_POST
async def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session."""
    await alogout(request)
    return redirect("/sign-in/")


@require_GET
@refinery_view
async def refinery_page(request: HttpRequest, refinery: str) -> HttpResponseBase:
    """The refinery's live page."""
    panel = places.panel()
    plant = panel.plants[refinery]
    context = {"plant": plant, "has_sheet": panel.sheet(refinery) is not None}
    return await sync_to_async(render)(request, "refinery.html", context)


@require_GET
@refinery_view
async def sheet(_request: HttpRequest, refinery: str) -> HttpResponseBase:
    """The P&ID as SVG; each element's id is its KKS."""
    path = places.panel().sheet(refinery)
    if path is None:
        raise Http404
    return HttpResponse(await asyncio.to_thread(path.read_bytes), content_type="image/svg+xml")


@require_GET
@refinery_view
async def signals(_request: HttpRequest, refinery: str) -> HttpResponseBase:
    """Signals, tanks and the newest sample of each tag as JSON."""
    panel = places.panel()
    plant = panel.plants[refinery]
    return JsonResponse(
        {
            "refinery": refinery,
            "name": plant.name,
            "timezone": plant.timezone.key,
            "signals": places.signal_rows(plant),
            "tanks": await asyncio.to_thread(places.tank_rows, plant.tanks),
            "rows": panel.hub.rows(refinery),
            "source": panel.hub.state,
        }
    )


@require_GET
@refinery_view
async def stream(request: HttpRequest, refinery: str) -> HttpResponseBase:
    """Live samples as server-sent events."""
    response = StreamingHttpResponse(_frames(request, refinery), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _frames(request: HttpRequest, refinery: str) -> AsyncIterator[bytes]:
    frames = places.panel().frames
    queue = frames.watch(refinery)
    checked = time.monotonic()
    try:
        while True:
            try:
                frame = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
            except TimeoutError:
                frame = b": alive\n\n"
            if frame is None:
                return
            yield frame
            if time.monotonic() - checked > ACCESS_CHECK_S:
                checked = time.monotonic()
                if not await _may_still_see(request, refinery):
                    yield b"event: denied\ndata: {}\n\n"
                    return
    finally:
        frames.leave(refinery, queue)


async def _may_still_see(request: HttpRequest, refinery: str) -> bool:
    """Asked of the session as it is stored now: signed out elsewhere, run out or given a new password, it is void."""
    request.session = SessionStore(request.session.session_key)
    return await sync_to_async(accounts.may_see)(await aget_user(request), refinery)


@require_GET
async def theme_css(_request: HttpRequest) -> HttpResponseBase:
    """The themes' tokens as CSS variables: light by default, dark as the system or the reader asks."""
    light, dark = (
        "".join(f"--{name.replace('.', '-')}:{value};" for name, value in theme(mode).colors.items())
        for mode in ("light", "dark")
    )
    css = (
        f":root{{{light}}}:root[data-theme=dark]{{{dark}}}"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
    )
    return HttpResponse(css, content_type="text/css", headers={"Cache-Control": "max-age=3600"})


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403, the same for a refinery that is not yours and one that does not exist."""
    return render(request, "card.html", {"title": texts()["denied"], "why": texts()["denied_why"]}, status=403)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """404."""
    return render(request, "card.html", {"title": texts()["missing"], "why": texts()["missing_why"]}, status=404)


def _too_many(address: str) -> bool:
    oldest = time.monotonic() - _ATTEMPTS_WINDOW_S
    for known, tries in list(_failures.items()):
        while tries and tries[0] < oldest:
            tries.popleft()
        if not tries:
            del _failures[known]
    return len(_failures.get(address, ())) >= _ATTEMPTS


def _own_path(path: str) -> str:
    """Only a path of this panel: `//elsewhere` would send the person to another host."""
    return path if path.startswith("/") and url_has_allowed_host_and_scheme(path, None) else "/"
