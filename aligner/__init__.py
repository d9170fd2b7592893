"""From a news article to captions."""
