"""Mixed load on a server for minutes, while releases switch and processes are killed."""
