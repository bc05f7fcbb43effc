"""What the shop answers: articles as files, and the search over them."""
