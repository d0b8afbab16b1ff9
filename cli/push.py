"""`directions push`: share a directions file on the hub."""

from typing import Annotated

import typer

from cli import console, options


def push(
    file: options.DirectionsFile,
    name: Annotated[str, typer.Argument(help="Repository on the hub, owner/name.")],
    private: Annotated[
        bool, typer.Option("--private", help="If the repository is made: for your eyes only.")
    ] = False,
) -> None:
    """Share directions: the file as it is, a card, and the report and pictures beside it.

    Prints the name under which every command finds them again. The token is the one that
    `hf auth login` stored, or HF_TOKEN.

    Example: `directions push outputs/mug/directions.safetensors owner/mug-directions`
    """
    from directions import hub

    console.result(hub.push(hub.local_path(file), name, private=private))
