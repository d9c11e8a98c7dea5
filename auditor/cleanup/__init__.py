"""Lists what auditor left on this machine by age and size, and removes it when told: `auditor clean`."""
