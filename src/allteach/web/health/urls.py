"""Addresses of this room."""

from django.urls import path

from allteach.web.health import views

app_name = "health"
urlpatterns = [
    path("health/", views.index, name="index"),
    path("health/rate/", views.rate, name="rate"),
    path("health/plan/", views.plan, name="plan"),
    path("health/grid/", views.grid, name="grid"),
]
