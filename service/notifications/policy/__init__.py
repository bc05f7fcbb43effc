"""Who may be told what now: by the shop, the shopper, the hour and the price."""
