"""Robots in chat groups (WeCom, DingTalk, Feishu): one short message with a link, one answer."""
