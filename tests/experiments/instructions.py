"""Counts the instructions of one forward pass on an emulated Cortex-A76. It measures no time, nor could it.

Needs QEMU's user mode emulation; a folder ARM with Debian's python3.11 and its libraries for arm64 unpacked;
a folder SITE with the aarch64 wheels of the pinned numpy, opencv-python-headless and onnxruntime unpacked.
onnxruntime reads the processor's features from ARM/proc/cpuinfo, which must be that of a Raspberry Pi 5.

    gcc -O2 -shared -fPIC -o count.so tests/experiments/count_instructions.c
    qemu-aarch64 -cpu cortex-a76 -plugin ./count.so -L ARM -E PYTHONPATH=SITE ARM/usr/bin/python3.11 \\
        tests/experiments/instructions.py opencv MODEL.onnx 3 112 112

Runs without the product, which that Python does not have. Of the lines printed the last one counts.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress

import numpy as np

MARK = 900000
"""A process group that does not exist: asking for it tells the plugin to print and to start anew."""


def mark() -> None:
    """Print what was executed since the last call."""
    with suppress(ProcessLookupError):
        os.getpgid(MARK)


def forward(runtime: str, path: str, shape: tuple[int, int, int]) -> Callable[[], object]:
    """`runtime`: onnxruntime, opencv, or opencv-fp16 (its older engine, which can use float16 on Arm)."""
    picture = np.random.default_rng(1).uniform(0, 255, (1, *shape)).astype(np.float32)
    if runtime == "onnxruntime":
        import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415 - one of the two, counted alone

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options)
        return lambda: session.run(None, {session.get_inputs()[0].name: picture})
    import cv2  # noqa: PLC0415 - one of the two, counted alone

    cv2.setNumThreads(1)
    half = runtime == "opencv-fp16"
    network = cv2.dnn.readNetFromONNX(path, engine=cv2.dnn.ENGINE_CLASSIC if half else cv2.dnn.ENGINE_AUTO)
    if half:
        network.setPreferableTarget(cv2.dnn.DNN_TARGET_CPU_FP16)
    outputs = network.getUnconnectedOutLayersNames()

    def run() -> object:
        network.setInput(picture)
        return network.forward(outputs)

    return run


def main(runtime: str, path: str, channels: str, height: str, width: str) -> None:
    """Warm up, then count twice: both lines must agree but for a few hundred instructions of Python."""
    run = forward(runtime, path, (int(channels), int(height), int(width)))
    run()
    run()
    mark()
    for _ in range(2):
        run()
        mark()


if __name__ == "__main__":
    main(*sys.argv[1:])
