"""How much one connection may ask of the server, each limit by its name. Pure."""

HEAD_S = 10.0
"""A request's head is complete within this time after the connection, or after the last answer."""
HEAD_BYTES = 64 << 10
"""A request's head that is longer is refused."""
WAITING_MOST = 2_048
"""So many connections may wait for the rest of a request's head; the oldest makes room."""
IDLE_S = 5
"""A connection that asks nothing for so long after an answer is closed."""
TAKE_S = 10.0
"""Of what was sent so much is taken within this time; else the connection ends."""
TAKE_BYTES = 64 << 10
CLOSE_S = 1.0
"""A WebSocket client answers a closing handshake within this time."""
CLIENTS_MOST = 2_000
"""So many WebSocket clients are served, counted once they are let in."""
ARRIVALS_A_SECOND = 200
"""So many WebSocket clients are let in each second; the others wait for their turn."""
ARRIVAL_S = 10.0
"""A WebSocket client that would have to wait longer is not let in."""
MESSAGE_BYTES = 64 << 10
"""A WebSocket client's message, put together from its fragments, is no longer."""
MESSAGES_A_SECOND = 20
"""A WebSocket client sends no more messages."""
FRAMES_A_SECOND = 50
"""A WebSocket client sends no more pings, pongs and fragments."""
STOP_S = 1
"""Connections get this long to end by themselves when the server stops."""
