"""Plans: an access request compiled to the typed artefacts that make it true in AWS. Pure: no clock, no chance, no I/O."""
