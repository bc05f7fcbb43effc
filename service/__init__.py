"""What runs: the web process, the worker, the command line. The top layer; nothing imports it."""
