"""How the models that pillarbox carries were trained. Nothing here is needed to run it."""
