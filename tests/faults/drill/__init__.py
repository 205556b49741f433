"""The fault drill: the whole product at work, while one part after another is killed, cut off or made to forget.

`make chaos` runs it seed by seed and writes docs/fault-drill.md; tests/faults/test_drill.py runs a short form.
"""
