"""`plot`: figures of a video, of a feature table, or of a prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from ..models.shipped import DEFAULT
from ..progress import say
from ..specs import Luma
from ._figures import check_figure, write_figure
from ._jobs import jobs_option

if TYPE_CHECKING:
    from ..plots.display import Display

F = TypeVar("F", bound=Callable[..., object])


class _Kinds(click.Group):
    """The kinds of figures; an unknown one gets the closest."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        from ..errors import UnknownName

        if args and args[0] not in self.commands and not args[0].startswith("-"):
            hint = f"known: {', '.join(self.commands)}"
            raise click.UsageError(str(UnknownName("kind of figure", args[0], self.commands, hint)))
        return super().resolve_command(ctx, args)


@click.group("plot", cls=_Kinds)
def plot_command() -> None:
    """Draw a figure of KIND from INPUT into a file: .png, .svg or .pdf."""


_output = click.option("-o", "--output", required=True, metavar="FILE", help="Figure: .png, .svg or .pdf.")
_quiet = click.option("--quiet", is_flag=True, help="Suppress messages.")
_raw = click.option("--raw", help="Geometry of headerless YUV files: WxH:PIX_FMT:FPS.")
_model = click.option(
    "--model",
    "model_name",
    default=DEFAULT,
    show_default=True,
    metavar="NAME|FILE",
    help="Model that comes with the package, or .skops file that train wrote.",
)
_stills = click.option(
    "--stills", type=int, default=6, show_default=True, help="Pictures above the figure, 0 for none."
)
_luma = click.option(
    "--luma",
    type=click.Choice(get_args(Luma)),
    default="y",
    show_default=True,
    help="Source of luma: the Y plane, gray computed from RGB, or light in codes of PQ or PU21.",
)
_time = click.option("--time", "time_s", type=float, help="Time in seconds; by default the middle.")


def _figure(name: str, *options: Callable[[F], F]) -> Callable[[Callable[..., Display]], click.Command]:
    """Make a command of a function that returns a display; the name of the figure is checked first."""

    def decorated(function: Callable[..., Display]) -> click.Command:
        def command(output: str, quiet: bool, **given: Any) -> int:
            check_figure(output)
            check_input(output, given["source"])
            if given.get("raw") is not None:
                from ..batch.inputs import parse_raw

                given["raw"] = parse_raw(given["raw"])
            write_figure(function(**given), output)
            say(f"figure in {output}", quiet)
            return 0

        command.__doc__ = function.__doc__
        made: Any = command
        for option in (_quiet, _output, *reversed(options), click.argument("source", metavar="INPUT")):
            made = option(made)
        return plot_command.command(name)(made)

    return decorated


def check_input(output: str, source: str) -> None:
    """Raise ParameterError if a figure would replace its input, or cannot be written."""
    from ..files.writable import check_distinct, check_file

    check_distinct({"the figure": output}, [source])
    check_file(output)


def _split(names: tuple[str, ...]) -> list[str]:
    from ..registry import split_labels

    return [label for text in names for label in split_labels(text)]


_features = click.option(
    "-f",
    "--features",
    multiple=True,
    required=True,
    help="Features or extractors, comma-separated or repeated: siti.ti,brisque.score,flow.",
)
_fps = click.option("--fps", type=float, help="Sample at this frame rate.")
_start = click.option("--start", "start_s", type=float, default=0.0, help="Start time, in seconds.")
_duration = click.option("--duration", "duration_s", type=float, help="Duration, in seconds.")


@_figure("trace", _features, _stills, _fps, _start, _duration, _luma, _raw)
def trace(source: str, features: tuple[str, ...], **options: Any) -> Display:
    """Features of a video over time, below stills of it."""
    from ..plots import FeatureTraceDisplay

    return FeatureTraceDisplay.from_video(source, _split(features), **options)


_columns = click.option(
    "-c",
    "--columns",
    multiple=True,
    help="Columns or patterns, comma-separated or repeated: siti.*,brisque.score.mean; by default all.",
)
_by = click.option("--by", help="Column that divides the videos: status, group, ...")
_extractors = click.option(
    "-e", "--extractors", help="Extract these first: INPUT names videos, as for extract."
)
_jobs = jobs_option(", with -e")


@_figure("distribution", _columns, _by, _extractors, _fps, _jobs)
def distribution(
    source: str,
    columns: tuple[str, ...],
    by: str | None,
    extractors: str | None,
    fps: float | None,
    jobs: int,
) -> Display:
    """Distribution of the columns of a feature table over its videos, or of features of a folder with -e."""
    from ..plots import FeatureDistributionDisplay

    names = _split(columns) or None
    if extractors is not None:
        return FeatureDistributionDisplay.from_videos(source, extractors, names, by=by, fps=fps, jobs=jobs)
    if fps is not None:
        raise click.UsageError("--fps samples videos: name extractors with -e")
    return FeatureDistributionDisplay.from_table(source, names, by=by)


_field = click.option(
    "--field",
    default="mscn",
    show_default=True,
    help="mscn, or products with a neighbour: h (left), v (upper), d1 (upper left), d2 (upper right).",
)
_scale = click.option("--scale", type=int, default=1, show_default=True, help="1: full size, 2: half, ...")


@_figure("mscn", _time, _field, _scale, _luma, _raw)
def mscn(source: str, **options: Any) -> Display:
    """Histogram of the normalised (MSCN) coefficients of a frame with the fit of BRISQUE."""
    from ..plots import MscnHistogramDisplay

    return MscnHistogramDisplay.from_video(source, **options)


@_figure("flow", _time, _luma, _raw)
def flow(source: str, **options: Any) -> Display:
    """Motion between two frames as colours and arrows."""
    from ..plots import FlowMapDisplay

    return FlowMapDisplay.from_video(source, **options)


@_figure("quality", _time, _luma, _raw)
def quality(source: str, **options: Any) -> Display:
    """Distance of the blocks of a frame from pristine pictures: a local NIQE."""
    from ..plots import QualityMapDisplay

    return QualityMapDisplay.from_video(source, **options)


_count = click.option("--count", type=int, default=10, show_default=True, help="Number of bars.")
_bars = click.option(
    "--by",
    type=click.Choice(["column", "extractor"]),
    default="column",
    show_default=True,
    help="What has one bar.",
)


@_figure("explanation", _model, _bars, _count)
def explanation(source: str, model_name: str, **options: Any) -> Display:
    """What pulls the predicted MOS of a video up or down."""
    from ..models import QualityModel
    from ..plots import ExplanationDisplay

    return ExplanationDisplay.from_model(QualityModel.load(model_name), source, **options)


_window = click.option(
    "--window", "window_s", type=float, default=1.0, show_default=True, help="Length of a window, in seconds."
)


@_figure("timeline", _model, _window, _stills)
def timeline(source: str, model_name: str, **options: Any) -> Display:
    """Predicted MOS of each second of a video, and its pull on the whole."""
    from ..models import QualityModel
    from ..plots import PredictionTimelineDisplay

    return PredictionTimelineDisplay.from_model(QualityModel.load(model_name), source, **options)
