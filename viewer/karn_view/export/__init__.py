"""A run taken away: as CSV, as Parquet, as one page that replays it offline."""
