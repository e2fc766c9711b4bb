"""Resources of a campaign (PL13, S13): are people, vendors and materials there?"""
