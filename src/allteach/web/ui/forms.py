"""How Django forms look: label, hint, error and field, in that order, without inline style."""

from __future__ import annotations

from django import forms
from django.forms.renderers import TemplatesSetting


class PlainRenderer(TemplatesSetting):
    """Draws forms and fields with our own templates."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"


class GalleryForm(forms.Form):
    """One field of each kind, for the gallery."""

    words = forms.CharField(label="Words", max_length=20, help_text="A hint says what is wanted.")
    number = forms.IntegerField(label="Number", min_value=1)
    day = forms.DateField(label="Day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    choice = forms.ChoiceField(label="Choice", choices=[("a", "First"), ("b", "Second")])
    radio = forms.ChoiceField(label="One of", choices=[("a", "First"), ("b", "Second")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="Agreed", help_text="A tick box with a hint.")
    text = forms.CharField(label="Longer text", required=False, widget=forms.Textarea(attrs={"rows": 3}))
