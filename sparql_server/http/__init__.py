"""HTTP: connections, requests read within limits, and the server that holds them (waitress)."""
