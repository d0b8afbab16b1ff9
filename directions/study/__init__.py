"""The paper's Tables 1 and 2 and Figures 3 and 5 in one piece of work that can be interrupted."""
