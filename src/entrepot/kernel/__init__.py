"""Words every room shares: money, codes, issues, periods. Standard library only."""
