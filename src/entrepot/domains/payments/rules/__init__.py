"""Pure rules of payment: numbers of accounts and cards, exemptions from strong authentication, warehouse fees."""
