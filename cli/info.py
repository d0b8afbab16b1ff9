"""`directions info`: what a directions file says about itself."""

from cli import console, options


def info(
    file: options.DirectionsFile,
    json: options.AsJson = False,
) -> None:
    """Print where directions come from: generator, class, settings, penalties.

    Example: `directions info outputs/mug/directions.safetensors`
    """
    import dataclasses

    from directions.checkpoint import Directions
    from directions.hub import local_path

    learnt = Directions.load(local_path(file))
    plain = {
        field.name: getattr(learnt, field.name)
        for field in dataclasses.fields(learnt)
        if field.name not in ("basis", "identity")
    }
    plain["identity"] = dataclasses.asdict(learnt.identity)
    plain["shape"] = list(learnt.basis.shape)
    if json:
        console.as_json(plain)
        return
    identity = learnt.identity
    slots = "all" if learnt.slots is None else f"{learnt.slots[0]}-{learnt.slots[1]}"
    called = ", ".join(learnt.called(row) for row in sorted(learnt.names))
    agreed = " ".join(f"{value:.2f}" for value in learnt.reproducibility)
    rows = [
        ["generator", identity.name],
        ["weights", identity.weights[:16] or "unknown"],
        ["truncation", "none" if identity.truncation is None else f"{identity.truncation:g}"],
        ["directions", f"{learnt.basis.shape[0]} of {learnt.basis.shape[1]} dimensions"],
        *([["names", called]] if called else []),
        ["slots", f"{slots} of {identity.slots}"],
        ["step", str(learnt.step)],
        *([f"{name} penalty", f"{value:.4g}"] for name, value in learnt.scores.items()),
        *([["reproducibility", agreed]] if agreed else []),
        *([name, str(value)] for name, value in learnt.settings.items()),
        *([name, text] for name, text in learnt.versions.items()),
        *([["note", learnt.note]] if learnt.note else []),
    ]
    console.table(file, ["", ""], rows)
