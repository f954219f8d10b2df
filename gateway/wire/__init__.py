"""The JSON bodies of every route, in both directions: strict, bounded, one model a body (see `/openapi.json`)."""
