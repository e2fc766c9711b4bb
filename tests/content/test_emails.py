from __future__ import annotations

import json
from datetime import date

import pytest

from muster.content.emails import actions, checks, starters
from muster.content.models import Email
from muster.kit.errors import Invalid, Refused
from muster.people.models import Person
from muster.plan.models import Campaign
from muster.plan.readiness.checks import findings

READY = [{"kind": "button", "label": "Look", "url": "https://tea.cn/spring"}]


@pytest.fixture
def campaign(owner):
    return Campaign.objects.create(
        name="Spring tea",
        starts=date(2026, 11, 1),
        ends=date(2026, 11, 30),
        currency="CNY",
        owner=owner,
        channels=["email"],
    )


@pytest.fixture
def email(campaign, owner):
    return actions.make(campaign, "First mail", by=owner, subject="Hello", blocks=READY)


class TestMaking:
    def test_a_draft_may_be_unfinished(self, campaign, owner):
        email = actions.make(campaign, "Draft", by=owner, blocks=[{"kind": "button"}])
        assert email.version == 1
        assert [block["kind"] for block in email.blocks] == ["button", "footer"]

    def test_a_ready_one_may_not(self, campaign, owner):
        with pytest.raises(Invalid) as caught:
            actions.make(campaign, "Draft", by=owner, blocks=[{"kind": "button"}], ready=True)
        assert {p.code for p in caught.value.errors} == {
            "empty_subject",
            "empty_button",
            "bad_link",
        }
        assert not Email.objects.exists()

    def test_html_that_was_made_elsewhere_becomes_one_block(self, campaign, owner):
        content = {
            "subject": "Hi",
            "html": '<p>Tea <script>x</script><a href="https://tea.cn">a</a></p>',
        }
        email = actions.make_inline(campaign, content, by=owner)
        assert [block["kind"] for block in email.blocks] == ["html", "footer"]
        assert "script" not in email.blocks[0]["html"]

    @pytest.mark.parametrize(
        ("content", "at"),
        [
            ({"subject": "Hi"}, ""),
            ({"subject": "Hi", "html": "x", "blocks": []}, ""),
            ({"subject": "Hi", "blocks": [], "colour": "red"}, "/colour"),
            ({"subject": "Hi {{ nope }}", "blocks": []}, "/subject"),
            ({"subject": "Hi", "html": 5}, "/blocks/0/html"),
        ],
    )
    def test_inline_content_that_cannot_be_used_is_told(self, campaign, owner, content, at):
        with pytest.raises(Invalid) as caught:
            actions.make_inline(campaign, content, by=owner)
        assert caught.value.errors[0].at == at

    @pytest.mark.parametrize("starter", [one.key for one in starters.STARTERS])
    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    def test_every_starter_can_be_read_in_every_language(self, campaign, owner, starter, language):
        subject, preheader, blocks = starters.content(starter, language)
        email = actions.make(
            campaign,
            "S",
            by=owner,
            subject=subject,
            preheader=preheader,
            blocks=blocks,
            language=language,
        )
        stops = {finding.code for finding in checks.check(email) if finding.blocks}
        assert stops <= {"bad_link"}


class TestWriting:
    def test_counts_versions_and_changes_the_fingerprint(self, email, owner):
        before = email.fingerprint()
        same = actions.write(email, by=owner, subject="Hello")
        assert (same.version, same.fingerprint()) == (1, before)
        changed = actions.write(email, by=owner, subject="Hello you")
        assert changed.version == 2
        assert changed.fingerprint() != before

    def test_the_sender_belongs_to_the_fingerprint(self, email, workspace):
        before = email.fingerprint()
        workspace.sender_name = "Somebody else"
        workspace.save()
        assert email.fingerprint() != before

    def test_the_name_for_the_team_does_not(self, email, owner):
        before = email.fingerprint()
        assert actions.write(email, by=owner, name="Other").fingerprint() == before

    def test_an_older_version_is_refused(self, email, owner):
        actions.write(email, by=owner, subject="A")
        with pytest.raises(Refused) as caught:
            actions.write(email, by=owner, subject="B", version=1)
        assert caught.value.code == "changed_meanwhile"


class TestTheInboxCheck:
    def test_a_good_mail_passes(self, campaign, owner, workspace):
        workspace.postal_address = "1 Tea Road"
        workspace.save()
        email = actions.make(
            campaign, "M", by=owner, subject="Hello", preheader="You", blocks=READY
        )
        assert checks.check(email) == []

    def test_warns_of_what_would_disappoint(self, campaign, owner):
        email = actions.make(
            campaign,
            "M",
            by=owner,
            subject="春季新茶上市,邀请您来品尝,全场八折并且还有更多惊喜在等着您和家人!!",
            blocks=[
                {"kind": "text", "text": "<p>{{ first_name }}</p>"},
                {"kind": "image", "image": "https://tea.cn/a.jpg", "alt": "Tea"},
            ],
        )
        found = {finding.code: finding.at for finding in checks.check(email)}
        assert found == {
            "long_subject": "/subject",
            "loud_subject": "/subject",
            "no_preheader": "/preheader",
            "no_default": "/blocks/0/text",
            "no_link": "/blocks",
            "few_words": "/blocks",
            "no_postal_address": "/sender",
        }

    def test_a_chinese_letter_is_two_cells_wide(self):
        assert checks.cells("春茶 tea") == 8

    def test_the_campaign_is_not_ready_before_its_mails_are(self, campaign, owner):
        assert any("none has been written" in str(finding) for finding in findings(campaign))
        broken = actions.make(campaign, "Broken", by=owner, blocks=READY)
        assert any("“Broken” cannot be sent" in str(finding) for finding in findings(campaign))
        actions.write(broken, by=owner, subject="Mended")
        assert not any("“Broken” cannot" in str(finding) for finding in findings(campaign))


class TestTheApi:
    def test_makes_reads_changes_and_removes(self, campaign, api):
        body = {"campaign": campaign.public_id, "name": "M", "subject": "Hi", "blocks": READY}
        made = api("POST", "/emails", body)
        assert made.status_code == 201
        email = made.json()
        patched = api("PATCH", f"/emails/{email['id']}", {"subject": "Ho", "version": 1}).json()
        assert (patched["subject"], patched["version"]) == ("Ho", 2)
        assert patched["fingerprint"] != email["fingerprint"]
        listed = api("GET", f"/emails?campaign={campaign.public_id}").json()["items"]
        assert [one["id"] for one in listed] == [email["id"]]
        assert api("DELETE", f"/emails/{email['id']}").status_code == 204
        assert api("GET", f"/emails/{email['id']}").status_code == 404

    def test_an_undefined_variable_is_told_in_one_sentence(self, campaign, api):
        body = {
            "campaign": campaign.public_id,
            "subject": "Hi {{ frist_name }}",
            "blocks": READY,
        }
        answer = api("POST", "/emails", body)
        problem = answer.json()["errors"][0]
        assert answer.status_code == 422
        assert (problem["at"], problem["code"]) == ("/subject", "undefined_variable")
        assert "Did you mean “first_name”?" in problem["detail"]
        assert api("POST", "/emails", {**body, "draft": True}).status_code == 201

    def test_previews_as_a_case_and_as_a_person(self, email, api, owner):
        actions.write(email, by=owner, subject='{{ first_name | default: "you" }}')
        person = Person.objects.create(external_id="1", first_name="<b>Ann")
        at = f"/emails/{email.public_id}/preview?person="
        assert api("GET", at + "nobody").json()["subject"] == "you"
        assert api("GET", at + person.public_id).json()["subject"] == "<b>Ann"
        assert api("GET", at + "zoe").status_code == 404
        assert api("GET", at + "typical").json()["links"][0]["label"] == "Look"

    def test_tells_what_the_check_found(self, email, api):
        body = api("GET", f"/emails/{email.public_id}/checks").json()
        assert body["ready"] is True
        assert {finding["severity"] for finding in body["findings"]} == {"warn"}


class TestTheEditor:
    def test_a_mail_begins_with_a_starter(self, campaign, client_for, owner):
        browser = client_for(owner)
        assert "Only words" in browser.get(f"/c/{campaign.public_id}/content").content.decode()
        body = {"campaign": campaign.public_id, "starter": "letter", "name": "Thanks"}
        answer = browser.post("/emails/new", body)
        page = browser.get(answer.url)
        assert page.status_code == 200
        assert "Thank you" in page.content.decode()
        assert "Thanks" in browser.get("/content").content.decode()

    def test_blocks_are_added_moved_copied_and_removed(self, email, client_for, owner):
        browser = client_for(owner)
        at = f"/emails/{email.public_id}/arrange"

        def kinds():
            email.refresh_from_db()
            return [block["kind"] for block in email.blocks]

        button = email.blocks[0]["id"]
        browser.post(at, {"do": "add", "kind": "heading", "block": button})
        assert kinds() == ["button", "heading", "footer"]
        browser.post(at, {"do": "down", "block": button})
        assert kinds() == ["heading", "button", "footer"]
        browser.post(at, {"do": "copy", "block": button})
        assert kinds() == ["heading", "button", "button", "footer"]
        gone = browser.post(at, {"do": "remove", "block": button})
        assert kinds() == ["heading", "button", "footer"]
        browser.post(json.loads(gone.headers["HX-Trigger"])["toast"]["undo"])
        assert kinds() == ["heading", "button", "button", "footer"]

    def test_the_footer_stays(self, email, client_for, owner):
        footer = email.blocks[-1]["id"]
        client_for(owner).post(
            f"/emails/{email.public_id}/arrange", {"do": "remove", "block": footer}
        )
        email.refresh_from_db()
        assert email.blocks[-1]["kind"] == "footer"

    def test_fields_are_kept_while_they_are_typed(self, email, client_for, owner):
        browser = client_for(owner)
        button = email.blocks[0]["id"]
        answer = browser.post(
            f"/emails/{email.public_id}/blocks/{button}", {"label": "Buy", "url": "https://tea.cn"}
        )
        assert answer.status_code == 204
        assert "email-changed" in answer.headers["HX-Trigger"]
        browser.post(f"/emails/{email.public_id}/head", {"subject": "新茶", "name": ""})
        email.refresh_from_db()
        assert (email.blocks[0]["label"], email.subject, email.name) == (
            "Buy",
            "新茶",
            "First mail",
        )

    def test_the_preview_can_neither_run_nor_load_anything(self, email, client_for, owner):
        answer = client_for(owner).get(f"/emails/{email.public_id}/preview?person=long&theme=dark")
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("sandbox; default-src 'none'")
        assert "script" not in policy
        assert "invert(1)" in answer.content.decode()
        text = client_for(owner).get(f"/emails/{email.public_id}/preview?device=text")
        assert "https://tea.cn/spring?utm_source=muster" in text.content.decode()

    def test_names_of_people_are_masked_in_it(self, email, client_for, owner, user_with):
        actions.write(email, by=owner, subject="x", preheader="For {{ first_name }}")
        person = Person.objects.create(external_id="1", first_name="Annabel")
        at = f"/emails/{email.public_id}/preview?person={person.public_id}"
        assert "For Annabel" in client_for(owner).get(at).content.decode()
        assert "For A**" in client_for(user_with("manager")).get(at).content.decode()
        assert client_for(user_with("content")).get(at).status_code == 404

    def test_who_may_not_write_can_look(self, email, client_for, user_with):
        browser = client_for(user_with("legal"))
        page = browser.get(f"/emails/{email.public_id}/edit").content.decode()
        assert "mailframe" in page
        assert "data-autosave" not in page
        assert browser.post(f"/emails/{email.public_id}/head", {"subject": "x"}).status_code == 403

    def test_who_has_nothing_to_do_with_it_sees_nothing(self, email, client_for, user_with):
        browser = client_for(user_with("store"))
        assert browser.get(f"/emails/{email.public_id}/edit").status_code == 403
        assert browser.get(f"/emails/{email.public_id}/preview").status_code == 403
