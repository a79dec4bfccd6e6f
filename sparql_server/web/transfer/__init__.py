"""What holds of any answer: who may read it, and files that are sent from where they lie."""
