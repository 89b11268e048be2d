"""The text that lies beside each model, so that whoever finds the file knows what it is and is not."""

from edge.vision.models.catalogue import Conversion, Model

_CONVERSIONS = {
    Conversion.NONE: "none: the file is stored as its makers ship it",
    Conversion.FOLD_BLOCK_WEIGHTS: "block-quantised weights folded into float32, one input left",
    Conversion.DLIB_TO_ONNX: "dlib's own format rewritten as an ONNX graph, same weights",
    Conversion.MINIFASNET_TO_ONNX: "PyTorch weights rewritten as an ONNX graph, normalisation folded",
}


def model_card(model: Model) -> str:
    """Markdown, for people."""
    return f"""# {model.name}: {model.role}

| | |
|---|---|
| file | `{model.file}`, {model.size} bytes |
| SHA-256 | `{model.sha256}` |
| source | {model.source} |
| taken from | `{model.member}` of `{model.wheel.requirement}` |
| SHA-256 there | `{model.member_sha256}` |
| conversion | {_CONVERSIONS[model.conversion]} |
| licence | {model.licence} |
| input | {model.input} |
| published accuracy | {model.accuracy} |

What it is not good at: {model.weakness}

Check it with `qaqpa-gate models verify`.
"""
