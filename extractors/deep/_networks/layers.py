"""What several networks share: the interface of a backbone, layer taps, small blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from vqa_features.errors import ParameterError

from .._weights import checkpoint

REDUCTIONS = ("mean", "std", "cls")


class Backbone(nn.Module):
    """A frozen network whose output is one vector per clip.

    Subclasses implement `features` (the embedding of the published method) and may override
    `tokens`, `rename` and `adapt`.
    """

    #: Prefixes of our keys that the embedding does not use: classifiers.
    heads: ClassVar[tuple[str, ...]] = ()
    #: Prefixes of official keys that have no place here: decoders, text towers.
    drops: ClassVar[tuple[str, ...]] = ()

    def features(self, x: Tensor) -> Tensor:
        """Return the published embedding, (B, D), of (B, C, T, H, W) normalised clips."""
        raise NotImplementedError

    def stages(self) -> list[str]:
        """Return the names of the sub-modules that an integer `tap` counts, first to last."""
        raise NotImplementedError

    def tokens(self, output: Any) -> tuple[Tensor, Tensor | None]:
        """Return a tapped output as (B, N, C) tokens and the (B, C) class token, if there is one.

        The default takes (B, C, ...) maps, the output of convolutions.
        """
        return output.flatten(2).transpose(1, 2), None

    def embed(
        self,
        x: Tensor,
        tap: int | str | Sequence[int | str] | None = None,
        reduce: str | Sequence[str] = "mean",
        **options: Any,
    ) -> Tensor:
        """Return one vector per clip.

        Parameters
        ----------
        x : Tensor, (B, C, T, H, W)
            Normalised clips.
        tap : int, str or a sequence of them, optional
            Layers to read instead of the embedding: names of sub-modules, or numbers into
            `stages` (-2 is the second to last). Several are concatenated.
        reduce : {"mean", "std", "cls"}, "mean+std" or a sequence
            How a tapped layer's tokens become one vector; several are concatenated.
        **options
            Arguments of the network's own `features`.

        Returns
        -------
        Tensor, (B, D)

        Raises
        ------
        ParameterError
            If there is no such layer, or no such reduction of it.
        """
        if tap is None:
            return self.features(x, **options)
        taps = [tap] if isinstance(tap, int | str) else list(tap)
        reductions = reduce.split("+") if isinstance(reduce, str) else list(reduce)
        outputs = self._run_tapped(x, [self.tap_name(one) for one in taps], options)
        return torch.cat([self._reduce(out, how) for out in outputs for how in reductions], dim=1)

    def tap_name(self, tap: int | str) -> str:
        """Return the name of the sub-module a tap means."""
        if isinstance(tap, int):
            names = self.stages()
            if not -len(names) <= tap < len(names):
                raise ParameterError(f"tap {tap} is outside the {len(names)} stages of {type(self).__name__}")
            return names[tap]
        if tap not in dict(self.named_modules()):
            raise ParameterError(f"{type(self).__name__} has no layer {tap!r}; stages are {self.stages()}")
        return tap

    def _run_tapped(self, x: Tensor, names: list[str], options: Mapping[str, Any]) -> list[Any]:
        seen: dict[str, Any] = {}

        def keep(name: str) -> Any:
            return lambda _module, _inputs, output: seen.__setitem__(name, output)

        modules = dict(self.named_modules())
        handles = [modules[name].register_forward_hook(keep(name)) for name in names]
        try:
            self.features(x, **options)
        finally:
            for handle in handles:
                handle.remove()
        return [seen[name] for name in names]

    def _reduce(self, output: Any, how: str) -> Tensor:
        if how not in REDUCTIONS:
            raise ParameterError(f"reduce must be of {', '.join(REDUCTIONS)}, got {how!r}")
        tokens, cls = self.tokens(output)
        if how == "mean":
            return tokens.mean(1)
        if how == "std":
            return tokens.std(1, correction=0)
        if cls is None:
            raise ParameterError(f"{type(self).__name__} has no class token: reduce by mean or std")
        return cls

    def rename(self, key: str) -> str:
        """Return the module's key for an official one without wrapper prefixes."""
        return key

    def adapt(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return matched tensors of other shapes in this configuration's."""
        return state

    def load_official(self, state_dict: Mapping[str, Any]) -> list[str]:
        """Load weights under any official key naming scheme.

        Parameters
        ----------
        state_dict : mapping
            What an official file holds.

        Returns
        -------
        list of str
            Keys of the file that were left out.

        Raises
        ------
        ParameterError
            Listing what is missing, unexpected or of another shape.
        """
        return checkpoint.load(self, state_dict, self.rename, self.drops, self.heads, self.adapt)


class ImageBackbone(Backbone):
    """A network of single images; a clip's vector is the mean over its frames."""

    def image_features(self, images: Tensor) -> Tensor:
        """Return the published embedding, (N, D), of (N, C, H, W) normalised images."""
        raise NotImplementedError

    def features(self, x: Tensor, **options: Any) -> Tensor:
        """Return (N, D) vectors of (N, C, 1, H, W) images."""
        return self.image_features(x[:, :, 0], **options)

    def embed(
        self,
        x: Tensor,
        tap: int | str | Sequence[int | str] | None = None,
        reduce: str | Sequence[str] = "mean",
        **options: Any,
    ) -> Tensor:
        """Return one vector per clip, (B, C, T, H, W) to (B, D); see `Backbone.embed`."""
        batch, channels, frames, height, width = x.shape
        images = x.transpose(1, 2).reshape(batch * frames, channels, 1, height, width)
        rows = super().embed(images, tap, reduce, **options)
        return rows.reshape(batch, frames, -1).mean(1)


class Mlp(nn.Module):
    """Linear, activation, linear."""

    def __init__(self, dim: int, hidden: int, activation: nn.Module | None = None) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden)
        self.act = activation if activation is not None else nn.GELU()
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.act(self.fc1(x)))
