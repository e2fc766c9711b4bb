"""Addresses of the team: sign-in, set-up, members, jobs, one's own work."""

from __future__ import annotations

from django.urls import path

from muster.team.calendars import views as calendars
from muster.team.changes import views as changes
from muster.team.comments import views as comments
from muster.team.jobs import views as jobs
from muster.team.members import access_views as access
from muster.team.members import list_views as invite_list
from muster.team.members import views as members
from muster.team.notices import views as notices
from muster.team.presence import views as presence
from muster.team.robots import views as robots
from muster.team.search import views as search
from muster.team.stream import views as stream
from muster.team.tokens import views as tokens
from muster.team.work import views as work

app_name = "team"
urlpatterns = [
    path("", work.home, name="home"),
    path("my", work.work, name="work"),
    path("my/item", work.item, name="work_item"),
    path("my/do", work.do, name="work_do"),
    path("my/snooze", work.snooze, name="snooze"),
    path("my/wake", work.wake, name="wake"),
    path("notices", notices.notices, name="notices"),
    path("notices/bell", notices.bell, name="bell"),
    path("notices/read", notices.read, name="read"),
    path("notices/unread", notices.unread, name="unread"),
    path("notices/mute", notices.mute, name="mute"),
    path("notices/mutes/<int:mute_id>/end", notices.unmute, name="unmute"),
    path("notices/<ntc:notice_id>", notices.open_notice, name="open_notice"),
    path("comments/<str:thing>", comments.comments, name="comments"),
    path("comment/<cmt:comment_id>/edit", comments.edit, name="edit_comment"),
    path("comment/<cmt:comment_id>/delete", comments.delete, name="delete_comment"),
    path("comment/<cmt:comment_id>/resolve", comments.resolve, name="resolve_comment"),
    path("here", presence.here, name="here"),
    path("names", comments.names, name="names"),
    path("settings/profile/notices", notices.choose, name="choose_notice"),
    path("settings/profile/quiet", notices.quiet, name="quiet"),
    path("settings/profile/test", notices.test, name="test_notice"),
    path("settings/robots", robots.robots, name="robots"),
    path("settings/robots/add", robots.add, name="add_robot"),
    path("settings/robots/<rbt:robot_id>/test", robots.test, name="test_robot"),
    path("settings/robots/<rbt:robot_id>/remove", robots.remove, name="remove_robot"),
    path("setup", members.setup, name="setup"),
    path("language", members.language, name="language"),
    path("demo/enter", members.enter_demo, name="enter_demo"),
    path("invite/<str:token>", members.join, name="join"),
    path("settings", members.settings_home, name="settings"),
    path("settings/general", members.general, name="general"),
    path("settings/members", members.members, name="members"),
    path("settings/members/invite", members.invite, name="invite"),
    path("settings/members/<usr:user_id>", members.member, name="member"),
    path("access/<str:permission>", access.access, name="access"),
    path("settings/members/<usr:user_id>/back", members.bring_back, name="bring_back"),
    path("settings/members/<usr:user_id>/view", members.view_as, name="view_as"),
    path("settings/members/<usr:user_id>/leave", calendars.give_leave, name="give_leave"),
    path("settings/members/list", invite_list.invite_many, name="invite_many"),
    path("settings/members/list/send", invite_list.send_many, name="send_many"),
    path("settings/members/view/end", members.view_end, name="view_end"),
    path("settings/members/teams", members.save_team, name="save_team"),
    path("settings/members/teams/<tea:team_id>/drop", members.drop_team, name="drop_team"),
    path("settings/roles", members.roles, name="roles"),
    path("settings/leave", calendars.leave, name="leave"),
    path("settings/leave/<lea:leave_id>/cancel", calendars.cancel_leave, name="cancel_leave"),
    path("settings/holidays", calendars.holidays, name="holidays"),
    path("settings/holidays/<day:day_id>/remove", calendars.remove_day, name="remove_day"),
    path("settings/roles/new", members.own_role, name="new_role"),
    path("settings/roles/<rol:role_id>", members.own_role, name="own_role"),
    path("settings/roles/<rol:role_id>/drop", members.drop_role, name="drop_role"),
    path("settings/members/<usr:user_id>/role", members.role, name="role"),
    path("settings/members/<usr:user_id>/remove", members.remove, name="remove"),
    path("settings/profile", members.profile, name="profile"),
    path("settings/tokens", tokens.tokens, name="tokens"),
    path("settings/tokens/add", tokens.add_token, name="add_token"),
    path("settings/tokens/<tok:token_id>/revoke", tokens.revoke_token, name="revoke_token"),
    path("settings/keys/add", tokens.add_key, name="add_key"),
    path("settings/keys/<key:key_id>/revoke", tokens.revoke_key, name="revoke_key"),
    path("settings/jobs", jobs.jobs, name="jobs"),
    path("jobs/<job:job_id>", jobs.job, name="job"),
    path("jobs/<job:job_id>/cancel", jobs.cancel, name="cancel_job"),
    path("jobs/<job:job_id>/errors", jobs.errors, name="job_errors"),
    path("undo/<chg:change_id>", changes.undo, name="undo"),
    path("live", stream.live, name="live"),
    path("search", search.search, name="search"),
    path("search/actions", search.actions_of, name="entry_actions"),
    path("search/pin", search.pin_entry, name="pin_entry"),
]
