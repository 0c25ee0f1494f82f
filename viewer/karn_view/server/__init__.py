"""The runs of this viewer over HTTP and WebSocket."""
