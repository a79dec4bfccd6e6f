"""What holds of answers whatever they say: who may read them, and files sent from where they lie."""
