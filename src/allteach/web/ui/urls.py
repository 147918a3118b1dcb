"""Addresses that belong to no network."""

from django.urls import path

from allteach.web.ui import views

app_name = "ui"
urlpatterns = [path("", views.front_door, name="front_door")]
