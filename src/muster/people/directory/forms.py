"""What pages of people read."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class NewPerson(forms.Form):
    """One person, added by hand."""

    last_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    email = forms.CharField(label=_("E-mail address"), max_length=254, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    external_id = forms.CharField(label=_("Id in your systems"), max_length=200, required=False)
