"""Group robots: WeCom, DingTalk and Feishu groups that Muster may write into."""
