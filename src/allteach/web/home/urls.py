"""The address of a network's home."""

from django.urls import path

from allteach.web.home import views

app_name = "home"
urlpatterns = [path("", views.home, name="home")]
