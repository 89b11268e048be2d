"""Opens an ONNX model with onnxruntime, sparing the processor for the camera."""

import onnxruntime  # type: ignore[import-untyped]
from onnxruntime.capi import onnxruntime_pybind11_state as failures  # type: ignore[import-untyped]

from edge.errors import ModelError


def open_session(model: bytes, what: str, remedy: str, threads: int = 1) -> onnxruntime.InferenceSession:
    """A session on the processor. Raises ModelError that names `what` and says `remedy`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Idle workers that spin take the processor from the camera and from other sessions.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except (
        failures.Fail,
        failures.InvalidProtobuf,
        failures.InvalidGraph,
        failures.NotImplemented,
    ) as error:
        raise ModelError(f"onnxruntime cannot run {what}", remedy) from error
