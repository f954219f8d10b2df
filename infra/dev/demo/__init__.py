"""`make demo`: the main job with real PDFs and a fresh vault, each step as a person would type it."""
