"""What shoppers see: the widget, its frame, the demo shop. No build step."""
