"""What a handler can ask for in its signature; each dependency says itself which errors it can answer with."""
