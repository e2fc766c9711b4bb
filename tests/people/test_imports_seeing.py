"""Who sees what of a file on its way in: the masks of people hold on these pages too (PE2, PE3)."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.urls import reverse

from muster.people.imports import actions
from muster.people.imports.models import Import
from muster.people.profile.models import Person

SECRETS = ("anna.secret@b.cn", "13847118000", "Annabel", "broken@@b.cn", "Rosewood")
"""What stands in the cells of the file of the owner."""
THEIRS = "id,email,phone,name,street\n" + "".join(
    [
        "1,anna.secret@b.cn,138 4711 8000,Annabel Lee,Rosewood\n",
        "2,broken@@b.cn,,,\n",
        "3,c@d.cn,13800138002,,Rosewood\n",
    ]
)
MATCHED = {"street": {"Rosewood": "Rosewood Lane"}}


@pytest.fixture
def begin(stores: Any, workspace: Any, run_jobs: Any) -> Any:
    """Brings a file for somebody and has it checked."""

    def begin(text: str, by: Any, **more: Any) -> Import:
        imported = actions.begin(io.BytesIO(text.encode()), "p.csv", by=by)
        actions.match_by_name(imported, {}, **more)
        actions.start_check(imported, by=by)
        run_jobs()
        imported.refresh_from_db()
        assert imported.state == Import.State.CHECKED, imported.error
        return imported

    return begin


def page(client: Any, imported: Import) -> str:
    return str(client.get(reverse("people:one_import", args=[imported.pk])).content.decode())


def report(client: Any, imported: Import) -> list[list[str]]:
    answer = client.get(reverse("people:import_report", args=[imported.pk]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("role", ["operator", "manager"])
class TestTheFileOfSomebodyElse:
    def test_shows_no_cells_to_who_sees_people_masked(
        self, role: str, begin: Any, owner: Any, user_with: Any, client_for: Any, run_jobs: Any
    ) -> None:
        imported = begin(THEIRS, owner, values=MATCHED)
        theirs, masked = client_for(owner), client_for(user_with(role))
        shown = page(theirs, imported)
        assert all(secret in shown for secret in SECRETS if secret != "13847118000")
        assert not [secret for secret in SECRETS if secret in page(masked, imported)]
        assert "138 4711 8000" not in page(masked, imported)
        whole, less = report(theirs, imported), report(masked, imported)
        assert [row[:4] for row in less] == [row[:4] for row in whole]
        assert {tuple(row[4:]) for row in less[1:]} == {("", "")}
        assert "138 4711 8000" in {row[4] for row in whole}
        actions.start(imported, by=owner)
        run_jobs()
        imported.refresh_from_db()
        assert imported.errors_file
        assert not [secret for secret in SECRETS if secret in page(masked, imported)]
        errors = reverse("people:import_errors", args=[imported.pk])
        assert errors in page(theirs, imported)
        assert errors not in page(masked, imported)
        assert b"broken@@b.cn" in b"".join(theirs.get(errors).streaming_content)
        assert masked.get(errors).status_code == 403

    def test_is_not_read_with_another_row_as_that_of_the_names(
        self, role: str, begin: Any, owner: Any, user_with: Any, client_for: Any
    ) -> None:
        imported = begin(THEIRS, owner)
        masked = client_for(user_with(role))
        address = reverse("people:reread", args=[imported.pk])
        assert masked.post(address, {"header_row": "2"}).status_code == 403
        assert not [secret for secret in SECRETS if secret in page(masked, imported)]

    def test_gives_its_rows_to_mend_to_nobody_who_only_started_it(
        self, role: str, begin: Any, owner: Any, user_with: Any, client_for: Any, run_jobs: Any
    ) -> None:
        imported, by = begin(THEIRS, owner), user_with(role)
        job = actions.start(imported, by=by)
        run_jobs()
        assert client_for(by).get(reverse("team:job_errors", args=[job.pk])).status_code == 404

    def test_hands_no_values_on_to_the_next_file_with_its_columns(
        self, role: str, begin: Any, owner: Any, user_with: Any, client_for: Any, run_jobs: Any
    ) -> None:
        imported = begin(THEIRS, owner, values=MATCHED)
        actions.start(imported, by=owner)
        run_jobs()
        by = user_with(role)
        own = actions.begin(
            io.BytesIO(THEIRS.split("\n")[0].encode() + b"\n9,z@b.cn,,,Elm\n"), "n.csv", by=by
        )
        assert own.values == MATCHED
        shown = page(client_for(by), own)
        assert "Elm" in shown
        assert "Rosewood" not in shown


class TestAFileOfTheirOwn:
    def test_shows_its_cells_but_not_who_is_there(
        self, begin: Any, owner: Any, user_with: Any, client_for: Any, run_jobs: Any
    ) -> None:
        known = begin("id,email,phone\n1,a@b.cn,13847118000\n2,c@d.cn,13800138002\n", owner)
        actions.start(known, by=owner)
        run_jobs()
        by = user_with("operator")
        guesses = "id,email,phone\n2,c@d.cn,13847118000\n7,z@y.cn,138 0013 8007\n"
        imported = begin(guesses, by)
        assert imported.counts["noted"]["two_people"] == 1
        shown = page(client_for(by), imported)
        assert "138 0013 8007" in shown
        assert "row 2" in shown
        assert "×" not in shown
        assert "2 × +8613847118000" in page(client_for(owner), imported)
        lines = report(client_for(by), imported)
        two = [row for row in lines if row[2] == "2" and " · " in row[3]]
        assert [row[4:] for row in two] == [["", ""]]
        assert "138 0013 8007" in {row[4] for row in lines}
        assert "2 × +8613847118000" in {row[4] for row in report(client_for(owner), imported)}
        assert Person.objects.count() == 2


class TestTheApi:
    def test_tells_values_only_to_who_brought_them_or_may_see_people(
        self, begin: Any, owner: Any, user_with: Any, api: Any
    ) -> None:
        imported = begin(THEIRS, owner, values=MATCHED)

        def values(by: Any, *scopes: str) -> Any:
            address = f"/people/imports/{imported.public_id}"
            answer = api("GET", address, scopes=list(scopes), user=by)
            assert answer.status_code == 200, answer.content
            assert "Annabel" not in answer.content.decode()
            return answer.json()["values"]

        assert values(owner, "people:read") == MATCHED
        admin = user_with("admin")
        assert values(admin, "people:read", "people:pii") == MATCHED
        assert values(admin, "people:read") == {"street": {}}
        assert values(user_with("operator"), "people:read") == {"street": {}}
