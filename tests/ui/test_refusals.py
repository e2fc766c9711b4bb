"""Saying no: what happened, what is safe, what to do."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from muster.ui.views import broken

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ui.addresses")]


@pytest.fixture
def client(workspace):
    return Client(headers={"Accept-Language": "en"}, raise_request_exception=False)


HTMX = {"HX-Request": "true"}


class TestARefusalAsAPage:
    def test_says_what_happened_what_is_safe_and_what_to_do(self, client):
        answer = client.get("/refuse")
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "This send needs 2 approvals." in page
        for head in ("What happened", "What is safe", "What to do"):
            assert head in page
        assert "needs_approvals" in page

    def test_speaks_the_reader_s_language(self, client):
        page = client.get("/refuse", headers={"Accept-Language": "zh-hans"}).content.decode()
        assert '<html lang="zh-Hans"' in page
        assert "发生了什么" in page

    @pytest.mark.parametrize(
        ("path", "status"), [("/refuse-input", 422), ("/forbid", 403), ("/lose", 404)]
    )
    def test_has_the_status_of_its_kind(self, client, path, status):
        assert client.get(path).status_code == status

    def test_names_every_place_and_escapes_what_people_typed(self, client):
        page = client.get("/refuse-input").content.decode()
        assert "row 12, column email" in page
        assert "&lt;wang@ is no address." in page
        assert "The row is empty." in page


class TestARefusalToSomeoneWhoIsSignedIn:
    def test_leaves_the_menu_where_it_was(self, owner, client_for):
        page = client_for(owner).get("/refuse").content.decode()
        assert 'class="rail"' in page
        assert "This send needs 2 approvals." in page


class TestARefusalToHtmx:
    def test_is_a_part_that_goes_above_the_page(self, client):
        answer = client.post("/refuse", headers=HTMX)
        assert answer.status_code == 409
        assert answer["HX-Retarget"] == "#messages"
        assert answer["HX-Reswap"] == "innerHTML"
        part = answer.content.decode()
        assert "This send needs 2 approvals." in part
        assert 'role="alert"' in part
        assert "<html" not in part


class TestAFault:
    def test_is_a_page_of_its_own(self, client):
        answer = client.get("/fail")
        assert answer.status_code == 500
        assert "Something broke on our side" in answer.content.decode()

    def test_is_drawn_without_asking_any_store(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert broken(RequestFactory().get("/fail")).status_code == 500


class TestAMissingPage:
    def test_says_so_in_the_frame(self, client):
        answer = client.get("/nowhere")
        assert answer.status_code == 404
        assert "/nowhere" in answer.content.decode()
