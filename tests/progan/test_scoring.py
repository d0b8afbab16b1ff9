import pytest
import torch

from directions.metrics.diagonality import Diagonality
from directions.metrics.epsilon_sweep import EPSILONS, Swept
from directions.progan.scoring import activeness_scores, diagonality_scores, sweep_scores


def test_components_are_active_from_a_share_of_the_largest_on():
    found = [torch.full((4,), value) for value in (0.4, 8.0, 0.39, 0.0)]
    told = activeness_scores(found, 0.05)
    assert told["active"] == 2 and told["samples"] == 4 and told["threshold"] == 0.05
    assert told["components"][1] == [8.0, 8.0, 8.0]
    assert activeness_scores(found, 0.04)["active"] == 3
    assert activeness_scores([torch.zeros(4)] * 3, 0.05)["active"] == 0


def test_intervals_of_activeness_are_of_samples():
    mean, low, high = activeness_scores([torch.arange(100.0)], 0.05)["components"][0]
    assert mean == 49.5 and high - low == pytest.approx(2 * 1.96 * 28.9 / 10, rel=0.1)


def test_both_ratios_are_told_apart():
    points = [Diagonality(0.5, 10.0, 1.0, 1.0), Diagonality(1.0, 20.0, 9.0, 1.0)]
    told = diagonality_scores(points)
    assert told["share"][0] == 0.75 and told["mean_of_ratios"][0] == 15
    assert told["ratio_of_means"][0] == pytest.approx(5)


def test_a_linear_generator_divides_nothing_by_nothing():
    told = diagonality_scores([Diagonality(1.0, 0.0, 0.0, 0.0)] * 2)
    assert told["share"] == [1, 1, 1] and told["ratio_of_means"] == [0, 0, 0]


def test_every_step_of_a_sweep_has_its_error_and_scores():
    exact, rough = Diagonality(1.0, 4.0, 4.0, 1.0), Diagonality(0.5, 2.0, 2.0, 1.0)
    swept = Swept(exact, tuple(2 * e for e in EPSILONS), tuple(rough for _ in EPSILONS))
    told = sweep_scores([swept, swept])
    assert told["samples"] == 2 and told["exact"]["share"][0] == 1.0
    assert [one["epsilon"] for one in told["steps"]] == list(EPSILONS)
    assert told["steps"][2]["error"][0] == pytest.approx(2 * EPSILONS[2])
    assert told["steps"][2]["mean_of_ratios"][0] == 2
