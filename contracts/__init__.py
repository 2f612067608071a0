"""The language every part speaks: tags, samples, events, names, plants and tables.

Nothing here opens a socket or draws a pixel, so the desktop, each cloud box and the simulator can all depend on it.
"""
