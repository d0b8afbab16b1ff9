"""The rows of a report as a table for other programs."""

import csv
import io

from directions.checkpoint import Directions
from directions.measures import Measures


def table(measures: Measures, learnt: Directions) -> str:
    """CSV in the order of the ranking: one line a direction, an empty cell for what is not known.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    by_row = {one.row: one for one in measures.rows}
    lines = []
    for rank, row in enumerate(measures.ranking, start=1):
        one = by_row[row]
        lines.append(
            {
                "rank": rank, "direction": row, "name": _text(learnt.names.get(row, "")),
                "note": _text(learnt.notes.get(row, "")), "score": one.score,
                "effect_ratio": one.effect_ratio, "reproducibility": one.reproducibility,
                "reach": one.reach, "description": _text(one.description),
                **{f"effect {k}": v for k, v in vars(one.effect).items()},
                **{f"activeness {k}": v for k, v in vars(one.activeness).items()},
                **{f"factor {k}": v for k, v in one.factors.items()},
                **{f"statistic {k}": v for k, v in one.statistics.items()},
                **{f"slot {k}": v for k, v in enumerate(one.slots)},
                **{f"transfer {k}": v for k, v in one.transfer.items()},
            }
        )  # fmt: skip
    buffer = io.StringIO()
    columns = list(dict.fromkeys(name for line in lines for name in line))
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return buffer.getvalue()


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
