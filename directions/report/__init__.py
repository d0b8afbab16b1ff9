"""One page that shows a measured basis: figures, walks, words, and how they are put together."""
