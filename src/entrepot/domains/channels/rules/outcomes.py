"""What a row of a file can become, each with the number it is kept under."""

OUTCOMES = {
    "order_line": 1,
    "return": 2,
    "write_off": 3,
    "fee": 4,
    "adjustment": 5,
    "duplicate": 6,
    "rejected": 7,
    "tax": 8,
    "transfer": 9,
    "note": 10,
    "cancelled": 11,
    "settled": 12,
    "added": 13,
    "changed": 14,
    "same": 15,
}
