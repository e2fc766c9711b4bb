"""Who gets a message and who does not, and why: exactly one reason each (CH8)."""

from __future__ import annotations

from datetime import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.channels.decide.rules import ORDER, PLANNED, Reason
from muster.channels.sending.groups import Arm, assign
from muster.channels.sending.models import Recipient
from muster.channels.sending.review import review
from muster.channels.sending.why import why
from muster.people.models import Person
from muster.people.profile.hashing import address_hash
from tests.channels.world import NOW, World, drawn, frozen, states


def lost(world: World, people: list[Person], groups: list[int] | None = None) -> dict[str, int]:
    """Reason → people, of a review of these people."""
    send = world.send()
    found = review(send, NOW, drawn(send, people, groups))
    assert found.audience == len(people)
    assert found.audience == found.left + sum(line.lost for line in found.lines)
    assert sum(group.people for group in found.groups) == found.left
    return {line.reason: line.lost for line in found.lines if line.lost}


class TestTheReasons:
    def test_stand_in_one_order(self):
        assert [str(rule.reason) for rule in ORDER] == [
            "halted", "not_approved", "erased", "merged", "suppressed", "unreachable",
            "no_consent", "unsubscribed", "paused", "no_variant", "duplicate", "held_out", "capped",
            "quiet", "render_error",
        ]  # fmt: skip

    def test_each_takes_away_whom_it_means(self, world):
        people = [
            fine := world.person("fine"),
            world.person("silent", consent=""),
            world.person("unsure", consent="unknown"),
            world.person("left", consent="withdrawn"),
            world.person("nowhere", email=""),
            world.person("broken", email="no-address"),
            world.person("gone", erased_at=NOW),
            world.person("twin", merged_into=fine, merged_at=NOW),
            bounced := world.person("bounced"),
            all_out := world.person("all_out"),
        ]
        world.keep_out(bounced, "hard_bounce")
        world.keep_out(all_out, "unsubscribed_all")
        assert lost(world, people) == {
            "erased": 1,
            "merged": 1,
            "suppressed": 1,
            "unreachable": 2,
            "no_consent": 2,
            "unsubscribed": 2,
        }

    def test_only_the_first_reason_counts(self, world):
        person = world.person("both", consent="withdrawn")
        world.keep_out(person, "complaint")
        assert lost(world, [person]) == {"suppressed": 1}

    def test_of_two_with_one_address_the_one_we_knew_first_gets_it(self, world):
        people = [
            world.person("refused", email="a@example.com", consent="withdrawn"),
            world.person("first", email="a@example.com"),
            world.person("second", email="a@example.com"),
        ]
        send = frozen(world.send(), people)
        assert states(send) == {
            "refused": "skipped unsubscribed",
            "first": "queued",
            "second": "skipped duplicate",
        }

    def test_too_many_messages_in_seven_days(self, world):
        people = world.people(3)
        for days in (1, 3, 6):
            world.got(people[0], days)
        for days in (1, 3, 8):
            world.got(people[1], days)
        for days in (1, 2):
            world.got(people[2], days)
        world.got(people[2], 3, state="unknown")
        assert lost(world, people) == {"capped": 2}

    def test_quiet_hours_only_delay(self, world, workspace):
        workspace.quiet_from, workspace.quiet_until = time(20), time(9)
        workspace.save()
        people = [
            world.person("noon", time_zone="Asia/Shanghai"),
            world.person("night", time_zone="America/New_York"),
            world.person("unknown"),
        ]
        send = world.send()
        found = review(send, NOW, drawn(send, people))
        assert (found.left, found.later) == (3, 1)

    def test_the_line_that_removed_everyone_is_named(self, world):
        people = [world.person("a", consent=""), world.person("b", email="")]
        send = world.send()
        found = review(send, NOW, drawn(send, people))
        assert found.left == 0
        assert found.emptied_by is not None
        assert found.emptied_by.reason == "no_consent"


class TestAskingForOnePerson:
    def test_answers_in_one_sentence_before_and_after(self, world):
        people = world.people(2)
        send = frozen(world.send(), people, [1, 0])
        assert why(send, people[0]).sentence == "Waits for the message."
        assert why(send, people[1]).reason == "held_out"
        assert why(send, world.person("stranger")).reason == "outside"


class TestTheGroups:
    def test_are_drawn_again_the_same_from_the_same_seed(self):
        people = np.arange(1, 5001)
        once = assign(people, [Arm(), Arm()], seed=7, holdout=0.1)
        again = assign(people[::2], [Arm(), Arm()], seed=7, holdout=0.1)
        assert (once[::2] == again).all()
        assert (once != assign(people, [Arm(), Arm()], seed=8, holdout=0.1)).any()

    def test_have_the_shares_that_were_asked_for(self):
        people = np.arange(1, 40_001)
        found = np.bincount(assign(people, [Arm(3), Arm(1)], seed=3, holdout=0.2), minlength=3)
        # Four standard deviations of a fair draw.
        assert found[0] == pytest.approx(8000, abs=4 * (40_000 * 0.2 * 0.8) ** 0.5)
        assert found[1] == pytest.approx(24_000, abs=4 * (40_000 * 0.6 * 0.4) ** 0.5)

    def test_can_be_given_by_rules_so_that_an_experiment_is_rebuilt(self):
        people = np.arange(1, 11)
        arms = [Arm(members=np.array([1, 2, 3])), Arm(members=np.array([3, 4, 5]))]
        found = assign(people, arms, seed=1, held_out=np.array([1, 9, 10]))
        assert found.tolist() == [0, 1, 1, 2, 2, 63, 63, 63, 0, 0]


KINDS = st.fixed_dictionaries(
    {
        "consent": st.sampled_from(["", "unknown", "granted", "granted", "withdrawn"]),
        "address": st.sampled_from(["", "broken", "a@x.example", "b@x.example", "own"]),
        "kept_out": st.sampled_from(["", "", "", "manual", "unsubscribed_all", "erased"]),
        "erased": st.sampled_from([False, False, False, True]),
        "messages": st.integers(0, 4),
        "group": st.sampled_from([0, 1, 1, 1, 63]),
    }
)


def twin(kind: dict, taken: set[str], kept_out: dict[str, str]) -> str:
    """What the list of reasons says of one person, told again in Python."""
    suppressed = kept_out.get(kind["email"], "")
    if kind["erased"] or suppressed == "erased":
        return "erased"
    if suppressed == "manual":
        return "suppressed"
    if "@" not in kind["email"]:
        return "unreachable"
    if kind["consent"] in ("", "unknown"):
        return "no_consent"
    if kind["consent"] == "withdrawn" or suppressed == "unsubscribed_all":
        return "unsubscribed"
    if kind["group"] == 63:
        return "no_variant"
    if kind["email"] in taken:
        return "duplicate"
    taken.add(kind["email"])
    if kind["group"] == 0:
        return "held_out"
    if kind["messages"] >= 3:
        return "capped"
    return ""


class TestTheTwin:
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(kinds=st.lists(KINDS, min_size=1, max_size=8))
    def test_says_of_everybody_what_the_database_says(self, world, kinds):
        from django.db import transaction

        with transaction.atomic():
            self._compare(world, kinds)
            transaction.set_rollback(True)

    def _compare(self, world: World, kinds: list[dict]) -> None:
        people, kept_out, expected, taken = [], {}, {}, set()
        for place, kind in enumerate(kinds):
            kind["email"] = f"p{place}@x.example" if kind["address"] == "own" else kind["address"]
            person = world.person(
                f"p{place}", email=kind["email"], consent=kind["consent"],
                erased_at=NOW if kind["erased"] else None,
            )  # fmt: skip
            people.append(person)
            if kind["kept_out"] and address_hash("email", kind["email"]):
                world.keep_out(person, kind["kept_out"])
                kept_out.setdefault(kind["email"], kind["kept_out"])
            for number in range(kind["messages"]):
                world.got(person, number + 0.5)
        for person, kind in zip(people, kinds, strict=True):
            expected[person.first_name] = twin(kind, taken, kept_out)
        send = frozen(world.send(), people, [kind["group"] for kind in kinds])
        found = {}
        for name, state in states(send).items():
            word = state.split()
            found[name] = {"queued": "", "held_out": "held_out"}.get(word[0], word[-1])
        assert found == expected


class TestFreezing:
    def test_keeps_one_row_for_everybody_and_the_mail_as_it_is(self, world):
        people = [*world.people(3), world.person("silent", consent="")]
        send = frozen(world.send(), people, [1, 1, 0, 1])
        assert states(send) == {
            "p0": "queued", "p1": "queued", "p2": "held_out", "silent": "skipped no_consent",
        }  # fmt: skip
        rows = Recipient.objects.filter(send=send)
        assert rows.filter(variant__isnull=False).count() == 2
        assert len(set(rows.values_list("key", flat=True))) == 4
        variant = send.variants.get()
        assert variant.compiled["sender_name"] == "Qinghe Tea"
        assert variant.links.get().url.startswith("https://tea.example/pick?utm_source=muster")

    def test_leaves_those_over_the_weekly_limit_in_their_group(self, world):
        """Among the held-out nobody looks at the limit, so both sides are alike."""
        people = world.people(4)
        for person in people[1:3]:
            for days in (1, 2, 3):
                world.got(person, days)
        send = frozen(world.send(), people, [1, 1, 0, 0])
        assert states(send) == {
            "p0": "queued", "p1": "skipped capped", "p2": "held_out", "p3": "held_out",
        }  # fmt: skip
        rows = Recipient.objects.filter(send=send, variant__isnull=False)
        assert list(rows.values_list("person__first_name", flat=True).order_by("pk")) == [
            "p0",
            "p1",
        ]
        (group,) = review(send).groups
        assert group.people == 1

    def test_reasons_that_are_planned_are_all_that_a_frozen_send_lists(self, world):
        send = frozen(world.send(), world.people(1))
        found = review(send)
        assert found.frozen
        assert [line.reason for line in found.lines] == [
            str(rule.reason) for rule in PLANNED if rule.reason is not Reason.QUIET
        ]
