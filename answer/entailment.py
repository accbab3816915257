"""An optional cross-encoder for natural language inference, named by the setting NLI.

Not needed and not bundled: the verifier is deterministic without it. With it, claims without a hard
finding are judged half by the model (:func:`answer.verify.verify`, parameter ``entailment``).
"""

from __future__ import annotations

from functools import lru_cache

from answer.verify import Entailment
from index.settings import setting


class EntailmentUnavailable(RuntimeError):
    """The model cannot be loaded; the message says what to change."""


@lru_cache(maxsize=2)
def open_entailment(name: str = "") -> Entailment | None:
    """The model of that name or path (default: the setting NLI), or None when none is named.

    The model's label named "entailment" is used; a model with one output is taken as its probability.
    Raises EntailmentUnavailable.
    """
    name = name or setting("NLI")
    if not name:
        return None
    try:
        from sentence_transformers import CrossEncoder

        model = CrossEncoder(name)
    except Exception as error:  # hub, file and configuration errors all mean the same to the caller
        raise EntailmentUnavailable(f"NLI={name!r} cannot be loaded: {str(error)[:200]}") from error
    labels = getattr(model.config, "id2label", {}) or {}
    wanted = next((int(i) for i, label in labels.items() if "entail" in str(label).lower()), None)

    def entailment(claim: str, source: str) -> float:
        import numpy as np

        scores = np.atleast_1d(np.asarray(model.predict([(source, claim)])[0], dtype=float))
        if len(scores) == 1 or wanted is None:
            return float(1 / (1 + np.exp(-scores[0]))) if not 0 <= scores[0] <= 1 else float(scores[0])
        spread = np.exp(scores - scores.max())
        return float(spread[wanted] / spread.sum())

    return entailment
