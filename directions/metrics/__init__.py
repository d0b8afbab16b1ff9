"""Pure scores on bases and images."""
