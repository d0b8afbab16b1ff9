"""Colours of the report, light and dark, and their stand-ins in figures.

Blue and orange tell signs apart for colour-blind readers too; text on a coloured cell takes
whichever of two inks has the higher contrast.
"""

from dataclasses import dataclass, fields

LEVELS = 5  # steps from nothing to the strongest, either way


@dataclass(frozen=True)
class Palette:
    """Colours by their use. The ramps hold 11 steps (signed) and 6 (unsigned)."""

    paper: str
    card: str
    ink: str
    muted: str
    line: str
    accent: str
    second: str
    signed: tuple[str, ...]
    signed_ink: tuple[str, ...]
    unsigned: tuple[str, ...]
    unsigned_ink: tuple[str, ...]

    def variables(self) -> dict[str, str]:
        """Every colour by the name it has in the page's style: `signed` 3 is `signed-3`."""
        found = {}
        for field in fields(self):
            value = getattr(self, field.name)
            name = field.name.replace("_", "-")
            if isinstance(value, str):
                found[name] = value
            else:
                found |= {f"{name}-{index}": colour for index, colour in enumerate(value)}
        return found


def mixed(start: str, end: str, share: float) -> str:
    """The colour `share` of the way from one to another."""
    pairs = zip(_parts(start), _parts(end), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21, as the web's accessibility guidelines define it."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _parts(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _luminance(colour: str) -> float:
    linear = [
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
        for v in (part / 255 for part in _parts(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _palette(
    neutral: str, negative: str, positive: str, inks: tuple[str, str], **plain: str
) -> Palette:
    def ramp(end: str) -> list[str]:
        return [mixed(neutral, end, level / LEVELS) for level in range(LEVELS + 1)]

    def on(colours: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(max(inks, key=lambda ink: contrast(ink, colour)) for colour in colours)

    signed = (*reversed(ramp(negative)[1:]), *ramp(positive))
    unsigned = tuple(ramp(positive))
    return Palette(
        signed=signed, signed_ink=on(signed), unsigned=unsigned, unsigned_ink=on(unsigned), **plain
    )


LIGHT = _palette(
    "#f1efea", "#8f3d08", "#134b8a", ("#1d2125", "#ffffff"),
    paper="#faf9f6", card="#ffffff", ink="#1d2125", muted="#59626b", line="#dcd9d1",
    accent="#1b5a9c", second="#b0531a",
)  # fmt: skip
DARK = _palette(
    "#2a2f35", "#f5b27a", "#8fc1f5", ("#e8e6e1", "#101316"),
    paper="#131619", card="#1b1f23", ink="#e8e6e1", muted="#a0a9b1", line="#363c43",
    accent="#86b8ef", second="#f0a869",
)  # fmt: skip


def _stand_ins() -> Palette:
    """Colours that mean nothing but their name; they are exchanged for the page's variables."""
    numbers = iter(range(1, 256))

    def some(count: int) -> tuple[str, ...]:
        return tuple(f"#fe{next(numbers):02x}01" for _ in range(count))

    plain = {name: some(1)[0] for name in ("paper", "card", "ink", "muted", "line")}
    plain |= {name: some(1)[0] for name in ("accent", "second")}
    signed, unsigned = 2 * LEVELS + 1, LEVELS + 1
    return Palette(
        signed=some(signed), signed_ink=some(signed),
        unsigned=some(unsigned), unsigned_ink=some(unsigned), **plain,
    )  # fmt: skip


STAND_INS = _stand_ins()
