"""The reference plants, and the script that draws their sheets."""
