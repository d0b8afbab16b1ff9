"""Pictures to train on: any folder or zip, rendered sets, and the packed form that trains fast."""
