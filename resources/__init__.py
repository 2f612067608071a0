"""Files the program ships: plants, symbols, themes, fonts, translations, DDL."""
