"""The training side of karn: telemetry events, appended to a run file as JSON lines."""
