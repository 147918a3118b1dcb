"""Addresses about people."""

from django.urls import path

from allteach.web.people import account, views

app_name = "people"
outside = [
    path("profile/", account.profile, name="profile"),
    path("profile/keys/", account.token_create, name="token_create"),
    path("profile/keys/<int:pk>/revoke/", account.token_revoke, name="token_revoke"),
    path("welcome/<str:who>/<str:token>/", account.welcome, name="welcome"),
    path("set-up/<str:token>/", account.set_up, name="set_up"),
    path("demonstration/sign-in/", account.demo_sign_in, name="demo_sign_in"),
]
urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/roles/", views.roles, name="roles"),
    path("people/add/", views.add, name="add"),
    path("people/<int:pk>/end/", views.end, name="end"),
    path("people/<int:pk>/invite/", views.invite_again, name="invite_again"),
]
