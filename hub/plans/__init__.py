"""Plans: an access request compiled to the typed artefacts that make it true. Pure: no clock, no chance, no I/O."""
