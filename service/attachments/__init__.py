"""Pictures that shoppers send: checked by their content, cleaned, kept, shown by signed links."""
