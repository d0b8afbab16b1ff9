"""The button that keeps an edit: its JSON and picture, and a video where it is asked for."""

import asyncio
from pathlib import Path

from nicegui import ui

from cli.page.session import Session
from directions.edit import Edit
from directions.errors import DirectionsError
from directions.explore.saving import save_edit
from directions.strip import edit_frames, edit_sheet
from directions.video import write_png, write_video

FRAMES, FPS = 90, 30


class Saver:
    """Saves into the run folder under the next free name; the page has no say in either."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.button = ui.button("Save", icon="save", color=None).classes("save")
        self.button.props("unelevated no-caps")
        with self.button, ui.menu():
            ui.menu_item("Picture and JSON", self._save_picture)
            ui.menu_item("Picture, JSON and video", self._save_video)

    async def _save_picture(self) -> None:
        await self._save(self._write_picture)

    async def _save_video(self) -> None:
        await self._save(self._write_picture, self._write_video)

    async def _save(self, *writers) -> None:
        """Save the edit as it is now; sliders may move on meanwhile."""
        edit = self.session.state.edit
        self.button.disable()
        try:
            paths = [await asyncio.to_thread(save_edit, edit, self.session.desk.folder)]
            for write in writers:
                paths.append(await asyncio.to_thread(write, edit, paths[0]))
            ui.notify(f"Saved {', '.join(map(str, paths))}", type="positive", multi_line=True)
        except DirectionsError as error:
            ui.notify(str(error), type="negative", multi_line=True)
        finally:
            self.button.enable()

    def _write_picture(self, edit: Edit, saved: Path) -> Path:
        studio, path = self.session.desk.studio, saved.with_suffix(".png")
        write_png(path, edit_sheet(studio.choose, studio.basis, edit))
        return path

    def _write_video(self, edit: Edit, saved: Path) -> Path:
        studio, path = self.session.desk.studio, saved.with_suffix(".mp4")
        write_video(path, edit_frames(studio.choose, studio.basis, edit, FRAMES), FPS)
        return path
