"""Throw-away PostgreSQL servers, and what lies between one and its client: a relay that breaks, a PgBouncer."""
