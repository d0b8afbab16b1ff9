"""The page of `directions explore`: what is seen and touched; the rest is in directions.explore."""
