"""What can go wrong on the user's side.

* DirectionsError
  + WeightsError         weights are missing, or not the file we expect
  + GeneratorError       an object that does not do what a generator must
  + LabelError           no such class, or more than one
  + DirectionsFileError  a directions file cannot be used
    - GeneratorMismatch  learnt on another generator than the one given
  + HubError             shared directions cannot be fetched or pushed
  + MeasuresError        measures are missing, or not those of the directions
  + EditError            an edit is missing, damaged, or of other directions
  + PageError            the page of `explore` cannot be served
  + RunError             a run folder cannot be started, resumed or written
  + RenderError          a picture or video could not be written
  + ScenesError          rendered pictures are missing, or cannot be made
  + PicturesError        pictures to train on are missing, or cannot be read or packed

Anything else that escapes is our bug and keeps its traceback.
"""


class DirectionsError(Exception):
    """Base of every error this package raises on purpose."""


class WeightsError(DirectionsError):
    """Weights are missing, or not the file we expect."""


class GeneratorError(DirectionsError):
    """An object that does not do what a generator must."""


class LabelError(DirectionsError):
    """No such class, or more than one."""


class DirectionsFileError(DirectionsError):
    """A directions file cannot be used."""


class GeneratorMismatch(DirectionsFileError):
    """The directions were learnt on another generator than the one given."""


class HubError(DirectionsError):
    """Shared directions cannot be fetched or pushed."""


class MeasuresError(DirectionsError):
    """Measures are missing, or not those of the directions."""


class EditError(DirectionsError):
    """An edit is missing, damaged, or of other directions."""


class PageError(DirectionsError):
    """The page of `explore` cannot be served."""


class RunError(DirectionsError):
    """A run folder cannot be started, resumed or written."""


class RenderError(DirectionsError):
    """A picture or video could not be written."""


class ScenesError(DirectionsError):
    """Rendered pictures are missing, or cannot be made."""


class PicturesError(DirectionsError):
    """Pictures to train on are missing, or cannot be read or packed."""
