"""Training a small class-conditional BigGAN-deep, whose generator is the library's own class."""
