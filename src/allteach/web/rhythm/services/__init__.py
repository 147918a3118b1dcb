"""Every change in this room, one file a subject."""
