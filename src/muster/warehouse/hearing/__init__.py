"""From a sentence back to a rule (PE4): the way back of `warehouse.sentence`, never a guess."""
