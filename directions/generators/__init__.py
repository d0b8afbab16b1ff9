"""Generators: the protocol, and everything that satisfies it."""
