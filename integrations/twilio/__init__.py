"""What SMS and WhatsApp through Twilio share: one account, one signature, one API."""
