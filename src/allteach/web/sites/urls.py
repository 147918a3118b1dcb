"""Addresses of networks and sites."""

from django.urls import path

from allteach.web.sites import views

app_name = "sites"
outside = [path("networks/", views.networks, name="networks")]
urlpatterns = [path("network/", views.network, name="network")]
