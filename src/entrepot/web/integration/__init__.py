"""Pages for other programs: tokens of the API, webhooks, jobs."""
