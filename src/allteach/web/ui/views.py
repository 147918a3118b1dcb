"""Pages that belong to no room: health, errors, front door, gallery."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from allteach.web.sites.selectors import networks_for
from allteach.web.ui.forms import GalleryForm


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """Answer ``ok`` when the application and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


def front_door(request: HttpRequest) -> HttpResponse:
    """Lead to the person's network, or to the list when there are several or none."""
    networks = list(networks_for(user=request.user)[:2])
    if len(networks) == 1:
        return redirect("home:home", network=networks[0].slug)
    return redirect("sites_outside:networks")


def _plain(request: HttpRequest, template: str, status: int) -> HttpResponse:
    return render(request, template, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Return the page for a request that makes no sense."""
    return _plain(request, "400.html", 400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Return the page for something that is not allowed."""
    return _plain(request, "403.html", 403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Return the page for an address with nothing behind it."""
    return _plain(request, "404.html", 404)


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    """Return the page for our own mistakes."""
    return _plain(request, "500.html", 500)


@login_not_required
def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form that was open too long, or sent from elsewhere."""
    return _plain(request, "403_csrf.html", 403)


@login_not_required
def help_page(request: HttpRequest) -> HttpResponse:
    """Explain marks and words on one page."""
    return render(request, "ui/help.html")


def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component, for those who build pages."""
    if not (settings.ALLTEACH_GALLERY or request.user.is_staff):
        raise Http404
    return render(request, "ui/gallery.html", {"form": GalleryForm(request.GET if request.GET else None)})
