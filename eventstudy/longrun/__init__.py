"""The long run: what firms earned in the year after their event."""
