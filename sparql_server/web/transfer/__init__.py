"""Rules of any answer: who may read it, how it is coded, files sent from where they lie."""
