"""Coarse, mid and fine: the thirds of z in which the paper's repository also learns directions."""

from directions.config import SubSpace
from directions.errors import GeneratorError
from directions.generators.protocol import ChunkedGenerator, Generator

PART = 40  # dimensions of a sub-space: the paper's generator cuts 120 into six chunks
WHOLE = PART * len(SubSpace)


def columns_of(space: SubSpace) -> slice:
    """The dimensions of z that a sub-space is."""
    first = PART * list(SubSpace).index(space)
    return slice(first, first + PART)


def slots_of(space: SubSpace, generator: Generator) -> range:
    """The slots that read a sub-space and nothing else.

    Raises `GeneratorError` for a generator whose slots cannot be divided so.
    """
    if not isinstance(generator, ChunkedGenerator):
        raise GeneratorError(
            f"{generator.name} has no {space} sub-space: z enters it whole, not in chunks; "
            "choose places with --slots"
        )
    if generator.latent_dim != WHOLE or PART % generator.chunk:
        raise GeneratorError(
            f"{generator.name} has no {space} sub-space: it cuts {generator.latent_dim} dimensions "
            f"into chunks of {generator.chunk}, not {WHOLE} into thirds; choose places with --slots"
        )
    columns = columns_of(space)
    return range(columns.start // generator.chunk, columns.stop // generator.chunk)
