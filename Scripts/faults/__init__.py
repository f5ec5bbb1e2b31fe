"""The fault suite: one test per case of the acceptance list, with real processes, signals, servers and networks."""
