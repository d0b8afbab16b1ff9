"""ProGAN (Karras et al. 2018) trained with the Hessian Penalty: sections 4.1 and 4.2."""
