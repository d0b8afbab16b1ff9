"""The page that a repository of directions shows: provenance, scores and pictures as Markdown."""

from collections.abc import Sequence

from directions.checkpoint import Directions

CLASSES = 3  # that are named
HEAD = """\
---
library_name: directions
tags:
- gan
- hessian-penalty
- latent-directions
---
"""


def card(directions: Directions, repository: str, beside: Sequence[str]) -> str:
    """Write the card of a repository; `beside` are the names of files that lie in it."""
    identity = directions.identity
    rows, dimensions = directions.basis.shape
    parts = [
        HEAD,
        f"# Directions of {_plain(identity.name)}\n",
        f"{rows} orthonormal directions in the {dimensions}-dimensional latent space of "
        f"{_plain(identity.generator)}. The generator itself is not here"
        + (", and any other than the one below is refused.\n" if identity.weights else ".\n"),
        *([_plain(directions.note) + ".\n"] if directions.note else []),
        _use(repository, beside),
        "## Where they come from\n",
        _table(("", ""), _provenance(directions)),
        *_penalties(directions.scores),
        *_rows(directions),
        *_pictures(beside),
    ]
    return "\n".join(parts)


def _use(repository: str, beside: Sequence[str]) -> str:
    report = ["`report.html` shows all of them.\n"] if "report.html" in beside else []
    lines = [
        "## Use\n",
        "```bash",
        f"directions info hub:{repository}",
        f"directions render hub:{repository}",
        f"directions align hub:{repository} --direction 0",
        "```\n",
        "`hub:owner/name@commit` keeps to one version. `--generator` says where the generator is, "
        "if it lies elsewhere than above.\n",
    ]
    return "\n".join([*lines, *report])


def _provenance(directions: Directions) -> list[tuple[str, str]]:
    identity = directions.identity
    known = {name: value for name, value in directions.settings.items() if value is not None}
    settings = {name: value for name, value in known.items() if name != "reach"}
    slots = "all" if directions.slots is None else "{}-{}".format(*directions.slots)
    few = ", ".join(identity.label_names[:CLASSES]) or "none"
    more = len(identity.label_names) - CLASSES
    truncation = "none" if identity.truncation is None else f"{identity.truncation:g}"
    return [
        ("generator", identity.generator),
        ("weights, SHA-256", identity.weights or "unknown"),
        ("classes", f"{few} and {more} more" if more > 0 else few),
        ("truncation", truncation),
        ("slots", f"{slots} of {identity.slots}"),
        ("reach", f"{directions.reach:g}"),
        ("step", str(directions.step)),
        *((name, str(value)) for name, value in settings.items()),
        ("versions", ", ".join(f"{name} {text}" for name, text in directions.versions.items())),
    ]


def _penalties(scores: dict[str, float]) -> list[str]:
    if not scores:
        return []
    random = [value for name, value in scores.items() if name.startswith("random")]
    rows = [(k, f"{value:.4g}") for k, value in scores.items() if not k.startswith("random")]
    if random:
        between = f"{min(random):.4g} to {max(random):.4g}"
        rows.append((f"random, {len(random)} of them", between))
    return ["## Hessian Penalty on held-out latents\n", _table(("basis", "penalty"), rows)]


def _rows(directions: Directions) -> list[str]:
    """The rows of which there is something to say."""
    agreed = dict(enumerate(directions.reproducibility))
    told = sorted({*directions.names, *directions.notes, *agreed})
    if not told:
        return []
    rows = [
        (
            str(row),
            directions.names.get(row, ""),
            f"{agreed[row]:.2f}" if row in agreed else "",
            directions.notes.get(row, ""),
        )
        for row in told
    ]
    head = ("direction", "name", "reproducibility", "notes")
    return ["## Directions\n", _table(head, rows)]


def _pictures(beside: Sequence[str]) -> list[str]:
    names = [name for name in beside if not name.endswith(".html")]
    if not names:
        return []
    return ["## Pictures\n", *(f"![{_plain(name)}](<{_plain(name)}>)\n" for name in names)]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _plain(text: str) -> str:
    """Text that stays what it is within a table and between tags."""
    text = " ".join(text.split()).replace("|", "\\|")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
