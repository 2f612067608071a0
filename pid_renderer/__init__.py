"""A P&ID file becomes a plant graph and a drawing, then a picture that shows samples."""
