"""What is known of large run files, kept outside their folders from one viewer to the next."""
