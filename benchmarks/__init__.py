"""What the product costs and how fast it is: one module a benchmark, each with `run()` → its figures."""
