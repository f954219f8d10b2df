"""What the vault says to people: `nl.json` and `en.json`, which the web reads too, and the catalogue over them."""
