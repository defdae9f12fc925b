"""The steps from a definition to the places of everything on paper: words set, blocks stacked, pages filled."""
