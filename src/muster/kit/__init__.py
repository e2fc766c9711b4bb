"""Money, time, ids, errors: what knows no word of ours."""
