"""A stand-in for Libris' servers on 127.0.0.1, which can be told to misbehave."""
