"""Addresses of measures, inside one network."""

from django.urls import path

from allteach.web.measuring import views

app_name = "measuring"
urlpatterns = [path("data/measures/", views.measures, name="list")]
