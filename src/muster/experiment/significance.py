"""Significance (EX2): is the difference between two groups real, or could it be luck?

Everything is worked out from sufficient statistics, so a million people cost as much as ten.
Sources: the pooled two-proportion z-test and Welch's t-test (any statistics textbook, e.g. Casella
and Berger, Statistical Inference, 2nd ed., chapters 8 and 10); the interval of the relative lift by
the delta method for a ratio of means (Deng, Knoblich and Lu, 2018, "Applying the Delta Method in
Metric Analytics", section 2); the check of the sample shares by Pearson's chi-square test.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

CONFIDENCE = 0.95
SRM_ALARM = 0.001
"""Below this p the groups were not drawn as planned, and no result may be read from them."""


@dataclass(frozen=True)
class Proportion:
    """How many of n people did something once or more."""

    n: int
    successes: int

    @property
    def value(self) -> float:
        """The share; 0 without people."""
        return self.successes / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        return self.value * (1 - self.value)


@dataclass(frozen=True)
class Mean:
    """A quantity over n people, as its sum and the sum of its squares."""

    n: int
    sum: float
    sum_squares: float

    @property
    def value(self) -> float:
        """The mean for each person; 0 without people."""
        return self.sum / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """The sample variance (n − 1)."""
        if self.n < 2:
            return 0.0
        return max(self.sum_squares - self.sum * self.sum / self.n, 0.0) / (self.n - 1)


@dataclass(frozen=True)
class Lift:
    """How much better the treatment did than the control."""

    absolute: float
    """Treatment minus control."""
    absolute_interval: tuple[float, float] | None
    relative: float | None
    """The same as a share of the control (0.2 is 20 % more); None if the control has nothing."""
    interval: tuple[float, float] | None
    """The confidence interval of the relative lift; None where the data say nothing."""
    p_value: float | None
    """Two-sided; None where the data say nothing."""

    @property
    def is_significant(self) -> bool:
        """Whether luck alone would show such a difference in fewer than 5 of 100 cases."""
        return self.p_value is not None and self.p_value < 1 - CONFIDENCE


def difference_of_proportions(control: Proportion, treatment: Proportion) -> Lift:
    """The lift of a share; p by the pooled z-test."""
    n = control.n + treatment.n
    p_value = None
    if control.n and treatment.n:
        pooled = (control.successes + treatment.successes) / n
        error = math.sqrt(pooled * (1 - pooled) * (1 / control.n + 1 / treatment.n))
        if error:
            z = (treatment.value - control.value) / error
            p_value = float(2 * special.ndtr(-abs(z)))
    return _lift(control, treatment, p_value)


def difference_of_means(control: Mean, treatment: Mean) -> Lift:
    """The lift of a mean for each person; p by Welch's t-test."""
    p_value = None
    freedom = _freedom(control, treatment)
    if freedom is not None:
        error = math.sqrt(control.variance / control.n + treatment.variance / treatment.n)
        t = (treatment.value - control.value) / error
        p_value = float(2 * special.stdtr(freedom, -abs(t)))
    return _lift(control, treatment, p_value)


def srm_p(counts: Sequence[int], shares: Sequence[float] | None = None) -> float | None:
    """The chance of group sizes as uneven as these if people were drawn in the given shares.

    Equal shares unless given; Pearson's chi-square without correction. None for fewer than two
    groups, without people, or when somebody is in a group whose share is zero.
    """
    wanted = list(shares) if shares is not None else [1.0] * len(counts)
    if len(wanted) != len(counts):
        raise ValueError("as many shares as groups are needed")
    n, whole = sum(counts), sum(wanted)
    if len(counts) < 2 or not n or whole <= 0:
        return None
    if any(share <= 0 for share in wanted):
        return None
    expected = [n * share / whole for share in wanted]
    chi_square = sum((c - e) ** 2 / e for c, e in zip(counts, expected, strict=True))
    return float(special.chdtrc(len(counts) - 1, chi_square))


def _lift(control: Proportion | Mean, treatment: Proportion | Mean, p_value: float | None) -> Lift:
    absolute = treatment.value - control.value
    relative = absolute / control.value if control.value else None
    freedom = _freedom(control, treatment)
    if freedom is None:
        return Lift(absolute, None, relative, None, p_value)
    quantile = float(special.stdtrit(freedom, 0.5 + CONFIDENCE / 2))
    ours, theirs = treatment.variance / treatment.n, control.variance / control.n
    around = quantile * math.sqrt(ours + theirs)
    absolute_interval = (absolute - around, absolute + around)
    if relative is None:
        return Lift(absolute, absolute_interval, None, None, p_value)
    base = control.value
    spread = math.sqrt(ours / base**2 + theirs * treatment.value**2 / base**4)
    interval = (relative - quantile * spread, relative + quantile * spread)
    return Lift(absolute, absolute_interval, relative, interval, p_value)


def _freedom(control: Proportion | Mean, treatment: Proportion | Mean) -> float | None:
    """The degrees of freedom by Welch and Satterthwaite; None where nothing varies."""
    if control.n < 2 or treatment.n < 2:
        return None
    ours, theirs = treatment.variance / treatment.n, control.variance / control.n
    if ours + theirs <= 0:
        return None
    return (ours + theirs) ** 2 / (ours**2 / (treatment.n - 1) + theirs**2 / (control.n - 1))
