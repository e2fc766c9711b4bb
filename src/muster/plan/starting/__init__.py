"""Starting (PL1, S06): a template, a past campaign or a brief fills a workspace in one step."""
