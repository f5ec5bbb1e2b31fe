"""Checks of the source tree that neither the compiler nor the formatter makes."""
