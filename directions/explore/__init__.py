"""A page for moving along directions: what it shows and what must be generated for it."""
