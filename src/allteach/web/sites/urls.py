"""Addresses of networks and sites."""

from django.urls import path

from allteach.web.sites import views

app_name = "sites"
outside = [
    path("networks/", views.networks, name="networks"),
    path("networks/new/", views.create, name="create"),
]
urlpatterns = [
    path("network/", views.network, name="network"),
    path("network/settings/", views.settings, name="settings"),
    path("ledger/", views.ledger, name="ledger"),
    path("sites/", views.sites, name="sites"),
    path("network/new-site/", views.add, name="add"),
    path("sites/<slug:code>/", views.site, name="site"),
    path("sites/<slug:code>/edit/", views.edit, name="edit"),
    path("sites/<slug:code>/status/", views.move, name="move"),
]
