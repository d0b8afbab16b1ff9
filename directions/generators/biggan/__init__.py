"""Pretrained BigGAN-deep, the embedded model, class labels, weights."""
