"""What numbers mean: tank stock, balance, design deviation, alarms. No Qt, no I/O."""
