"""The BigGAN of the paper: `G_ema.pth` files of BigGAN-PyTorch, z in chunks."""
