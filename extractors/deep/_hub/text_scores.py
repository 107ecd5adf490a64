"""Scores of a video against texts: an image-text or video-text model with its texts' vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .._networks.layers import Backbone
from .network import HubNetwork


class PromptNetwork(Backbone):
    """Feeds (B, C, T, H, W) clips to a model and compares its vectors with those of texts.

    The vectors of the texts are computed once, here.

    Parameters
    ----------
    network : HubNetwork
        A model with its text tower, in eval mode.
    rows : sequence of sequence of int
        Token ids of the texts.
    lengths : sequence of int
        Number of texts of each prompt, in order: 2 for a pair, 1 for a text alone.
    differences : bool
        Whether a pair gives the difference of its similarities, not the probability of its first text.
    """

    def __init__(
        self, network: HubNetwork, rows: Sequence[Sequence[int]], lengths: Sequence[int], differences: bool
    ) -> None:
        super().__init__()
        self.network = network
        self.model_type = network.model_type
        self.lengths = list(lengths)
        self.differences = differences
        self.texts: Tensor
        self.register_buffer("texts", self._text_vectors(rows), persistent=False)

    def features(self, x: Tensor, **options: Any) -> Tensor:
        """(B, 3, T, H, W) to (B, prompts)."""
        similarities = self.similarities(x).float()
        scale = self.network.model.logit_scale.exp().float()
        scores = []
        for found in torch.split(similarities, self.lengths, dim=1):
            if found.shape[1] == 1:
                scores.append(found[:, 0])
                continue
            difference = found[:, 0] - found[:, 1]
            # the softmax over two values; a bias of the logits (SigLIP) has no effect on it
            scores.append(difference if self.differences else torch.sigmoid(scale * difference))
        return torch.stack(scores, dim=1)

    def similarities(self, x: Tensor) -> Tensor:
        """(B, 3, T, H, W) to the cosine similarities to all texts, (B, texts)."""
        if self.model_type == "xclip":
            vectors, texts = self._video_and_texts(x.transpose(1, 2).contiguous())
            return torch.einsum("bd,bkd->bk", _unit(vectors), _unit(texts))
        return _unit(self.network.features(x)) @ _unit(self.texts).T

    def _text_vectors(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """Return the projected vectors of the texts, (texts, D)."""
        model = self.network.model
        device = next(model.parameters()).device
        vectors = []
        with torch.inference_mode():
            for row in rows:
                found = model.get_text_features(input_ids=torch.tensor([row], device=device))
                vectors.append(found if isinstance(found, Tensor) else found.pooler_output)
        return torch.cat(vectors).clone()

    def _video_and_texts(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Return X-CLIP's vectors of clips, (B, D), and those of the texts with each, (B, texts, D).

        X-CLIP adds to a text's vector what its prompt generator reads in the patches of the clip.
        """
        model = self.network.model
        batch, count = frames.shape[:2]
        seen = model.vision_model(pixel_values=frames.flatten(0, 1))
        projected = model.visual_projection(seen.pooler_output).view(batch, count, -1)
        video = model.mit(projected).pooler_output
        patches = model.prompts_visual_layernorm(seen.last_hidden_state[:, 1:])
        patches = patches @ model.prompts_visual_projection
        patches = patches.view(batch, count, -1, video.shape[-1]).mean(dim=1)
        texts = self.texts.expand(batch, -1, -1)
        return video, texts + model.prompts_generator(texts, patches)


def _unit(vectors: Tensor) -> Tensor:
    return vectors / vectors.norm(dim=-1, keepdim=True)
