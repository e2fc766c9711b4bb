"""The sending domain (CH8): whether the world can tell that our mail is ours."""
