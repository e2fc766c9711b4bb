"""What people fill in to plan, move and book money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from muster.plan.budget.models import BudgetDocument, BudgetLine, BudgetMove, Cost
from muster.plan.budget.rules import VAULTS
from muster.plan.budget.typed import read_sum
from muster.plan.campaigns.fields import ChannelField, NumberField
from muster.plan.campaigns.models import Campaign


class SumField(NumberField):
    """Money as people type it, with sums worked out: `=12*800`."""

    def clean(self, value: Any) -> Any:
        """The exact sum, or None where nothing was typed."""
        text = forms.CharField.clean(self, value)
        if not text:
            return None
        number = read_sum(text)
        if number is None:
            raise ValidationError(
                _("“%(given)s” is no number. Write it as 500, 1.2万 or =12*800."),
                params={"given": text},
            )
        return number


class _Lines(forms.ModelChoiceField[BudgetLine]):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.label} · {obj.get_category_display()}" if obj.label else str(obj)


class TotalForm(forms.Form):
    """The total that everything has to fit into."""

    total_budget = SumField(label=_("Total budget"))


class LineForm(forms.Form):
    """A new budget line."""

    category = forms.ChoiceField(label=_("Category"), choices=BudgetLine.Category.choices)
    label = forms.CharField(label=_("What for"), max_length=120, required=False)
    channel = ChannelField(label=_("Channel"))
    planned = SumField(label=_("Plan"), required=False)
    auto = forms.ChoiceField(
        label=_("Where its sum comes from"),
        choices=[("", _("nothing, booked by hand")), *BudgetLine.Auto.choices],
        required=False,
    )
    core = forms.BooleanField(label=_("Core"), required=False)

    def clean_planned(self) -> Decimal:
        return self.cleaned_data.get("planned") or Decimal(0)


class WholeLineForm(LineForm):
    """All that can be said of a line."""

    auto = None  # type: ignore[assignment]
    vendor = forms.CharField(label=_("Vendor"), max_length=120, required=False)
    status = forms.ChoiceField(label=_("Status"), choices=BudgetLine.Status.choices)
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        required=False,
        help_text=_("Empty: the campaign's. Another one is converted at today's rate, once."),
    )
    estimate = SumField(label=_("Forecast"), required=False, help_text=_("Empty: as planned."))
    expected_return = SumField(label=_("Expected return"), required=False)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()


class CostForm(forms.Form):
    """Money promised or paid."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Cost.Kind.choices, initial=Cost.Kind.ACTUAL)
    amount = SumField(label=_("Amount"))
    line = forms.ModelChoiceField(
        label=_("Line"),
        queryset=BudgetLine.objects.none(),
        required=False,
        empty_label=_("no line"),
    )
    at = forms.DateField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    channel = ChannelField(label=_("Channel"))
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False)
    note = forms.CharField(label=_("What for, from whom"), max_length=300, required=False)
    receipt = forms.FileField(
        label=_("Photo or file of the receipt"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*,application/pdf"}),
    )

    def __init__(
        self,
        campaign: Campaign,
        data: Any = None,
        files: Any = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, files, initial=initial, auto_id="cost_%s")
        self.fields["currency"].widget.attrs["placeholder"] = campaign.currency
        lines = self.fields["line"]
        if isinstance(lines, forms.ModelChoiceField):
            lines.queryset = campaign.lines.exclude(category__in=VAULTS).filter(auto="")

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("receipt") and not cleaned.get("line"):
            self.add_error("line", _("A receipt lies beside a line: choose one."))
        return cleaned


class MoveForm(forms.Form):
    """From where, to where, how much, and why."""

    source = _Lines(label=_("From line"), queryset=BudgetLine.objects.none())
    target = _Lines(label=_("To line"), queryset=BudgetLine.objects.none())
    amount = SumField(label=_("Amount"))
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, campaign: Campaign, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id="move_%s")
        for name in ("source", "target"):
            lines = self.fields.get(name)
            if isinstance(lines, forms.ModelChoiceField):
                lines.queryset = self.lines(campaign, name)

    def lines(self, campaign: Campaign, name: str) -> Any:
        """The lines that this field offers."""
        rows = campaign.lines.all()
        return rows.exclude(category__in=VAULTS) if name == "source" else rows


class ReleaseForm(MoveForm):
    """Money out of a vault."""

    reason_class = forms.ChoiceField(
        label=_("Why it is released"),
        choices=BudgetMove.Reason.choices,
        widget=forms.RadioSelect,
    )

    def lines(self, campaign: Campaign, name: str) -> Any:
        rows = campaign.lines.all()
        vaults = rows.filter(category__in=VAULTS)
        return vaults if name == "source" else rows.exclude(category__in=VAULTS)


class RaiseForm(MoveForm):
    """More money than the total."""

    source = None  # type: ignore[assignment]


class DocumentForm(forms.Form):
    """A paper beside a line."""

    kind = forms.ChoiceField(label=_("Kind"), choices=BudgetDocument.Kind.choices)
    file = forms.FileField(label=_("File"), required=False)
    link = forms.URLField(label=_("or link"), required=False, assume_scheme="https")
    name = forms.CharField(label=_("Name"), max_length=120, required=False)


class RateForm(forms.Form):
    """One exchange rate."""

    day = forms.DateField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    currency = forms.CharField(label=_("One unit of"), max_length=3)
    base = forms.CharField(label=_("is worth, in"), max_length=3)
    rate = forms.DecimalField(label=_("Rate"), max_digits=18, decimal_places=8)
