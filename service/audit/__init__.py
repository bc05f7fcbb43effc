"""What people did and saw, in a log that the app cannot change."""
