"""The side of `lifetimes` in `score_rfm.py`, run by a Python in which that package is installed.

Arguments: the file of the orders and the file for the answer, both `.npz`. For each line that comes
in it works everything out once and says the seconds of the clock and of the processors.
"""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np
import pandas as pd
from lifetimes.utils import summary_data_from_transaction_data

warnings.simplefilter("ignore")


def main(orders: str, answer: str) -> None:
    given = np.load(orders)
    table = pd.DataFrame(
        {
            "person": given["person"],
            "at": given["at"].astype("datetime64[ns]"),
            "value": given["value"],
        }
    )
    until = str(given["until"])
    for _line in sys.stdin:
        started, worked = time.perf_counter(), time.process_time()
        found = summary_data_from_transaction_data(
            table,
            "person",
            "at",
            monetary_value_col="value",
            observation_period_end=until,
            freq="D",
            include_first_transaction=True,
        )
        print(time.perf_counter() - started, time.process_time() - worked, flush=True)
    np.savez(answer, person=found.index, **{name: found[name] for name in found.columns})


if __name__ == "__main__":
    main(*sys.argv[1:])
