"""What the cloud is configured with, and what stands in for it on one machine."""
