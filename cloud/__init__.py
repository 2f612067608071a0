"""One folder per box of the cloud architecture, each deployable alone."""
