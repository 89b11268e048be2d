"""Pure rules over consents: no vault, no vision, no clock of their own."""
