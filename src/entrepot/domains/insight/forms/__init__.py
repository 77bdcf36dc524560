"""What people type and choose in insight, and the words for it."""
