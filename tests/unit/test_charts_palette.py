"""The palette, computed: contrast on white, and distance of states for four kinds of eyes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from allteach.charts import palette
from allteach.charts.spec import Shape

# Machado, Oliveira & Fernandes 2009, full severity, on linear RGB.
EYES = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
STATES = (Shape.COMMON, Shape.IMPROVING, Shape.CONCERNING, Shape.CHANGED)
TEXTS = (palette.INK, palette.TEXT, palette.LIMIT, palette.TARGET, palette.FLAG, *palette.STATE.values())


def linear(code: str) -> np.ndarray:
    rgb = np.array([int(code[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(code: str) -> float:
    light = float(linear(code) @ [0.2126, 0.7152, 0.0722])
    return 1.05 / (light + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("code", sorted(set(TEXTS)))
def test_contrast_on_white(code: str) -> None:
    assert contrast(code) >= 4.5


@pytest.mark.parametrize("eyes", EYES)
def test_states_stay_apart(eyes: str) -> None:
    seen = {state: lab(EYES[eyes] @ linear(palette.STATE[state])) for state in STATES}
    assert min(np.linalg.norm(seen[a] - seen[b]) for a, b in combinations(STATES, 2)) >= 30


def test_states_differ_in_shape() -> None:
    from allteach.charts.svg.ink import outline

    assert len({outline(state, 1, 0, 0, 4) for state in STATES}) == len(STATES)
