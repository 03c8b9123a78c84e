"""What a user can do, one table for every door."""
