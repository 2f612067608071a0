"""What processes run on: how a child reports and stops, where its files lie, which Java and jars it uses."""
