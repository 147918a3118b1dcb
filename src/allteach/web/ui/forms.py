"""How Django forms look: label, hint, error and field, in that order, without inline style."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class PlainRenderer(TemplatesSetting):
    """Draws forms and fields with our own templates."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"
