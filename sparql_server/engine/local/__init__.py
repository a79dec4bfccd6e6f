"""The local engine: worker processes on a release, from Oxigraph's store and from columns."""
