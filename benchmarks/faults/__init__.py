"""The way of history under SIGKILL, a broken network, a full disk and rebalances, and the account afterwards."""
