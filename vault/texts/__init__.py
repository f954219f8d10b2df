"""The texts for users: `nl.json` and `en.json`, also read by the web app, and their catalogue."""
