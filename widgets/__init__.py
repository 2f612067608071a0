"""One file per thing a person looks at."""
