"""Measures the release binary from outside: processes, their time and memory, and the files that they leave."""
