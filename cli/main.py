"""Entry point: gathers the commands and turns our errors into one red line."""

import sys

import typer
from rich.markup import escape

from cli import (
    align,
    baseline,
    biggan,
    compare,
    console,
    data,
    explore,
    info,
    learn,
    match,
    matrices,
    measure,
    name,
    progan,
    push,
    render,
    report,
    scenes,
)
from directions import __version__
from directions.errors import DirectionsError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Learn, look at and use latent directions of a frozen GAN.",
)
app.command("learn")(learn.learn)
app.command("render")(render.render)
app.command("report")(report.report)
app.command("align")(align.align)
app.command("measure")(measure.measure)
app.command("baseline")(baseline.baseline)
app.command("compare")(compare.compare)
app.command("match")(match.match)
app.command("explore")(explore.explore)
app.command("info")(info.info)
app.command("name")(name.name)
app.command("import")(matrices.import_matrix)
app.command("export")(matrices.export_matrix)
app.command("push")(push.push)
app.add_typer(scenes.app, name="scenes")
app.add_typer(data.app, name="data")
app.add_typer(biggan.app, name="biggan")
app.add_typer(progan.app, name="progan")


def _version(wanted: bool) -> None:
    if wanted:
        console.result(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True),
) -> None:
    """Learn, look at and use latent directions of a frozen GAN."""


def run() -> None:
    """Run the app; exit 1 on a known error, let anything else show its traceback."""
    try:
        app()
    except DirectionsError as error:
        console.err.quiet = False
        console.err.print(f"[bold red]error:[/] {escape(str(error))}")
        sys.exit(1)
