"""`make demo`: the main job with real PDFs and a vault of its own, each step as a person would type it."""
