"""The whole learning step on the meta device: a tensor left on the CPU beside one there raises."""

import torch
from pytorch_pretrained_biggan.config import BigGANConfig
from pytorch_pretrained_biggan.model import BigGAN

from directions.config import LearnConfig
from directions.generators.biggan.folded import FoldedBigGAN
from directions.generators.biggan.network import BoundBigGAN, prepared
from directions.learn import Learner
from directions.traverse import aligned


def test_learning_runs_where_the_network_is():
    network = prepared(BigGAN(BigGANConfig()), 0.4).to("meta")
    generator = BoundBigGAN(FoldedBigGAN(network), "biggan-deep-128/207", 207, 0.4)
    config = LearnConfig(steps=1, batch_size=4, micro_batch=2)
    (step,) = Learner([generator], config, slots=range(1, 4), device="meta").steps()
    assert step.basis.device.type == "meta" and step.basis.shape == (128, 128)
    assert step.penalty.device.type == "meta"


def test_alignment_and_images_stay_on_the_device():
    network = prepared(BigGAN(BigGANConfig()), 1.0).to("meta")
    generator = BoundBigGAN(FoldedBigGAN(network), "biggan-deep-128/0", 0, 1.0)
    z = torch.empty(2, 128, device="meta")
    basis = torch.empty(3, 128, device="meta")
    after = aligned(z, basis)
    assert generator(after).device.type == "meta"
