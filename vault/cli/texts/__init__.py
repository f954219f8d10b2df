"""Everything the command says, in Dutch and English: a file for each verb, loaded when that verb speaks."""
