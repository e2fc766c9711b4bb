from __future__ import annotations

import csv
import gzip
import json
import math
import os
from pathlib import Path

import pytest
from scipy import stats

from muster.experiment.significance import (
    Mean,
    Proportion,
    difference_of_means,
    difference_of_proportions,
    srm_p,
)

DATA = Path(
    os.environ.get("MUSTER_TEST_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
HILLSTROM = DATA / "hillstrom"
needs_hillstrom = pytest.mark.skipif(
    not HILLSTROM.exists(), reason="the Hillstrom e-mail test is not here: 8 cases skipped"
)


class TestTwoShares:
    def test_agree_with_the_textbook(self):
        lift = difference_of_proportions(Proportion(1000, 100), Proportion(1000, 130))
        assert lift.absolute == pytest.approx(0.03)
        assert lift.relative == pytest.approx(0.3)
        # z = 0.03 / sqrt(0.115 * 0.885 * 0.002) = 2.1027; twice the upper tail.
        z = 0.03 / math.sqrt(0.115 * 0.885 * 0.002)
        assert lift.p_value == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-12)
        assert lift.is_significant

    def test_that_are_equal_show_no_lift(self):
        lift = difference_of_proportions(Proportion(500, 50), Proportion(500, 50))
        assert (lift.relative, lift.p_value) == (0, 1)
        assert not lift.is_significant

    def test_with_nothing_in_the_control_have_no_relative_lift(self):
        lift = difference_of_proportions(Proportion(500, 0), Proportion(500, 50))
        assert lift.relative is None
        assert lift.interval is None
        assert lift.p_value < 1e-9

    @pytest.mark.parametrize(
        ("control", "treatment"),
        [
            (Proportion(0, 0), Proportion(10, 5)),
            (Proportion(10, 0), Proportion(10, 0)),
            (Proportion(10, 10), Proportion(10, 10)),
        ],
    )
    def test_that_say_nothing_have_no_p(self, control, treatment):
        lift = difference_of_proportions(control, treatment)
        assert lift.p_value is None
        assert lift.interval is None


class TestTwoMeans:
    def test_agree_with_scipy_on_the_raw_values(self):
        a, b = [0.0, 0, 0, 12, 7, 3], [0.0, 5, 9, 30, 0, 8, 11]
        lift = difference_of_means(_mean(a), _mean(b))
        welch = stats.ttest_ind(b, a, equal_var=False)
        assert lift.p_value == pytest.approx(welch.pvalue, rel=1e-12)
        low, high = welch.confidence_interval(0.95)
        assert lift.absolute_interval == pytest.approx((low, high), rel=1e-12)

    def test_of_one_person_each_say_nothing(self):
        assert difference_of_means(Mean(1, 5, 25), Mean(1, 9, 81)).p_value is None


class TestTheSharesOfTheGroups:
    def test_agree_with_scipy(self):
        expected = stats.chisquare([480, 520, 600]).pvalue
        assert srm_p([480, 520, 600]) == pytest.approx(expected, rel=1e-12)
        unequal = stats.chisquare([905, 95], [900, 100]).pvalue
        assert srm_p([905, 95], [0.9, 0.1]) == pytest.approx(unequal, rel=1e-12)

    @pytest.mark.parametrize("counts", [[], [10], [0, 0]])
    def test_of_nobody_say_nothing(self, counts):
        assert srm_p(counts) is None


@needs_hillstrom
class TestTheHillstromMailTest:
    def test_has_the_published_p_values(self):
        groups = _hillstrom()
        published = json.loads((HILLSTROM / "reference.json").read_text())["uplift"]
        for name in ("Mens E-Mail", "Womens E-Mail"):
            for key, measure in (("visit", Proportion), ("conversion", Proportion)):
                lift = difference_of_proportions(
                    *(
                        measure(len(groups[g]), sum(r[key] > 0 for r in groups[g]))
                        for g in ("No E-Mail", name)
                    )
                )
                wanted = published[name][key]
                assert lift.relative == pytest.approx(wanted["rel_lift"], rel=1e-9)
                assert lift.p_value == pytest.approx(wanted["p_two_sided"], rel=1e-6)
            lift = difference_of_means(
                *(_mean([r["spend"] for r in groups[g]]) for g in ("No E-Mail", name))
            )
            wanted = published[name]["spend"]
            assert lift.absolute == pytest.approx(wanted["abs_diff"], rel=1e-9)
            assert lift.p_value == pytest.approx(wanted["p_two_sided"], rel=1e-6)
            assert lift.absolute_interval == pytest.approx(tuple(wanted["ci95"]), rel=1e-6)

    @pytest.mark.parametrize("name", ["Mens E-Mail", "Womens E-Mail"])
    @pytest.mark.parametrize("key", ["visit", "conversion", "spend"])
    def test_has_the_intervals_of_gbstats(self, name, key):
        groups = _hillstrom()
        wanted = json.loads((HILLSTROM / "gbstats.json").read_text())["results"][f"{name}: {key}"]
        control, treatment = groups["No E-Mail"], groups[name]
        if key == "spend":
            lift = difference_of_means(
                _mean([r[key] for r in control]), _mean([r[key] for r in treatment])
            )
        else:
            lift = difference_of_proportions(
                Proportion(len(control), sum(r[key] > 0 for r in control)),
                Proportion(len(treatment), sum(r[key] > 0 for r in treatment)),
            )
        assert lift.relative == pytest.approx(wanted["freq_relative"]["expected"], rel=1e-9)
        assert lift.interval == pytest.approx(tuple(wanted["freq_relative"]["ci"]), rel=1e-6)
        assert lift.absolute_interval == pytest.approx(
            tuple(wanted["freq_absolute"]["ci"]), rel=1e-6
        )

    def test_drew_its_groups_evenly(self):
        published = json.loads((HILLSTROM / "reference.json").read_text())["srm_equal_split"]
        assert srm_p(published["observed"]) == pytest.approx(published["p"], rel=1e-9)


def _mean(values: list[float]) -> Mean:
    return Mean(len(values), sum(values), sum(v * v for v in values))


def _hillstrom() -> dict[str, list[dict[str, float]]]:
    groups: dict[str, list[dict[str, float]]] = {}
    with gzip.open(HILLSTROM / "hillstrom.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            values = {key: float(row[key]) for key in ("visit", "conversion", "spend")}
            groups.setdefault(row["segment"], []).append(values)
    return groups
