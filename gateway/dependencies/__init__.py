"""The dependencies for handlers' signatures; each declares its own problem codes."""
