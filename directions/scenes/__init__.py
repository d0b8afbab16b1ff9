"""Rendered image sets with known factors."""
