"""Pages of people: for those who see everything, and for those who see a mask."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from muster.events.shape import event
from muster.people.consent.actions import Word, record
from muster.people.consent.reaching import CHANNELS
from muster.people.directory import actions
from muster.people.imports.models import Import
from muster.people.masking import masked_facts
from muster.people.profile.models import Person
from muster.people.segments.showing import shown
from muster.team import stores as team_stores
from muster.team.changes.models import Change


@pytest.fixture
def li_na(stores: Any, owner: Any) -> Person:
    fields = {
        "external_id": "c1",
        "email": "Li.Na@Example.com",
        "phone": "138 0013 8000",
        "last_name": "李",
        "first_name": "小雨",
    }
    return actions.create(fields, {"city": "上海", "visits": 3}, by=owner, now=timezone.now())


@pytest.fixture
def owner_page(owner: Any, client_for: Any) -> Any:
    return client_for(owner)


@pytest.fixture
def analyst_page(user_with: Any, client_for: Any) -> Any:
    return client_for(user_with("analyst"))


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


class TestTheListOfPeople:
    def test_is_empty_at_first_and_says_how_to_begin(self, stores: Any, owner_page: Any) -> None:
        assert "sample.csv" in text(owner_page.get("/people"))

    def test_is_there_while_the_numbers_are_rebuilt(
        self, stores: Any, li_na: Person, owner_page: Any
    ) -> None:
        said = "When people were last seen cannot be said"
        assert said not in text(owner_page.get("/people"))
        held = team_stores.stores().warehouse
        assert held is not None
        held.needs_rebuild = True
        try:
            page = text(owner_page.get("/people"))
        finally:
            held.needs_rebuild = False
        assert "李小雨" in page
        assert said in page

    def test_shows_an_owner_everything(self, li_na: Person, owner_page: Any) -> None:
        page = text(owner_page.get("/people"))
        assert "李小雨" in page
        assert "li.na@example.com" in page

    def test_shows_an_analyst_a_mask(self, li_na: Person, analyst_page: Any) -> None:
        page = text(analyst_page.get("/people"))
        assert "李**" in page
        assert "l***@example.com" in page
        assert "138****8000" in page
        for secret in ("小雨", "li.na", "13800138000"):
            assert secret not in page

    @pytest.mark.parametrize(
        "sought", ["李小雨", "LI.NA@example.com", "8000", "c1", "138 0013 8000"]
    )
    def test_finds_by_what_one_has_at_hand(
        self, li_na: Person, analyst_page: Any, sought: str
    ) -> None:
        assert "李**" in text(analyst_page.get("/people", {"q": sought}))

    @pytest.mark.parametrize("sought", ["li.na@", "li.n", "999999", "38000", "0138000", "小"])
    def test_does_not_let_a_mask_be_guessed_by_parts(
        self, li_na: Person, analyst_page: Any, sought: str
    ) -> None:
        assert "李**" not in text(analyst_page.get("/people", {"q": sought}))

    @pytest.mark.parametrize(
        "name",
        [
            *("备用邮箱", "备用手机2", "联系电话", "身份证号码", "收货地址", "真实姓名", "微信号"),
            *("backup_email", "Home Address", "phoneNumber", "passport_no", "lastName", "phone2"),
        ],
    )
    def test_what_a_field_is_called_tells_that_it_is_personal(self, name: str) -> None:
        assert masked_facts({name: "abc"}) == {name: "***"}

    @pytest.mark.parametrize(
        "name", ["手机品牌", "phone_region", "email_opens", "商品名称", "city", "地址数量"]
    )
    def test_what_is_only_about_such_a_field_is_not(self, name: str) -> None:
        assert masked_facts({name: "abc"}) == {name: "abc"}

    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            ("我的号是13912345678。", "我的号是139****5678。"),
            ("Call 139 1234 5678.", "Call 139****5678."),
            ("证件 11010119900307775X", "证件 1****X"),
            ("110101900307775", "1****5"),
            (13912345678.0, "139****5678"),
            ("order 20261128031234567", "order 20261128031234567"),
            (250.0, 250.0),
            ("2026-11-28", "2026-11-28"),
        ],
    )
    def test_what_looks_like_an_address_or_a_number_is_masked(self, said: Any, shown: Any) -> None:
        assert masked_facts({"note": said}) == {"note": shown}

    def test_a_name_is_masked_unless_it_is_of_a_thing(self) -> None:
        said = {"name": "隐先生", "products": [{"name": "白牡丹"}]}
        assert masked_facts(said) == {"name": "***", "products": [{"name": "白牡丹"}]}
        assert masked_facts({"name": "Hotel", "stage": "offer"})["name"] == "Hotel"
        assert masked_facts({"name": "李", "email": "a@b.cn", "title": "Dr"})["name"] == "***"
        assert masked_facts({"name": "Li Lei", "title": "CEO", "campaign": "x"})["name"] == "***"
        page = {"name": "Home", "url": "https://x.example/", "path": "/", "title": "Tea"}
        assert masked_facts(page) == page
        assert masked_facts({"company": {"name": "Acme"}}) == {"company": {"name": "Acme"}}

    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            ({"customer": {"id": 5}, "contact": "李雷"}, {"customer": "***", "contact": "***"}),
            ({"customer": "Li Lei"}, {"customer": "***"}),
            ({"days_since_contact": 4, "shipping": 12.5}, None),
            ({"last_contact": "2026-10-01", "new_customer": "yes"}, None),
            ({"n": 10**400}, None),
        ],
    )
    def test_who_it_was_is_masked_and_how_often_is_not(self, said: Any, shown: Any) -> None:
        assert masked_facts(said) == (shown or said)

    def test_goes_on_after_fifty(self, stores: Any, owner_page: Any) -> None:
        Person.objects.bulk_create([Person(external_id=f"p{n}") for n in range(60)])
        first = text(owner_page.get("/people"))
        assert "60 people" in first
        last = Person.objects.order_by("-pk")[49]
        second = text(owner_page.get("/people", {"before": last.pk}))
        assert "p0" in second
        assert "p59" not in second


class TestThePageOfAPerson:
    def test_shows_traits_and_time_line(self, li_na: Person, owner_page: Any) -> None:
        page = text(owner_page.get(f"/people/{li_na.public_id}"))
        for said in ("李小雨", "上海", "Profile was updated", "Personalised content", "<dd>3</dd>"):
            assert said in page

    def test_tells_of_the_suppression_list_whatever_was_allowed(
        self, li_na: Person, owner_page: Any, owner: Any
    ) -> None:
        record(
            [Word(li_na, channel, "marketing", "granted", {"note": "x"}) for channel in CHANNELS],
            now=timezone.now(),
            source="profile",
            by=owner,
        )
        url = f"/people/{li_na.public_id}"
        assert "E-mail: may be written to" in text(owner_page.get(url))
        owner_page.post("/consent/suppress", {"address": "Li.Na@example.com"})
        page = text(owner_page.get(url))
        assert "E-mail: may be written to" not in page
        assert "E-mail: on the suppression list" in page
        assert "By hand" in page
        assert "SMS: may be written to" in page
        listed = text(owner_page.get("/people"))
        assert "E-mail: on the suppression list" in listed
        assert "SMS: on the suppression list" not in listed
        (one,) = shown([li_na.pk], clear=True)
        assert one.channels == ("sms",)

    def test_is_masked_for_an_analyst_who_may_not_reveal(
        self, li_na: Person, analyst_page: Any
    ) -> None:
        page = text(analyst_page.get(f"/people/{li_na.public_id}"))
        assert "小雨" not in page
        assert "/reveal" not in page
        assert (
            analyst_page.post(
                f"/people/{li_na.public_id}/reveal", {"reason": "curious"}
            ).status_code
            == 403
        )

    def test_masks_traits_and_time_line_for_an_analyst(
        self, stores: Any, owner: Any, owner_page: Any, analyst_page: Any
    ) -> None:
        traits = {
            "备用邮箱": "spare@example.com",
            "备用手机": "13912345678",
            "身份证号": "110101199003077758",
            "地址": "幸福路 1 号",
            "忠诚度": "黄金",
            "note": "请打电话13912345678。",
        }
        person = actions.create({"external_id": "t1"}, traits, by=owner, now=timezone.now())
        form = event(
            "Form Submitted",
            user_id="t1",
            properties={"name": "隐先生", "身份证号": "110101199003077758"},
        )
        bought = event(
            "Order Completed", user_id="t1", properties={"products": [{"name": "白牡丹"}]}
        )
        stores.stores.spool.append("web", [form, bought])
        stores.settle()
        url = f"/people/{person.public_id}"
        assert "隐先生" in text(owner_page.get(url))
        assert "幸福路" in text(owner_page.get(url))
        page = text(analyst_page.get(url))
        assert "黄金" in page
        assert "白牡丹" in page
        for secret in ("spare@", "13912345678", "110101199003077758", "幸福路", "隐先生"):
            assert secret not in page

    def test_is_revealed_to_a_manager_for_a_reason_that_is_kept(
        self, li_na: Person, user_with: Any, client_for: Any
    ) -> None:
        page = client_for(user_with("manager"))
        url = f"/people/{li_na.public_id}"
        assert "小雨" not in text(page.get(url))
        assert "李小雨" in text(page.post(f"{url}/reveal", {"reason": "calls us back"}))
        change = Change.objects.get(verb="revealed")
        assert (change.object_id, change.details) == (li_na.pk, {"reason": "calls us back"})

    def test_needs_a_reason(self, li_na: Person, user_with: Any, client_for: Any) -> None:
        page = client_for(user_with("manager"))
        answer = page.post(f"/people/{li_na.public_id}/reveal", {"reason": " "})
        assert answer.status_code == 422
        assert not Change.objects.filter(verb="revealed").exists()

    def test_tags_come_and_go(self, li_na: Person, owner_page: Any) -> None:
        url = f"/people/{li_na.public_id}/tags"
        assert ">VIP<" in text(owner_page.post(url, {"tag": " VIP "}))
        assert ">VIP<" not in text(owner_page.post(url, {"remove": "VIP"}))

    def test_offers_only_what_one_may_do(
        self, li_na: Person, owner_page: Any, analyst_page: Any
    ) -> None:
        owner_page.post(f"/people/{li_na.public_id}/tags", {"tag": "VIP"})
        for page in ("/people", f"/people/{li_na.public_id}"):
            theirs, owners = text(analyst_page.get(page)), text(owner_page.get(page))
            for door in ('href="/people/new"', 'href="/people/import"', 'name="remove"'):
                assert door not in theirs
            assert ('href="/people/new"' in owners) == (page == "/people")
            assert ('name="remove"' in owners) == (page != "/people")
        assert ">VIP<" in theirs
        assert analyst_page.get("/people/new").status_code == 403

    def test_filters_the_time_line(self, li_na: Person, owner_page: Any) -> None:
        url = f"/people/{li_na.public_id}/timeline"
        head = {"HX-Request": "true"}
        assert "Profile was updated" not in text(
            owner_page.get(url, {"kind": "orders"}, headers=head)
        )
        assert "Profile was updated" not in text(
            owner_page.get(url, {"kind": "behaviour"}, headers=head)
        )
        assert "Profile was updated" in text(owner_page.get(url, {"kind": "system"}, headers=head))

    def test_a_stranger_is_sent_to_the_door(self, li_na: Person, client: Any) -> None:
        assert client.get(f"/people/{li_na.public_id}").status_code == 302

    def test_somebody_erased_is_not_there(self, li_na: Person, owner_page: Any, owner: Any) -> None:
        assert owner_page.post(f"/people/{li_na.public_id}/erase", {}).status_code == 200
        assert owner_page.get(f"/people/{li_na.public_id}").status_code == 404


class TestTheWizard:
    def file(self) -> SimpleUploadedFile:
        return SimpleUploadedFile(
            "客户.csv",
            "邮箱,姓名,城市\na@b.cn,李雷,上海\nb@b.cn,韩梅梅,北京\nx,,\n".encode("gb18030"),
            "text/csv",
        )

    def test_leads_from_the_file_to_the_people(
        self, stores: Any, owner_page: Any, run_jobs: Any
    ) -> None:
        answer = owner_page.post("/people/import", {"file": self.file()})
        url = answer.headers["Location"]
        page = text(owner_page.get(url))
        assert "李雷" in page
        assert "GB18030" in page
        answer = owner_page.post(
            f"{url}/match",
            {
                "target-0": "email",
                "target-1": "name",
                "target-2": "trait",
                "trait-2": "city",
                "basis": "all",
                "consent": "email:marketing",
                "consent-source": "Trade fair",
            },
        )
        assert answer.status_code == 302
        run_jobs()
        page = text(owner_page.get(url))
        assert "2 people" in page
        assert "This is no e-mail address." in page
        owner_page.post(f"{url}/run")
        run_jobs()
        page = text(owner_page.get(url))
        assert "2 rows imported" in page
        assert Person.objects.count() == 2
        assert Person.objects.get(email="a@b.cn").consents.get().state == "granted"
        errors = b"".join(owner_page.get(f"{url}/errors").streaming_content)
        assert errors.startswith(b"\xef\xbb\xbf")
        assert "This is no e-mail address." in errors.decode()

    def test_takes_pasted_lines(self, stores: Any, owner_page: Any) -> None:
        owner_page.post("/people/import", {"pasted": "email\ta\nx@y.cn\t1\n"})
        assert Import.objects.get().separator == "\t"

    def test_refuses_what_is_no_table_and_keeps_nothing(self, stores: Any, owner_page: Any) -> None:
        answer = owner_page.post(
            "/people/import", {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7 ...")}
        )
        assert answer.status_code == 422
        assert not Import.objects.exists()

    def test_asks_for_the_place_of_consent(self, stores: Any, owner_page: Any) -> None:
        url = owner_page.post("/people/import", {"file": self.file()}).headers["Location"]
        answer = owner_page.post(
            f"{url}/match", {"target-0": "email", "basis": "all", "consent": "email:marketing"}
        )
        assert answer.status_code == 422

    def test_reads_the_file_again_with_another_encoding(self, stores: Any, owner_page: Any) -> None:
        url = owner_page.post("/people/import", {"file": self.file()}).headers["Location"]
        owner_page.post(f"{url}/format", {"encoding": "big5", "separator": ","})
        assert Import.objects.get().encoding == "big5"

    def test_is_not_for_analysts(self, stores: Any, analyst_page: Any) -> None:
        assert analyst_page.get("/people/import").status_code == 403

    def test_has_a_sample_that_can_be_imported(self, stores: Any, owner_page: Any) -> None:
        sample = owner_page.get("/people/import/sample.csv").content
        assert sample.startswith(b"\xef\xbb\xbf")
        owner_page.post("/people/import", {"file": SimpleUploadedFile("s.csv", sample)})
        targets = set(Import.objects.get().mapping.values())
        assert {"external_id", "email", "phone", "name", "consent:email:marketing"} <= targets


class TestThePageOfConsent:
    def test_counts_by_channel_and_purpose(self, li_na: Person, owner_page: Any) -> None:
        owner_page.post(
            f"/people/{li_na.public_id}/consent",
            {"place": "email:marketing", "state": "granted", "note": "on the phone"},
        )
        page = text(owner_page.get("/consent"))
        assert li_na.public_id in page
        assert "Recorded by hand" in page

    def test_a_yes_needs_a_note_and_a_no_does_not(self, li_na: Person, owner_page: Any) -> None:
        url = f"/people/{li_na.public_id}/consent"
        assert (
            owner_page.post(url, {"place": "sms:marketing", "state": "granted"}).status_code == 422
        )
        assert "Withdrawn" in text(
            owner_page.post(url, {"place": "sms:marketing", "state": "withdrawn"})
        )

    def test_keeps_an_address_out(self, stores: Any, owner_page: Any) -> None:
        assert "By hand" in text(owner_page.post("/consent/suppress", {"address": "X@Y.cn"}))

    def test_an_analyst_reads_only(self, li_na: Person, analyst_page: Any) -> None:
        assert "/consent/suppress" not in text(analyst_page.get("/consent"))
        assert analyst_page.post("/consent/suppress", {"address": "x@y.cn"}).status_code == 403


def test_an_order_that_names_no_currency_counts_in_that_of_the_workspace(
    stores: Any, workspace: Any, owner: Any, client_for: Any
) -> None:
    person = Person.objects.create(external_id="c7")
    said = {"order_id": "o-7", "total": 1234.5}
    team_stores.emit([event("Order Completed", person_id=person.pk, properties=said)])
    stores.settle()
    workspace.currency = "EUR"
    workspace.save()
    page = client_for(owner).get(f"/people/{person.public_id}", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert page.text.count("€1,234.50") == 2
