"""Published weights of networks with many files: where they are, and what is known of them."""
