"""Settings, wiring and commands: what turns the house into one running process.

Every process passes here before it loads Polars, so this is where its allocator is told how to behave: memory that a
step gave back is kept at hand for the next one for a minute, instead of being returned to the system and asked for
again at once, which cost a sixth of the engine's time.
"""

import os

os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:60000,muzzy_decay_ms:60000")
