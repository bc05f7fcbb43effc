"""What shoppers have asked about their own messages and data."""
