"""What flows on the desktop: live store, sources, historians. No Qt."""
