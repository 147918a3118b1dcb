"""Addresses that belong to no network."""

from django.urls import path

from allteach.web.ui import reference, views

app_name = "ui"
urlpatterns = [
    path("", views.front_door, name="front_door"),
    path("help/", views.help_page, name="help"),
    path("help/api/", reference.api_reference, name="api_reference"),
    path("gallery/", views.gallery, name="gallery"),
]
